/** One table of keys: it drives the handler, the tooltips and the sheet that `?` opens. */

/** By group: `action: [keys with spaces between, text]`; the steps of a sequence are joined by "_". */
const TABLE = {
  Everywhere: {
    record: ["r", "Record a meeting"],
    import: ["i", "Import a file"],
    search: ["/", "Search everything"],
    goLibrary: ["g_l", "Go to the library"],
    goRecord: ["g_r", "Go to recording"],
    goSearch: ["g_s", "Go to search"],
    help: ["?", "Show these keys"],
    close: ["Escape", "Close or cancel"],
  },
  Playing: {
    playPause: ["Space k", "Play or pause"],
    back5: ["ArrowLeft", "Back 5 seconds"],
    forward5: ["ArrowRight", "Forward 5 seconds"],
    back10: ["j", "Back 10 seconds"],
    forward10: ["l", "Forward 10 seconds"],
    previousSegment: ["Shift+ArrowLeft", "Previous passage"],
    nextSegment: ["Shift+ArrowRight", "Next passage"],
    slower: [",", "Slower"],
    faster: [".", "Faster"],
    start: ["0", "To the start"],
    toNow: ["End", "Back to what is being said"],
  },
  Reading: {
    find: ["f Ctrl+f", "Find in this transcript"],
    nextHit: ["n", "Next hit"],
    previousHit: ["Shift+N", "Previous hit"],
    rowUp: ["ArrowUp", "Passage above"],
    rowDown: ["ArrowDown", "Passage below"],
  },
  Changing: {
    edit: ["Enter", "Correct the chosen passage"],
    save: ["Ctrl+Enter", "Save the correction"],
    assign: ["1 2 3 4 5 6 7 8 9", "Give the chosen passage to a speaker", "1 – 9"],
    undo: ["Ctrl+z", "Undo the last correction"],
    redo: ["Ctrl+Shift+Z Ctrl+y", "Redo what was undone", "Ctrl+Y"],
    replace: ["Ctrl+h", "Find and replace"],
    highlight: ["h", "Highlight the passage"],
    marker: ["m", "Set a marker"],
    note: ["Shift+M", "Write a note at this moment"],
    export: ["e", "Export"],
    copy: ["c", "Copy as Markdown"],
  },
  Recording: { pause: ["p", "Pause or continue recording"], stop: ["s", "Stop recording"] },
};
export const KEYS = Object.entries(TABLE).flatMap(([group, actions]) =>
  Object.entries(actions).map(([action, [keys, text, shown]]) => {
    return { action, group, text, shown, keys: keys.split(" ") };
  }),
);

const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
const SEQUENCE_MS = 1200;
const stack = [];
let prefix = { key: "", until: 0 };

/** Functions by action name, until `signal` is aborted; the newest binding of an action wins. */
export function bind(actions, signal) {
  stack.push(actions);
  signal?.addEventListener("abort", () => stack.splice(stack.indexOf(actions), 1));
}

const findAction = (name) => stack.findLast((actions) => actions[name])?.[name];

export function showKey(entry) {
  return entry.shown || entry.keys.map(showOne).join(" or ");
}

const showOne = (key) =>
  key
    .split("_")
    .map((step) =>
      step
        .split("+")
        .map((part) => NAMES[part] || (part.length === 1 ? part.toUpperCase() : part))
        .join("+"),
    )
    .join(" then ");

/** "Play or pause (Space or K)": for a tooltip. */
export function hint(action, text = "") {
  const entry = KEYS.find((one) => one.action === action);
  return `${text || entry.text} (${showKey(entry)})`;
}

function nameKey({ key, ctrlKey, metaKey, shiftKey }) {
  const name = key === " " ? "Space" : key;
  const hasControl = ctrlKey || metaKey;
  const isShifted = shiftKey && (name.length > 1 || /[A-Z]/.test(name));
  const base = name.length === 1 && !isShifted ? name.toLowerCase() : name;
  return `${hasControl ? "Ctrl+" : ""}${isShifted ? "Shift+" : ""}${base}`;
}

const isTyping = (target) =>
  target.closest?.(
    "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]",
  ) !== null;

/** Keys that a focused control uses itself. */
function isTaken(target, key) {
  const control = target.closest?.(
    "button, a, summary, [role=menuitem], [role=tab], [role=slider], [type=checkbox], [type=radio]",
  );
  if (!control) return false;
  if (key.startsWith("Arrow")) return control.matches("[role=slider], [role=tab], [role=menuitem]");
  return key === "Space" || key === "Enter";
}

function match(key) {
  const chord = performance.now() < prefix.until ? `${prefix.key}_${key}` : "";
  prefix = { key: "", until: 0 };
  const findKey = (name) => KEYS.find(({ keys }) => keys.includes(name));
  const found = findKey(chord) || findKey(key);
  if (!found && key === "g") prefix = { key, until: performance.now() + SEQUENCE_MS };
  return found;
}

export function onKeyDown(event) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = nameKey(event);
  if (isTaken(event.target, key)) return;
  const action = findAction(match(key)?.action);
  if (!action) return;
  if (action(event, key) !== false) event.preventDefault();
}
