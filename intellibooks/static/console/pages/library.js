/** The library: every meeting with its state; filters in the address, so that a view can be kept. */

import { get } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { daysAgo, plural } from "../format.js";
import { bind, hint } from "../keyboard.js";
import { buildFilters, readFilters } from "../library/filters.js";
import { acceptDrops, importFiles, loadSample } from "../library/import.js";
import { buildRow } from "../library/row.js";
import { navigate, rewrite } from "../router.js";
import { every } from "../timing.js";
import { empty, failure, loading } from "../ui/states.js";

export const title = "Library";
const PAGE_SIZE = 30;
const MOST = 90; // of one request
const KEPT = "recording,processing,completed,failed"; // all but what was discarded
const POLL_MS = 2500;
const MOVING = new Set(["recording", "processing"]);

export async function mount(root, { query, signal }) {
  const library = new Library(root, query, signal);
  library.build();
  bind({ import: () => library.chooseFile() }, signal);
  if (query.get("import")) library.chooseFile();
  await library.load();
  library.watch();
}

class Library {
  constructor(root, query, signal) {
    Object.assign(this, {
      root,
      signal,
      wishes: readFilters(query),
      meetings: [],
      total: 0,
      counts: {},
    });
  }

  build() {
    this.picker = h("input.sr-only", {
      type: "file",
      accept: "audio/*,video/*",
      multiple: true,
      tabindex: "-1",
      label: "Recordings to import",
      testid: "import-file",
    });
    this.picker.addEventListener("change", () => this.take([...this.picker.files]));
    this.count = h("span.muted.count", { role: "status" });
    this.filters = buildFilters(this.wishes, (wishes) => this.filter(wishes));
    this.list = h("div.meetings", { testid: "library" });
    this.rest = h("div", loading());
    const actions = h(
      "div.row",
      h(
        "button.button",
        { onclick: () => this.chooseFile(), title: hint("import") },
        icon("upload"),
        "Import file",
      ),
      h(
        "a.button.primary",
        { href: "/console/record", title: hint("record") },
        icon("record"),
        "Record",
      ),
    );
    fill(
      this.root,
      h(
        "div.page",
        h("div.page-head", h("h1", "Library"), this.count, actions),
        this.filters.element,
        this.list,
        this.rest,
        this.picker,
      ),
    );
    acceptDrops(this.root, (files) => this.take(files), this.signal);
  }

  chooseFile() {
    this.picker.click();
  }

  async take(files) {
    await importFiles(files, () => this.load());
    this.picker.value = "";
  }

  filter(wishes) {
    this.wishes = wishes;
    rewrite(wishes);
    return this.load();
  }

  /** From the start, or the page after the last. */
  async load({ isMore = false } = {}) {
    const shown = this.meetings.length;
    const page = isMore
      ? { page: shown / PAGE_SIZE + 1, limit: PAGE_SIZE }
      : { limit: Math.min(MOST, Math.max(PAGE_SIZE, shown)) };
    try {
      const answer = await get(
        "/api/meetings",
        { ...this.wishes, status: this.wishes.status || KEPT, ...page },
        this.signal,
      );
      const rest = this.meetings.slice(answer.results.length);
      this.meetings = isMore
        ? [...this.meetings, ...answer.results]
        : [...answer.results, ...(shown > MOST ? rest : [])];
      Object.assign(this, { total: answer.total, counts: answer.counts });
      this.show();
    } catch (error) {
      if (!this.signal.aborted)
        fill(
          this.rest,
          failure(error, () => this.load()),
        );
    }
  }

  show() {
    const isFiltered = Object.entries(this.wishes).some(
      ([name, value]) => value && name !== "sort",
    );
    this.filters.learn(this.meetings, this.counts);
    fill(this.count, this.total ? plural(this.total, "meeting") : "");
    fill(this.list, this.groups());
    const more = h("button.button", { onclick: () => this.load({ isMore: true }) }, "Show more");
    fill(
      this.rest,
      this.meetings.length === 0
        ? this.nothing(isFiltered)
        : this.meetings.length < this.total && more,
    );
    this.filters.element.hidden = this.meetings.length === 0 && !isFiltered;
  }

  /** Under headings by day where they stand in the order of time. */
  groups() {
    const isByTime = !this.wishes.sort || this.wishes.sort === "newest";
    const groups = new Map();
    for (const meeting of this.meetings) {
      const name = isByTime ? dayGroup(meeting.created_at) : "";
      groups.set(name, [...(groups.get(name) || []), meeting]);
    }
    const change = () => this.load();
    return [...groups].map(([name, meetings]) =>
      h(
        "section",
        name && h("h2.group", name),
        h(
          "ul.rows",
          meetings.map((meeting) => buildRow(meeting, change)),
        ),
      ),
    );
  }

  nothing(isFiltered) {
    if (isFiltered) {
      return empty("No meeting matches.", "", [
        h("button.button", { onclick: () => navigate("/console/") }, "Show all"),
      ]);
    }
    return empty(
      "No meetings yet.",
      "Record one here, import a recording, or look at a sample of two minutes.",
      [
        h("a.button.primary", { href: "/console/record" }, icon("record"), "Record a meeting"),
        h("button.button", { onclick: () => this.chooseFile() }, icon("upload"), "Import a file"),
        h(
          "button.button",
          { testid: "load-sample", onclick: (event) => loadSample(event.currentTarget) },
          "Load the sample",
        ),
      ],
    );
  }

  /** Meetings that move are asked for again while somebody looks. */
  watch() {
    const look = () => {
      const isBusy = this.meetings.some((meeting) => MOVING.has(meeting.status));
      const isUsed = document.querySelector(".menu:popover-open, dialog[open]") !== null;
      if (isBusy && !isUsed) this.load();
    };
    every(POLL_MS, look, this.signal);
  }
}

/** The heading under which a meeting stands in the library. */
function dayGroup(text, now = new Date()) {
  const ago = daysAgo(new Date(text), now);
  if (ago <= 0) return "Today";
  if (ago === 1) return "Yesterday";
  return ago < 7 ? "This week" : ago < 31 ? "This month" : "Earlier";
}
