/** The sheet of keys, made of the table that the handler reads. */

import { h } from "../dom.js";
import { KEYS, showKey } from "../keyboard.js";
import { openDialog } from "./dialog.js";

export function openKeySheet() {
  const groups = group(KEYS);
  const parts = [...groups].map(([name, entries]) =>
    h(
      "section",
      {},
      h("h3", {}, name),
      h(
        "dl",
        { class: "keys" },
        entries.map((entry) =>
          h("div", {}, h("dt", {}, h("kbd", {}, showKey(entry))), h("dd", {}, entry.text)),
        ),
      ),
    ),
  );
  return openDialog({
    title: "Keys",
    body: h("div", { class: "key-sheet", "data-testid": "key-sheet" }, parts),
    wide: true,
  });
}

function group(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) || []), entry]);
  return groups;
}
