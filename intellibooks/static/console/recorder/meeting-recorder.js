/** Records a meeting in the browser so that nothing said is lost. How to use it: docs/recorder.md. */

import { Emitter } from "./emitter.js";
import { isPlaceTaken, stayAwake, takePlace } from "./holds.js";
import { checkSupport, listMicrophones, Microphone } from "./microphone.js";
import { RecorderProblem } from "./problems.js";
import { recall, Recording } from "./recording.js";
import { Service } from "./service.js";
import { SilenceWatch } from "./silence-watch.js";
import { SliceStore } from "./slice-store.js";
import { findUnfinished, forgetDiscarded, saveAsFile } from "./unfinished.js";

export { listMicrophones, RecorderProblem };

const HEARTBEAT_MS = 20_000; // the service ends a recording of which it hears nothing for a minute

export class MeetingRecorder extends Emitter {
  /**
   * `base`: the service, if it is not where this page came from. `getHeaders`: async, gives the
   * headers that identify the caller where cookies do not.
   */
  constructor(options = {}) {
    super();
    this.service = new Service(options);
    this.silence = new SilenceWatch((isSilent) => this.emit("silence", { isSilent }));
    this.state = "idle";
    this.sessionId = "";
    this.recording = null;
  }

  static isBusyElsewhere() {
    return isPlaceTaken();
  }

  /** Throws RecorderProblem ("insecure", "unsupported") where this page can never record. */
  static checkSupport() {
    checkSupport();
  }

  get isActive() {
    return ["recording", "paused", "stopping"].includes(this.state);
  }

  /** Length of the audio; time in pause is not audio. */
  get recordedMs() {
    return this.recording?.recordedMs || 0;
  }

  get savedMs() {
    return this.recording?.savedMs || 0;
  }

  /** Whether this browser could not keep a copy: what the service lacks is in memory alone. */
  get isUnsafe() {
    return this.recording?.isUnsafe || false;
  }

  /** Slices that the service does not have yet. */
  get waiting() {
    return this.recording?.waiting || 0;
  }

  /**
   * A new meeting; `wishes` as POST /api/meetings/start takes them (title, language, vocabulary,
   * speakers_expected, …). Throws RecorderProblem, or ServiceError where none can be started.
   */
  start(wishes = {}, { deviceId = "", isRaw = false } = {}) {
    return this.begin({ deviceId, isRaw }, async () => {
      const { session_id: sessionId } = await this.service.start(wishes);
      const startedAtMs = Date.now();
      return { sessionId, title: wishes.title || "", startedAtMs, nextIndex: 0, samples: 0 };
    });
  }

  /** Goes on with a recording that a reload, a crash or a long silence has cut off. */
  continueRecording(sessionId, { deviceId = "", isRaw = false } = {}) {
    return this.begin({ deviceId, isRaw }, () => recall(this.service, sessionId));
  }

  async begin(device, prepare) {
    await this.enter("opening");
    try {
      this.microphone = await Microphone.open(device);
      this.device = device;
      await this.open(await prepare());
      this.attach();
      this.endAwake = stayAwake();
      this.microphone.listen();
      this.setState("recording");
    } catch (error) {
      await this.leave("idle");
      throw error;
    }
  }

  /** Sends what is left of a recording and ends it, without a microphone. */
  async finish(sessionId) {
    await this.enter("stopping");
    try {
      await this.open(await recall(this.service, sessionId));
      await this.end();
    } catch (error) {
      await this.leave("idle");
      throw error;
    }
  }

  /** Recordings that this browser began and that were not ended: `[{sessionId, title, …}]`. */
  async findUnfinished() {
    const store = await SliceStore.open();
    await forgetDiscarded(store, this.service);
    return findUnfinished(store, this.service);
  }

  /** What the service has not got, as a WAV file; null where it has everything. */
  async saveAsFile(sessionId) {
    return saveAsFile(await SliceStore.open(), sessionId);
  }

  pause() {
    if (this.state !== "recording") return;
    this.setState("paused");
    this.silence.reset();
    this.heartbeat = setInterval(() => this.recording.beat(), HEARTBEAT_MS);
    return this.microphone.shut().then(() => this.recording.seal());
  }

  /** Throws RecorderProblem where the microphone has gone and none takes its place. */
  async resume() {
    if (this.state !== "paused") return;
    if (!this.microphone) await this.useMicrophone(this.device);
    clearInterval(this.heartbeat);
    this.microphone.listen();
    this.setState("recording");
  }

  /** Changes the microphone in the middle; nothing heard by the first is lost. */
  async useMicrophone(device) {
    const next = await Microphone.open(device);
    const last = this.microphone;
    this.microphone = next;
    this.device = device;
    this.attach();
    await last?.close();
    if (this.state === "recording") next.listen();
  }

  /** Resolves when the service has everything and has ended the meeting; tries until then. */
  async stop() {
    if (!["recording", "paused"].includes(this.state)) return;
    this.setState("stopping");
    await this.microphone?.close();
    this.microphone = null;
    await this.end();
  }

  /** Discards the recording, here and at the service. */
  async cancel() {
    if (!this.isActive) return;
    const { sessionId } = this;
    this.recording?.close();
    await this.microphone?.close();
    this.microphone = null;
    await this.discard(sessionId);
    await this.leave("cancelled");
  }

  /** The same for an unfinished one. Where the service is away, it is told at the next visit. */
  async discard(sessionId) {
    const store = await SliceStore.open();
    await store.forget(sessionId);
    await store.saveRecording({ sessionId, isDiscarded: true });
    await forgetDiscarded(store, this.service);
    store.close();
  }

  /** The title under which it is offered after a crash; the service keeps the meeting's own. */
  rename(title) {
    this.recording.row.title = title;
    return this.recording.save();
  }

  /** Tries to send at once, instead of after the pause. */
  retry() {
    this.recording?.wake();
  }

  // What follows is not for callers.

  async enter(state) {
    if (this.isActive || this.state === "opening") throw new RecorderProblem("busy");
    checkSupport();
    this.leavePlace = await takePlace();
    if (!this.leavePlace) throw new RecorderProblem("busy");
    this.recording = null;
    this.setState(state);
  }

  async open(row) {
    this.sessionId = row.sessionId;
    this.recording = new Recording(this.service, row);
    for (const type of ["progress", "link", "problem"])
      this.recording.on(type, (detail) => this.emit(type, detail));
    await this.recording.open();
  }

  attach() {
    const { microphone } = this;
    microphone.on("block", (pcm) => this.recording.take(pcm));
    microphone.on("level", (level) => this.onLevel(level));
    microphone.on("lost", () => microphone === this.microphone && this.onLost());
    const { label, deviceId } = microphone;
    this.emit("microphone", { label, deviceId });
  }

  onLevel({ peak, rms, seconds }) {
    if (this.state !== "recording") return;
    this.silence.hear(peak, seconds);
    this.emit("level", { peak, rms });
  }

  /** Another microphone takes over where there is one; else the recording waits for the person. */
  async onLost() {
    try {
      await this.useMicrophone({ ...this.device, deviceId: "" });
    } catch {
      await this.pause();
      await this.microphone?.close();
      this.microphone = null;
      this.emit("problem", new RecorderProblem("lost"));
    }
  }

  async end() {
    await this.recording.end();
    await this.leave("stopped");
  }

  async leave(state) {
    clearInterval(this.heartbeat);
    this.recording?.close();
    await this.microphone?.close();
    this.microphone = null;
    this.endAwake?.();
    this.leavePlace?.();
    this.endAwake = this.leavePlace = null;
    this.setState(state);
  }

  setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.emit("state", { state });
  }
}
