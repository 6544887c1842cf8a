/** One recording on its way: kept in the browser, sent, and at last ended at the service. */

import { Emitter } from "./emitter.js";
import { RecorderProblem } from "./problems.js";
import { SliceStore } from "./slice-store.js";
import { SliceWriter } from "./slice-writer.js";
import { UploadQueue } from "./upload-queue.js";
import { toMs } from "./wav.js";

/** What is known of an earlier recording, here and at the service. Throws ServiceError. */
export async function recall(service, sessionId) {
  const store = await SliceStore.open();
  const [known, arrived] = await Promise.all([
    store.readRecording(sessionId),
    service.measure(sessionId),
  ]);
  store.close();
  const row = { sessionId, title: "", startedAtMs: Date.now(), ...arrived, ...known };
  return {
    ...row,
    isStopping: false,
    nextIndex: Math.max(row.nextIndex, arrived.nextIndex),
    samples: Math.max(row.samples, arrived.samples),
  };
}

/** Events: "progress" ({recordedMs, savedMs, waiting}), "link", "problem". */
export class Recording extends Emitter {
  /** `row`: as the store keeps it, see slice-store.js. */
  constructor(service, row) {
    super();
    Object.assign(this, { service, row, sessionId: row.sessionId });
    this.savedSamples = 0;
    this.newest = null;
    this.isUnsafe = this.isClosed = false;
  }

  get recordedMs() {
    return toMs(this.writer?.samples || 0);
  }

  get savedMs() {
    return toMs(this.savedSamples);
  }

  get waiting() {
    return this.queue?.length || 0;
  }

  /** What waits in the browser since an earlier visit is sent from now on, in its order. */
  async open() {
    this.store = await SliceStore.open();
    this.writer = new SliceWriter(this.store, this.row);
    this.writer.on("unsafe", () => this.warn());
    await this.save();
    const slices = await this.store.listSlices(this.sessionId);
    this.savedSamples = this.row.samples - slices.reduce((sum, slice) => sum + slice.samples, 0);
    this.queue = this.buildQueue();
    this.writer.on("slice", (index) => this.queue.add(index));
    for (const slice of slices) this.queue.add(slice.index);
    await this.writer.restoreTail();
    this.tell();
  }

  buildQueue() {
    const queue = new UploadQueue({
      service: this.service,
      sessionId: this.sessionId,
      load: (index) => this.writer.load(index),
      release: (slice) => this.writer.release(slice),
    });
    for (const state of ["waiting", "flowing", "refused"])
      queue.on(state, (detail) => this.emit("link", { state, ...detail }));
    queue.on("saved", (slice) => this.onSaved(slice));
    return queue;
  }

  onSaved(slice) {
    this.newest = slice;
    this.savedSamples += slice.samples;
    this.tell();
  }

  async take(pcm) {
    await this.writer.take(pcm);
    this.tell();
  }

  async seal() {
    await this.writer.seal();
    this.tell();
  }

  save() {
    return this.writer.dare(() => this.store.saveRecording(this.row));
  }

  wake() {
    this.queue?.wake();
  }

  /** In a pause the newest slice is sent again: it changes nothing, but the service hears of us. */
  async beat() {
    if (this.newest && this.waiting === 0)
      await this.service.send(this.sessionId, this.newest, this.newest.wav).catch(() => {});
  }

  /** Resolves when the service has everything and has ended the meeting. */
  async end() {
    await this.seal();
    this.row.isStopping = true;
    await this.save();
    await this.queue.drain();
    await this.queue.insist(() => this.endAtService());
    await this.store.forget(this.sessionId).catch(() => {});
  }

  /** A meeting that was ended already (it fell silent too long) is ended. */
  async endAtService() {
    try {
      return await this.service.stop(this.sessionId, this.row.nextIndex);
    } catch (error) {
      if (error.code === "not_recording") return { success: true };
      throw error;
    }
  }

  close() {
    this.isClosed = true;
    this.queue?.close();
    this.store?.close();
  }

  warn() {
    if (this.isUnsafe || this.isClosed) return; // what fails after the end is no news
    this.isUnsafe = true;
    this.emit("problem", new RecorderProblem("storage"));
  }

  tell() {
    const { recordedMs, savedMs, waiting } = this;
    this.emit("progress", { recordedMs, savedMs, waiting });
  }
}
