/** One table of keys: it drives the handler, the tooltips and the sheet that `?` opens. */

export const KEYS = [
  { action: "record", keys: ["r"], text: "Record a meeting", group: "Everywhere" },
  { action: "import", keys: ["i"], text: "Import a file", group: "Everywhere" },
  { action: "search", keys: ["/"], text: "Search everything", group: "Everywhere" },
  { action: "goLibrary", keys: ["g l"], text: "Go to the library", group: "Everywhere" },
  { action: "goRecord", keys: ["g r"], text: "Go to recording", group: "Everywhere" },
  { action: "goSearch", keys: ["g s"], text: "Go to search", group: "Everywhere" },
  { action: "help", keys: ["?"], text: "Show these keys", group: "Everywhere" },
  { action: "playPause", keys: ["Space", "k"], text: "Play or pause", group: "Playing" },
  { action: "back5", keys: ["ArrowLeft"], text: "Back 5 seconds", group: "Playing" },
  { action: "forward5", keys: ["ArrowRight"], text: "Forward 5 seconds", group: "Playing" },
  { action: "back10", keys: ["j"], text: "Back 10 seconds", group: "Playing" },
  { action: "forward10", keys: ["l"], text: "Forward 10 seconds", group: "Playing" },
  {
    action: "previousSegment",
    keys: ["Shift+ArrowLeft"],
    text: "Previous passage",
    group: "Playing",
  },
  { action: "nextSegment", keys: ["Shift+ArrowRight"], text: "Next passage", group: "Playing" },
  { action: "slower", keys: [","], text: "Slower", group: "Playing" },
  { action: "faster", keys: ["."], text: "Faster", group: "Playing" },
  { action: "start", keys: ["0"], text: "To the start", group: "Playing" },
  { action: "toNow", keys: ["End"], text: "Back to what is being said", group: "Playing" },
  { action: "find", keys: ["f", "Ctrl+f"], text: "Find in this transcript", group: "Reading" },
  { action: "nextHit", keys: ["n"], text: "Next hit", group: "Reading" },
  { action: "previousHit", keys: ["Shift+N"], text: "Previous hit", group: "Reading" },
  { action: "rowUp", keys: ["ArrowUp"], text: "Passage above", group: "Reading" },
  { action: "rowDown", keys: ["ArrowDown"], text: "Passage below", group: "Reading" },
  { action: "edit", keys: ["Enter"], text: "Correct the chosen passage", group: "Changing" },
  { action: "save", keys: ["Ctrl+Enter"], text: "Save the correction", group: "Changing" },
  {
    action: "assign",
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 – 9",
    text: "Give the chosen passage to a speaker",
    group: "Changing",
  },
  { action: "undo", keys: ["Ctrl+z"], text: "Undo the last correction", group: "Changing" },
  { action: "note", keys: ["m"], text: "Write a note at this moment", group: "Changing" },
  { action: "export", keys: ["e"], text: "Export", group: "Changing" },
  { action: "copy", keys: ["c"], text: "Copy as Markdown", group: "Changing" },
  { action: "pause", keys: ["p"], text: "Pause or continue recording", group: "Recording" },
  { action: "stop", keys: ["s"], text: "Stop recording", group: "Recording" },
  { action: "close", keys: ["Escape"], text: "Close or cancel", group: "Everywhere" },
];

const NAMES = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};
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
    .split(" ")
    .map((step) =>
      step
        .split("+")
        .map((part) => NAMES[part] || (part.length === 1 ? part.toUpperCase() : part))
        .join("+"),
    )
    .join(" then ");

/** "Play or pause (Space or K)": for a tooltip. */
export function hint(action, text = "") {
  const entry = KEYS.find((candidate) => candidate.action === action);
  return `${text || entry.text} (${showKey(entry)})`;
}

function nameKey(event) {
  const key = event.key === " " ? "Space" : event.key;
  const withControl = event.ctrlKey || event.metaKey;
  const base = key.length === 1 && withControl ? key.toLowerCase() : key;
  const isShifted = event.shiftKey && (key.length > 1 || /[A-Z]/.test(key));
  return `${withControl ? "Ctrl+" : ""}${isShifted ? "Shift+" : ""}${isShifted || key.length > 1 ? base : base.toLowerCase()}`;
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
  if (control.matches("[role=slider], [role=tab], [role=menuitem]") && key.startsWith("Arrow"))
    return true;
  return key === "Space" || key === "Enter";
}

function match(key) {
  const isSecond = prefix.key && performance.now() < prefix.until;
  const chord = isSecond ? `${prefix.key} ${key}` : "";
  prefix = { key: "", until: 0 };
  const found =
    KEYS.find((entry) => entry.keys.includes(chord)) ||
    KEYS.find((entry) => entry.keys.includes(key));
  if (!found && key === "g") prefix = { key, until: performance.now() + SEQUENCE_MS };
  return found;
}

export function onKeyDown(event) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = nameKey(event);
  if (isTaken(event.target, key)) return;
  const entry = match(key);
  const action = entry && findAction(entry.action);
  if (!action) return;
  if (action(event, key) !== false) event.preventDefault();
}
