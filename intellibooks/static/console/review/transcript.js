/** The transcript: rows in the order of the meeting, kept as they are while new ones come. */

import { Emitter } from "../recorder/emitter.js";
import { fill, h, icon, toggle } from "../dom.js";
import { bind, hint } from "../keyboard.js";
import { empty } from "../ui/states.js";
import { findLast } from "./order.js";
import { rememberPlace, restorePlace } from "./place.js";
import { Row } from "./rows.js";

const SETTLED_MS = 15_000; // a draft this much older than the newest does not change any more
const LOG_LENGTH = 30;

/** Events: "changed" (rows came or went). */
export class Transcript extends Emitter {
  constructor(store, player, signal) {
    super();
    Object.assign(this, { store, player, signal, rows: [], byKey: new Map(), waiting: new Set() });
    this.isFollowing = true;
    this.chosen = null;
    this.build();
    store.on("segments", () => this.renderAll());
    store.on("segment", ({ key }) => this.enqueue(key));
    store.on("speakers", () => this.nameSpeakers());
    store.on("meeting", () => this.showNothing());
    bind(
      { rowUp: () => this.step(-1), rowDown: () => this.step(1), toNow: () => this.resume() },
      signal,
    );
  }

  build() {
    this.list = h("ol.segs", { label: "Transcript" });
    this.nothing = h("div", { hidden: true });
    this.log = h("div.sr-only", { role: "log", "aria-live": "polite", label: "Live transcript" });
    this.back = h(
      "button.button.back-chip",
      { hidden: true, title: hint("toNow"), onclick: () => this.resume(), testid: "back-to-now" },
      icon("down"),
      h("span", "Back to playhead"),
    );
    this.scroller = h("div.scroller", { tabindex: "-1" }, this.list, this.nothing);
    this.element = h("div.transcript", this.scroller, this.back, this.log);
    this.list.addEventListener("focusin", (event) =>
      this.choose(event.target.closest(".seg")?.row),
    );
    for (const type of ["wheel", "touchmove"])
      this.scroller.addEventListener(type, () => this.leave(), { passive: true });
    this.scroller.addEventListener(
      "pointerdown",
      (event) => event.target === this.scroller && this.leave(),
    );
    this.scroller.addEventListener(
      "keydown",
      (event) => ["PageUp", "PageDown", "Home"].includes(event.key) && this.leave(),
    );
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
  }

  renderAll() {
    const place = rememberPlace(this.scroller, this.rows);
    this.rows = this.store.ordered().map((segment) => this.makeRow(segment));
    this.byKey = new Map(this.rows.map((row) => [row.segment.key, row]));
    this.chosen = null;
    this.list.replaceChildren(...this.rows.map((row) => row.element));
    this.choose(this.rows[0]);
    this.nameSpeakers();
    this.settle();
    this.showNothing();
    if (place) restorePlace(this.scroller, this.rowAt(this.indexAt(place.ms / 1000)), place);
    this.emit("changed");
  }

  makeRow(segment) {
    return new Row(segment);
  }

  /** Frames come in bursts; the screen changes once for all of them. */
  enqueue(key) {
    if (this.waiting.size === 0) requestAnimationFrame(() => this.applyWaiting());
    this.waiting.add(key);
  }

  applyWaiting() {
    const wasAtEnd = this.isAtEnd();
    for (const key of this.waiting) this.apply(key, this.store.segments.get(key));
    this.waiting.clear();
    this.nameSpeakers();
    this.settle();
    this.showNothing();
    if (this.store.isRecording && wasAtEnd && this.isFollowing) this.scrollToEnd();
    this.emit("changed");
  }

  apply(key, segment) {
    const row = this.byKey.get(key);
    if (row && segment && row.segment.start_ms === segment.start_ms) return row.set(segment);
    if (row) this.take(row);
    if (segment) this.insert(row || this.makeRow(segment), segment);
  }

  take(row) {
    row.element.remove();
    this.rows.splice(this.rows.indexOf(row), 1);
    this.byKey.delete(row.segment.key);
  }

  insert(row, segment) {
    row.set(segment);
    const place = findLast(this.rows, segment.start_ms, (other) => other.segment.start_ms) + 1;
    this.list.insertBefore(row.element, this.rows[place]?.element || null);
    this.rows.splice(place, 0, row);
    this.byKey.set(segment.key, row);
  }

  nameSpeakers() {
    this.rows.forEach((row, at) => {
      const index = this.store.indexOf(row.segment.speaker);
      row.showSpeaker(index, row.segment.speaker, this.rows[at - 1]);
    });
  }

  /** Drafts that are old enough are read as settled, and only those are read aloud. */
  settle() {
    const latest = this.rows.at(-1)?.segment.end_ms || 0;
    for (const row of this.rows) {
      const isSettled =
        !row.segment.isDraft || latest - row.segment.end_ms > SETTLED_MS || !this.store.isRecording;
      const wasOpen = row.element.classList.contains("open");
      row.element.classList.toggle("open", !isSettled);
      if (wasOpen && isSettled) this.readAloud(row.segment.text);
    }
  }

  readAloud(text) {
    this.log.append(h("p", text));
    while (this.log.childElementCount > LOG_LENGTH) this.log.firstElementChild.remove();
  }

  showNothing() {
    const hasRows = this.rows.length > 0;
    toggle(this.nothing, !hasRows);
    if (hasRows) return;
    fill(this.nothing, this.explainNothing());
  }

  explainNothing() {
    const { isRecording, isProcessing, meeting } = this.store;
    if (isRecording)
      return empty("Listening …", "Words appear here a few seconds after they were said.");
    if (isProcessing)
      return empty("The transcript is being written.", "It appears here as soon as it is there.");
    const advice =
      "Listen to the recording, or transcribe it again with another engine: Reprocess.";
    return meeting.status && empty("No speech was detected.", advice);
  }

  choose(row) {
    if (!row || row === this.chosen) return;
    this.chosen?.choose(false);
    this.chosen = row;
    row.choose(true);
  }

  step(by) {
    const shown = this.rows.filter((row) => !row.element.hidden);
    const at = shown.indexOf(this.chosen);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    if (!next) return;
    this.leave();
    next.element.focus({ preventScroll: true });
    next.element.scrollIntoView({ block: "nearest" });
  }

  /** The row of that index, or the nearest there is. */
  rowAt(index) {
    return this.rows[Math.max(0, Math.min(this.rows.length - 1, index))];
  }

  indexAt(seconds) {
    return findLast(this.rows, seconds * 1000, (row) => row.segment.start_ms);
  }

  /** The reader scrolled: the page stays where the reader is, until called back. */
  leave() {
    this.isFollowing = false;
    this.onScroll();
  }

  resume() {
    this.isFollowing = true;
    toggle(this.back, false);
    if (this.store.isRecording) this.scrollToEnd();
    else this.reveal(this.rows[this.indexAt(this.player.time)]);
  }

  isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 120;
  }

  scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  onScroll() {
    if (this.isFollowing) return;
    const isLive = this.store.isRecording;
    if (isLive && this.isAtEnd()) this.isFollowing = true;
    const row = this.rows[this.indexAt(this.player.time)];
    const isAway = isLive
      ? !this.isAtEnd()
      : row && !this.isVisible(row) && (this.player.isPlaying || this.player.time > 0);
    this.back.lastChild.textContent = isLive ? "Jump to live" : "Back to playhead";
    toggle(this.back, Boolean(isAway) && !this.isFollowing);
  }

  isVisible(row) {
    const box = row.element.getBoundingClientRect();
    const frame = this.scroller.getBoundingClientRect();
    return box.bottom > frame.top + 24 && box.top < frame.bottom - 48;
  }

  /** Scrolls only where the row is off the screen. */
  reveal(row) {
    if (row && !this.isVisible(row)) row.element.scrollIntoView({ block: "center" });
  }
}
