/** The sheet of keys, made of the table that the handler reads. */

import { h } from "../dom.js";
import { KEYS, showKey } from "../keyboard.js";
import { openDialog } from "./dialog.js";

export function openKeySheet() {
  const groups = Object.groupBy(KEYS, (entry) => entry.group);
  const parts = Object.entries(groups).map(([name, entries]) =>
    h(
      "section",
      h("h3", name),
      h(
        "dl.keys",
        entries.map((entry) => h("div", h("dt", h("kbd", showKey(entry))), h("dd", entry.text))),
      ),
    ),
  );
  return openDialog({
    title: "Keys",
    body: h("div.key-sheet", { testid: "key-sheet" }, parts),
    wide: true,
  });
}
