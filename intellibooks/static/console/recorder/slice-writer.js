/** Blocks become slices, cut by sample count; each is on disk before it is sent. */

import { Emitter } from "./emitter.js";
import { encodeWav, join, RATE, sumSha256, toMs } from "./wav.js";

const SLICE_SAMPLES = 4 * RATE;

/** Events: "slice" (detail: its index), "unsafe" (the browser could not keep a copy). */
export class SliceWriter extends Emitter {
  /** `recording` is the row of the store that this writer alone changes while it works. */
  constructor(store, recording) {
    super();
    Object.assign(this, { store, recording });
    this.parts = [];
    this.pending = 0; // samples in `parts`
    this.position = 0; // of the next block in the tail
    this.unsafe = new Map(); // slices that live in memory alone
    this.chain = Promise.resolve();
  }

  /** Samples heard so far, the newest included. */
  get samples() {
    return this.recording.samples + this.pending;
  }

  take(pcm) {
    return this.queue(() => this.keep(pcm));
  }

  /** The rest becomes a slice, however short. */
  seal() {
    return this.queue(() => (this.pending > 0 ? this.cut(this.pending) : null));
  }

  /** What a reload left behind newer than the newest slice. */
  restoreTail() {
    return this.queue(async () => {
      for (const block of await this.store.readTail(this.recording.sessionId)) this.hold(block.pcm);
      if (this.pending > 0) await this.cut(this.pending);
    });
  }

  /** The whole slice, for sending. */
  async load(index) {
    return this.unsafe.get(index) || this.store.readSlice(this.recording.sessionId, index);
  }

  async release(slice) {
    if (this.unsafe.delete(slice.index)) return;
    // What cannot be removed is sent once more after a reload, and recognised there.
    await this.store.removeSlice(slice.sessionId, slice.index).catch(() => {});
  }

  /** One after the other: a slice never overtakes the block before it. */
  queue(work) {
    this.chain = this.chain.then(work);
    return this.chain;
  }

  hold(pcm) {
    this.parts.push(pcm);
    this.pending += pcm.length;
  }

  async keep(pcm) {
    this.hold(pcm);
    if (this.pending < SLICE_SAMPLES) return this.saveTail(pcm);
    await this.cut(SLICE_SAMPLES);
    if (this.pending > 0) await this.saveTail(this.parts[0]);
  }

  async saveTail(pcm) {
    const { sessionId } = this.recording;
    this.position += 1;
    await this.dare(() => this.store.appendTail({ sessionId, position: this.position, pcm }));
  }

  async cut(length) {
    const whole = join(this.parts);
    const { sessionId, nextIndex, samples, startedAtMs } = this.recording;
    const wav = encodeWav(whole.subarray(0, length));
    const slice = {
      sessionId,
      index: nextIndex,
      samples: length,
      startedAtMs: startedAtMs + toMs(samples), // on the clock of the audio
      sha256: await sumSha256(wav),
      wav,
    };
    this.parts = whole.length > length ? [whole.slice(length)] : [];
    this.pending = whole.length - length;
    Object.assign(this.recording, { nextIndex: nextIndex + 1, samples: samples + length });
    const isSafe = await this.dare(() => this.store.saveSlice(slice, this.recording));
    if (!isSafe) this.unsafe.set(slice.index, slice);
    this.emit("slice", slice.index);
  }

  /** Whether it was kept; a full or forbidden storage must not end a recording. */
  async dare(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.emit("unsafe", error);
      return false;
    }
  }
}
