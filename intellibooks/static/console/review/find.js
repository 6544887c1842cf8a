/** Find in this transcript: every hit marked, one of them the current, and only one speaker if wished. */

import { fill, h, icon, toggle } from "../dom.js";
import { plural } from "../format.js";
import { bind, hint } from "../keyboard.js";
import { debounce } from "../timing.js";

const ALL = "find-all";
const CURRENT = "find-now";
const TYPING_MS = 120;

export class Find {
  constructor(store, transcript, signal) {
    Object.assign(this, { store, transcript, hits: [], at: -1 });
    this.build();
    transcript.on("changed", () => this.refresh());
    store.on("speakers", () => this.offerSpeakers());
    bind(
      { find: () => this.focus(), nextHit: () => this.step(1), previousHit: () => this.step(-1) },
      signal,
    );
    signal.addEventListener("abort", () => this.unmark());
  }

  build() {
    this.input = h("input", {
      type: "search",
      placeholder: "Find in transcript",
      label: "Find in transcript",
      title: hint("find"),
      autocomplete: "off",
      testid: "find",
    });
    this.input.addEventListener(
      "input",
      debounce(TYPING_MS, () => this.search()),
    );
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.count = h("span.muted.find-count", { role: "status", testid: "find-count" });
    const step = (name, by, action) =>
      h(
        "button.icon-button",
        { label: hint(action), title: hint(action), onclick: () => this.step(by) },
        icon(name),
      );
    this.steps = h(
      "span.row",
      { hidden: true },
      step("up", -1, "previousHit"),
      step("down", 1, "nextHit"),
    );
    this.voice = h("select", {
      label: "Speaker",
      hidden: true,
      onchange: () => this.filterRows(),
    });
    this.element = h(
      "div.find",
      { role: "search" },
      this.input,
      this.count,
      this.steps,
      this.voice,
    );
  }

  onKey(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      this.input.value = "";
      this.search();
      this.input.blur();
    }
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  search(words = this.input.value) {
    if (words !== this.input.value) this.input.value = words;
    this.at = -1;
    this.refresh();
    if (this.hits.length > 0) this.step(1);
  }

  refresh() {
    const wanted = this.input.value.trim().toLocaleLowerCase();
    this.hits = wanted ? this.collect(wanted) : [];
    this.at = Math.min(this.at, this.hits.length - 1);
    this.mark();
    toggle(this.steps, this.hits.length > 0);
    this.showCount(wanted);
  }

  collect(wanted) {
    const hits = [];
    for (const row of this.transcript.rows) {
      if (row.element.hidden) continue;
      const text = row.text.data.toLocaleLowerCase();
      for (
        let from = text.indexOf(wanted);
        from >= 0;
        from = text.indexOf(wanted, from + wanted.length)
      )
        hits.push({ row, from, to: Math.min(from + wanted.length, row.text.length) });
    }
    return hits;
  }

  showCount(wanted) {
    const text = !wanted
      ? ""
      : this.hits.length === 0
        ? "No hit"
        : this.at < 0
          ? plural(this.hits.length, "hit")
          : `${this.at + 1} of ${this.hits.length}`;
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  step(by) {
    if (this.hits.length === 0) return false;
    this.at = (this.at + by + this.hits.length) % this.hits.length;
    const { row } = this.hits[this.at];
    this.transcript.leave();
    this.transcript.reveal(row);
    this.transcript.choose(row);
    this.mark();
    this.showCount(this.input.value.trim());
    return true;
  }

  mark() {
    if (!globalThis.CSS?.highlights) return;
    this.unmark();
    if (this.hits.length === 0) return;
    CSS.highlights.set(ALL, new Highlight(...this.hits.map(rangeOf)));
    if (this.at < 0) return;
    const current = new Highlight(rangeOf(this.hits[this.at]));
    current.priority = 1;
    CSS.highlights.set(CURRENT, current);
  }

  unmark() {
    globalThis.CSS?.highlights?.delete(ALL);
    globalThis.CSS?.highlights?.delete(CURRENT);
  }

  offerSpeakers() {
    const chosen = this.voice.value;
    fill(
      this.voice,
      h("option", { value: "" }, "All speakers"),
      this.store.speakers.map((voice) => h("option", { value: voice.name }, voice.name)),
    );
    this.voice.value = this.store.speakers.some((voice) => voice.name === chosen) ? chosen : "";
    toggle(this.voice, this.store.speakers.length > 1);
    this.filterRows();
  }

  /** Whether a row is shown as far as others decide; the highlights put theirs in its place. */
  keeps() {
    return true;
  }

  filterRows() {
    const voice = this.voice.value;
    for (const row of this.transcript.rows)
      row.element.hidden = (voice !== "" && row.segment.speaker !== voice) || !this.keeps(row);
    this.refresh();
  }
}

const rangeOf = ({ row, from, to }) =>
  new StaticRange({
    startContainer: row.text,
    startOffset: from,
    endContainer: row.text,
    endOffset: to,
  });
