/** Slices on their way: one after the other, again and again until each is accepted. */
import { Emitter } from "./emitter.js";

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000];

/**
 * Events: "saved" (detail: the slice), "waiting" ({retryInMs, error}), "flowing" (an answer after
 * waiting), "refused" ({error}: this meeting will never take them).
 */
export class UploadQueue extends Emitter {
  /** `load(index)` gives the whole slice, `release(slice)` is awaited after the service has it. */
  constructor({ service, sessionId, load, release }) {
    super();
    Object.assign(this, { service, sessionId, load, release });
    this.indexes = [];
    this.failures = 0;
    this.isRunning = this.isClosed = this.isRefused = false;
    this.onOnline = () => this.wake();
    addEventListener("online", this.onOnline);
  }

  get length() {
    return this.indexes.length;
  }

  add(index) {
    this.indexes.push(index);
    this.run();
  }

  /** Tries at once instead of waiting to the end of the pause. */
  wake() {
    this.isRefused = false;
    this.stopWaiting?.();
    this.run();
  }

  close() {
    this.isClosed = true;
    removeEventListener("online", this.onOnline);
    this.stopWaiting?.();
  }

  /** Resolves when the service has everything. */
  async drain() {
    while (this.length > 0)
      await new Promise((resolve) => this.addEventListener("saved", resolve, { once: true }));
  }

  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.indexes.length > 0 && !this.isClosed && !this.isRefused) await this.sendFirst();
    this.isRunning = false;
  }

  async sendFirst() {
    let slice;
    const isAccepted = await this.attempt(async () => {
      slice = await this.load(this.indexes[0]);
      return this.service.send(this.sessionId, slice, slice.wav);
    });
    if (!isAccepted) return;
    await this.release(slice);
    this.indexes.shift();
    this.emit("saved", slice);
  }

  /** The answer; null after a failure and its pause. */
  async attempt(work) {
    try {
      const answer = await work();
      if (this.failures > 0) this.emit("flowing");
      this.failures = 0;
      return answer;
    } catch (error) {
      await this.cope(error);
      return null;
    }
  }

  /** The answer in the end: tries until there is one, or a refusal, which is thrown. */
  async insist(work) {
    while (!this.isClosed) {
      let refusal = null;
      const answer = await this.attempt(() =>
        work().catch((error) => {
          if (error.isLasting && !error.needsLogin) return (refusal = error);
          throw error;
        }),
      );
      if (refusal) throw refusal;
      if (answer) return answer;
    }
    return null;
  }

  async cope(error) {
    if (error.isLasting && !error.needsLogin) {
      this.isRefused = true;
      return this.emit("refused", { error });
    }
    const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
    this.failures += 1;
    const retryInMs = Math.max(error.retryAfterMs || 0, pause);
    this.emit("waiting", { retryInMs, error });
    return this.wait(retryInMs);
  }

  wait(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.stopWaiting = () => (clearTimeout(timer), resolve());
    });
  }
}
