/** Find and replace in the whole transcript: what would change is shown before it does. */

import { post } from "../api.js";
import { fill, h } from "../dom.js";
import { clockMs, plural } from "../format.js";
import { debounce } from "../timing.js";
import { openDialog } from "../ui/dialog.js";
import { complain } from "../ui/toast.js";

const TYPING_MS = 250;
const MOST_SHOWN = 50;

/** What the service answers, undefined where nothing was changed. */
export function openReplace(store, selected = "") {
  const input = (id, more) => h("input", { id, type: "text", maxlength: 200, testid: id, ...more });
  const find = input("replace-find", { value: selected.trim().slice(0, 200), autofocus: true });
  const by = input("replace-by");
  const matchCase = h("input", { type: "checkbox" });
  const wholeWord = h("input", { type: "checkbox", checked: true });
  const count = h("p.muted", { role: "status", testid: "replace-count" });
  const list = h("ul.changes", { tabindex: "0", label: "What will change", hidden: true });
  const ask = (isRehearsal) =>
    post(store.path("replace"), {
      find: find.value,
      replace: by.value,
      match_case: matchCase.checked,
      whole_word: wholeWord.checked,
      dry_run: isRehearsal,
    });

  async function rehearse() {
    const wanted = find.value;
    try {
      const answer = wanted.trim() ? await ask(true) : { matches: 0, segments: 0, changed: [] };
      if (wanted !== find.value) return; // typed on: the next answer counts
      const places = `${plural(answer.matches, "place")} in ${plural(answer.segments, "passage")}`;
      fill(count, wanted.trim() && (answer.matches ? `${places} will change.` : "Not found."));
      fill(list, answer.changed.slice(0, MOST_SHOWN).map(showChange));
      list.hidden = answer.changed.length === 0;
    } catch (error) {
      fill(count, error.message);
    }
  }

  async function run() {
    try {
      const answer = await ask(false);
      if (answer.matches > 0) return await store.readSegments().then(() => answer);
      fill(count, "Not found.");
    } catch (error) {
      complain(error);
    }
    return false;
  }

  const later = debounce(TYPING_MS, rehearse);
  const field = (text, control) => [h("label", { for: control.id }, text), control];
  const body = h(
    "form.stack",
    { oninput: later, onsubmit: (event) => (event.preventDefault(), rehearse()) },
    field("Find", find),
    field("Replace with", by),
    h("label.check", wholeWord, "Whole words only"),
    h("label.check", matchCase, "Capitals matter"),
    count,
    list,
  );
  if (find.value) later();
  return openDialog({
    title: "Find and replace",
    body,
    actions: [{ text: "Cancel" }, { text: "Replace all", kind: "primary", run, testid: "confirm" }],
  });
}

/** The new text; struck out and marked are only the words that differ. */
function showChange(change) {
  const [before, after] = [change.old_text, change.new_text].map((text) => text.split(" "));
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const cut = (words, from, to) => words.slice(from, to).join(" ");
  const [start, end] = [cut(after, 0, head), cut(after, after.length - tail)];
  const gone = h("del", cut(before, head, before.length - tail));
  const come = h("ins", cut(after, head, after.length - tail));
  return h(
    "li",
    h("span.muted.small", clockMs(change.start_ms)),
    h("p", start, " ", gone, " ", come, " ", end),
  );
}
