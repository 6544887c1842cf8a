/** In the audio thread: all channels become one, at 16 kHz, 16 bit, in blocks of equal length. */

import { Resampler } from "./resampler.js";

const RATE = 16_000;
const BLOCK = 8_000; // samples of 0.5 s: what a crash may cost
const LEVEL_EVERY = 1_600; // 10 times a second

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(Math.round(sampleRate), RATE);
    this.mono = new Float32Array(128);
    this.emit = (sample) => this.take(sample);
    this.isOpen = false;
    this.isOver = false;
    this.clear();
    this.port.onmessage = (event) => this.obey(event.data);
  }

  clear() {
    this.block = new Int16Array(BLOCK);
    this.filled = this.measured = this.peak = this.energy = 0;
  }

  obey(order) {
    if (order === "open") this.isOpen = true;
    if (order === "shut" || order === "end") this.shut();
    if (order === "end") this.isOver = true;
  }

  /** Everything heard until now leaves, then a mark that nothing more will come. */
  shut() {
    if (this.isOpen) this.resampler.flush(this.emit);
    if (this.filled > 0) this.sendBlock();
    this.isOpen = false;
    this.clear();
    this.port.postMessage({ type: "shut" });
  }

  process([channels]) {
    if (this.isOpen && channels.length > 0) this.resampler.push(this.mix(channels), this.emit);
    return !this.isOver;
  }

  mix(channels) {
    if (channels.length === 1) return channels[0];
    const length = channels[0].length;
    if (this.mono.length !== length) this.mono = new Float32Array(length);
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.mono[at] = sum / channels.length;
    }
    return this.mono;
  }

  take(sample) {
    const size = Math.abs(sample);
    if (size > this.peak) this.peak = size;
    this.energy += sample * sample;
    this.block[this.filled] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
    this.filled += 1;
    this.measured += 1;
    if (this.measured === LEVEL_EVERY) this.sendLevel();
    if (this.filled === BLOCK) this.sendBlock();
  }

  sendLevel() {
    const rms = Math.sqrt(this.energy / this.measured);
    this.port.postMessage({ type: "level", peak: this.peak, rms, seconds: this.measured / RATE });
    this.measured = this.peak = this.energy = 0;
  }

  sendBlock() {
    const pcm = this.block.slice(0, this.filled);
    this.filled = 0;
    this.port.postMessage({ type: "block", pcm }, [pcm.buffer]);
  }
}

registerProcessor("intellibooks-tap", Tap);
