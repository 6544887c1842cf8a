/** A meeting: heard, read, understood, corrected; live while it is being recorded. */

import { shareToken } from "../api.js";
import { fill, h, icon, toggle } from "../dom.js";
import { length, plural } from "../format.js";
import { bind } from "../keyboard.js";
import { recall, remember } from "../preferences.js";
import { every } from "../timing.js";
import { Actions } from "../review/actions.js";
import { Chat } from "../review/chat.js";
import { Editing } from "../review/edit.js";
import { Find } from "../review/find.js";
import { Lanes } from "../review/lanes.js";
import { Notes } from "../review/notes.js";
import { People } from "../review/people.js";
import { Player } from "../review/player.js";
import { Reading } from "../review/reading.js";
import { Speakers } from "../review/speakers.js";
import { Speaking } from "../review/speaking.js";
import { Stages } from "../review/stages.js";
import { ReviewStore } from "../review/review-store.js";
import { Tabs } from "../review/tabs.js";
import { Waveform } from "../review/waveform.js";
import { showMood, statePill } from "../ui/pills.js";
import { empty, loading } from "../ui/states.js";

export const title = "Meeting";
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const LIVE_POLL_MS = 5000;

export async function mount(root, { params, query, signal }) {
  const review = new Review(params.id, signal);
  fill(root, loading());
  try {
    await review.store.readMeeting();
  } catch (error) {
    if (!error.isMissing) throw error;
    fill(
      root,
      h("h1.sr-only", "Meeting not found"),
      empty(
        "This meeting does not exist, or you may not see it.",
        "It may have been deleted, or its link taken back.",
        [h("a.button.primary", { href: "/console/" }, "To the library")],
      ),
    );
    return;
  }
  fill(root, review.element);
  await review.open(query);
}

class Review {
  constructor(id, signal) {
    const store = (this.store = new ReviewStore(id, signal));
    this.signal = signal;
    this.player = new Player(store, signal);
    this.wave = new Waveform(store, this.player, signal);
    this.lanes = new Lanes(store, this.player);
    this.transcript = new Reading(store, this.player, signal);
    this.speaking = new Speaking(this.transcript, this.player);
    this.find = new Find(store, this.transcript, signal);
    this.editing = new Editing(store, this.transcript, signal);
    this.speakers = new Speakers(store, this.transcript, this.editing, signal);
    this.notes = new Notes(store, this.player, this.find);
    this.people = new People(store, this.speakers);
    this.stages = new Stages(store);
    this.actions = new Actions(store, this.player, this.editing, signal);
    this.chat = new Chat(store, this.player, { open: () => this.tabs.open("chat"), signal });
    this.transcript.element.prepend(buildTip());
    this.tabs = new Tabs([
      ["transcript", "Transcript", h("div.reading", this.find.element, this.transcript.element)],
      ["notes", "Notes", this.notes.element],
      ["people", "People", this.people.element],
      ["chat", "Chat", this.chat.element],
    ]);
    this.build();
    this.listen();
  }

  build() {
    this.heading = h("h1");
    this.facts = h("div.facts-line.muted");
    const back = h(
      "a.icon-button",
      { href: "/console/", label: "Library", title: "Library" },
      icon("left"),
    );
    const head = h(
      "div.review-head",
      back,
      h("div.review-title", this.heading, this.facts),
      this.actions.element,
    );
    const deck = h("div.deck", this.player.element, this.wave.element, this.lanes.element);
    this.deck = deck;
    this.element = h("div.review", head, this.stages.element, deck, this.tabs.element);
  }

  listen() {
    const on = (type, run) => this.store.on(type, run);
    on("meeting", () => this.showHead());
    on("results", () => this.redraw());
    on("speakers", () => this.redraw());
    this.player.on("play", () => (this.transcript.isFollowing = true));
    bind({ find: () => (this.tabs.open("transcript"), this.find.focus()) }, this.signal);
  }

  /** The sound of a running meeting comes later: no empty player stands in its place. */
  redraw() {
    toggle(this.deck, !this.store.isRecording && this.store.meeting.status !== "cancelled");
    this.player.refresh();
    this.wave.draw();
    this.lanes.draw();
    this.showHead();
  }

  showHead() {
    const { meeting, speakers, metadata } = this.store;
    const name = meeting.title || "Untitled meeting";
    if (this.heading.textContent !== name) this.heading.textContent = name;
    document.title = `${this.store.isRecording ? "● " : ""}${name} – Intellibooks Studio`;
    const facts = [
      this.store.durationMs > 0 && length(this.store.durationMs),
      speakers.length > 0 && plural(speakers.length, "speaker"),
      showMood(metadata?.mood),
      meeting.created_at &&
        h("time", { datetime: meeting.created_at }, WHEN.format(new Date(meeting.created_at))),
    ].filter(Boolean);
    fill(
      this.facts,
      meeting.status !== "completed" && statePill(meeting.status, meeting.progress),
      facts.flatMap((fact, at) =>
        at ? [h("span", { "aria-hidden": "true" }, "·"), fact] : [fact],
      ),
    );
  }

  async open(query) {
    const seconds = Number.parseFloat(query.get("t") || "0");
    if (seconds > 0) this.player.wanted = seconds;
    await this.store.load();
    this.redraw();
    this.stages.draw();
    this.store.live.start();
    await Promise.all([this.chat.load(), this.openHighlights()]);
    if (query.get("find")) this.find.search(query.get("find"));
    if (seconds > 0) this.player.seek(seconds);
    if (seconds > 0)
      this.transcript.reveal(this.transcript.rowAt(this.transcript.indexAt(seconds)));
    this.keepUp();
  }

  /** Everybody's own; whoever came by a public link has none. */
  async openHighlights() {
    if (shareToken()) return;
    const { Highlights } = await import("../review/highlights.js");
    await new Highlights(this, this.signal).load();
  }

  /** Where frames are missed, a slow look at the state keeps the screen honest. */
  keepUp() {
    const { store } = this;
    const look = () =>
      store.live.state !== "live" && store.isMoving && store.readMeeting().catch(() => {});
    every(LIVE_POLL_MS, look, this.signal);
  }
}

/** Said once to whoever is new here. */
function buildTip() {
  if (recall("knowsClick", false)) return h("span", { hidden: true });
  const tip = h("p.tip", h("span", "Click any word to hear it. ? shows all keys."));
  const close = () => (remember("knowsClick", true), tip.remove());
  tip.append(h("button.button.small", { onclick: close }, "Got it"));
  return tip;
}
