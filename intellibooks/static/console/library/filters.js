/** The bar of filters above the library. */

import { h } from "../dom.js";
import { label } from "../format.js";
import { debounce } from "../timing.js";

const STATES = [
  ["", "All"],
  ["recording", "Live"],
  ["processing", "Processing"],
  ["completed", "Ready"],
  ["failed", "Failed"],
];
const SORTS = [
  ["newest", "Newest first"],
  ["oldest", "Oldest first"],
  ["longest", "Longest first"],
  ["title", "By title"],
];
const DAYS = [
  ["", "Any time"],
  ["1", "Today"],
  ["7", "Last 7 days"],
  ["30", "Last 30 days"],
];
const MOODS = ["positive", "neutral", "mixed", "negative"];
const NAMES = ["q", "status", "speaker", "mood", "tag", "from", "sort"];
const TYPING_MS = 300;

export function readFilters(query) {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) || ""]));
}

const daysBack = (days) =>
  days ? new Date(Date.now() - (Number(days) - 1) * 86_400_000).toISOString().slice(0, 10) : "";

/** `learn(meetings)` offers the speakers and tags that occur in them. */
export function buildFilters(wishes, onChange) {
  const current = { ...wishes };
  const change = (name, value) => onChange(Object.assign(current, { [name]: value }));
  const title = buildTitle(current, change);
  const states = buildStates(current, change);
  const when = select("Date", DAYS, "", (days) => change("from", daysBack(days)));
  const speaker = select("Speaker", [["", "Any speaker"]], current.speaker, (value) =>
    change("speaker", value),
  );
  const mood = select(
    "Mood",
    [["", "Any mood"], ...MOODS.map((name) => [name, label(name)])],
    current.mood,
    (value) => change("mood", value),
  );
  const tag = select("Tag", [["", "Any tag"]], current.tag, (value) => change("tag", value));
  const sort = select("Order", SORTS, current.sort || "newest", (value) => change("sort", value));
  const element = h(
    "div.filters",
    { role: "group", label: "Filters" },
    states,
    h("div.row.wrap", title, when, speaker, mood, tag, sort),
  );
  const learn = (meetings, counts) => {
    showCounts(states, counts);
    offer(
      speaker,
      meetings.flatMap((meeting) => (meeting.speakers || []).map((voice) => voice.name)),
      current.speaker,
    );
    offer(
      tag,
      meetings.flatMap((meeting) => meeting.tags || []),
      current.tag,
    );
  };
  return { element, learn };
}

function buildTitle(current, change) {
  const input = h("input", {
    type: "search",
    value: current.q,
    placeholder: "Filter by title",
    label: "Filter by title",
    testid: "filter-title",
  });
  input.addEventListener(
    "input",
    debounce(TYPING_MS, () => change("q", input.value.trim())),
  );
  return input;
}

function buildStates(current, change) {
  const group = h("div.segmented", { role: "group", label: "State" });
  const choose = (value) => {
    for (const button of group.children)
      button.setAttribute("aria-pressed", String(button.dataset.value === value));
    change("status", value);
  };
  group.append(
    ...STATES.map(([value, text]) =>
      h(
        "button",
        {
          "data-value": value,
          "aria-pressed": String(current.status === value),
          onclick: () => choose(value),
        },
        text,
      ),
    ),
  );
  return group;
}

function showCounts(states, counts) {
  for (const button of states.children) {
    const count = counts[button.dataset.value] || 0;
    const [, text] = STATES.find(([value]) => value === button.dataset.value);
    button.textContent = button.dataset.value && count ? `${text} ${count}` : text;
  }
}

function select(name, options, value, onChange) {
  const element = h(
    "select",
    { label: name, onchange: () => onChange(element.value) },
    options.map(([key, text]) => h("option", { value: key }, text)),
  );
  if (value && !options.some(([key]) => key === value))
    element.append(h("option", { value }, value));
  element.value = value;
  return element;
}

function offer(element, values, chosen) {
  const known = new Set([...element.options].map((option) => option.value));
  const fresh = [...new Set(values)]
    .filter((value) => value && !known.has(value) && !value.startsWith("sha256:"))
    .sort();
  element.append(...fresh.map((value) => h("option", { value }, value)));
  element.value = chosen;
  element.hidden = element.options.length < 2;
}
