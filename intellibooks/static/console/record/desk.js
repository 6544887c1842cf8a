/** A running recording: its controls, what is heard, who writes; then how far the work is. */

import { h, toggle } from "../dom.js";
import { clockMs } from "../format.js";
import { bind } from "../keyboard.js";
import { Chat } from "../review/chat.js";
import { Stages } from "../review/stages.js";
import { MeetingStore } from "../review/store.js";
import { Tabs } from "../review/tabs.js";
import { Transcript } from "../review/transcript.js";
import { navigate } from "../router.js";
import { every } from "../timing.js";
import { confirm } from "../ui/dialog.js";
import { attempt } from "../ui/toast.js";
import { Bar } from "./bar.js";
import { Notices } from "./notices.js";
import { saveFile } from "./save-file.js";
import { isSureToDiscard } from "./unfinished.js";

const HASTY_MS = 5000;
const POLL_MS = 4000;

/** In the place of a player: notes in the chat point at the time of the recording. */
class RecordingClock {
  isPlaying = false;

  constructor(recorder) {
    this.recorder = recorder;
  }

  get time() {
    return this.recorder.recordedMs / 1000;
  }

  /** Nothing can be played yet. */
  seek() {}
}

export class Desk {
  constructor(recorder, signal) {
    Object.assign(this, { recorder, signal });
    const clock = new RecordingClock(recorder);
    this.store = new MeetingStore(recorder.sessionId, signal);
    this.transcript = new Transcript(this.store, clock, signal);
    this.stages = new Stages(this.store);
    this.chat = new Chat(this.store, clock, { open: () => this.tabs.open("chat"), signal });
    this.tabs = new Tabs([
      ["transcript", "Transcript", this.transcript.element],
      ["chat", "Chat", this.chat.element],
    ]);
    this.build();
    this.listen();
  }

  build() {
    const actions = {
      pause: () => this.togglePause(),
      resume: () => this.togglePause(),
      stop: () => this.stop(),
      discard: () => this.discard(),
      rename: (title) => this.rename(title),
      retry: () => this.recorder.retry(),
      save: () => saveFile(this.recorder, { ...this.store.meeting, sessionId: this.store.id }),
    };
    this.bar = new Bar(this.recorder, actions, this.signal);
    this.notices = new Notices(this.recorder, actions, this.signal);
    toggle(this.stages.element, false);
    this.element = h(
      "div.review.rec-desk",
      h("h1.sr-only", "Recording"),
      this.bar.element,
      this.notices.element,
      this.stages.element,
      this.tabs.element,
    );
  }

  listen() {
    const { signal } = this;
    this.store.on("meeting", () => this.showMeeting());
    // The socket is back: so is the service, and what waits need not wait to the end of its pause.
    this.store.on("link", ({ state }) => state === "live" && this.recorder.retry());
    this.recorder.on("progress", () => this.nameTab(), signal);
    this.recorder.on("state", () => this.onState(), signal);
    bind({ pause: () => this.togglePause(), stop: () => this.stop() }, signal);
  }

  async open() {
    this.onState();
    this.store.live.start();
    await this.store.load().catch(() => {}); // the frames of the socket tell the rest
    await this.chat.load();
    every(POLL_MS, () => this.keepUp(), this.signal);
  }

  /** Where no frame tells that the work is done, a look at the state does. */
  async keepUp() {
    if (this.store.live.state === "live" || this.recorder.isActive) return;
    await this.store.readMeeting().catch(() => {});
  }

  showMeeting() {
    this.bar.nameMeeting(this.store.meeting.title);
    const isOver = this.recorder.state === "stopped";
    if (isOver && ["completed", "failed"].includes(this.store.meeting.status)) this.leave();
  }

  nameTab() {
    const { state, recordedMs } = this.recorder;
    const name = this.store.meeting.title || "Recording";
    const mark = state === "recording" ? "● " : "";
    document.title = `${mark}${clockMs(recordedMs)} ${name} – Intellibooks Studio`;
  }

  onState() {
    const { state } = this.recorder;
    this.element.dataset.state = state;
    this.nameTab();
    if (state === "cancelled") navigate("/console/", { replace: true });
    if (state !== "stopped") return;
    this.bar.finish(this.address);
    this.notices.put("link", null);
    toggle(this.stages.element, true);
    this.stages.draw();
    this.store.readMeeting().catch(() => {});
  }

  get address() {
    return `/console/m/${encodeURIComponent(this.store.id)}`;
  }

  /** To the review; whoever is writing a message is not interrupted. */
  leave() {
    const isWriting = this.chat.field.value.trim() !== "";
    if (!isWriting) navigate(this.address, { replace: true });
  }

  togglePause() {
    const { state } = this.recorder;
    if (state === "recording") return attempt(() => this.recorder.pause());
    if (state === "paused") return attempt(() => this.recorder.resume());
    return false;
  }

  async stop() {
    if (!["recording", "paused"].includes(this.recorder.state)) return;
    if (this.recorder.recordedMs < HASTY_MS && !(await this.isSureToStop())) return;
    await attempt(() => this.recorder.stop());
  }

  isSureToStop() {
    const text = "The recording is only a few seconds long.";
    return confirm({ title: "Stop already?", text, yes: "Stop" });
  }

  async discard() {
    if (await isSureToDiscard()) await attempt(() => this.recorder.cancel());
  }

  async rename(title) {
    await attempt(async () => {
      await this.recorder.rename(title);
      await this.store.rename(title);
    });
    this.nameTab();
  }
}
