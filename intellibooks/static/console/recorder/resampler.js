/**
 * Band-limited resampling of a stream (windowed sinc, polyphase; J. O. Smith, "Digital Audio
 * Resampling", CCRMA 2002). Pure: it runs in an AudioWorklet as well as in a page.
 */

const ZERO_CROSSINGS = 16; // each side; with the Kaiser window the stop band is below -80 dB
const KAISER_BETA = 8;
const PASS_BAND = 0.93; // of the lower Nyquist frequency: speech ends far below

/** Modified Bessel function of the first kind, order 0. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const divide = (a, b) => (b === 0 ? a : divide(b, a % b));
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** One row of `2 * half` taps for each place that an output sample may have between two inputs. */
function buildTaps(phases, half, cutoff) {
  const width = 2 * half;
  const taps = new Float32Array(phases * width);
  for (let phase = 0; phase < phases; phase += 1) {
    let sum = 0;
    for (let k = 0; k < width; k += 1) {
      const x = k - half + 1 - phase / phases;
      const edge = Math.max(0, 1 - (x / half) ** 2);
      const tap = sinc(x * cutoff) * (bessel(KAISER_BETA * Math.sqrt(edge)) / bessel(KAISER_BETA));
      taps[phase * width + k] = tap;
      sum += tap;
    }
    for (let k = 0; k < width; k += 1) taps[phase * width + k] /= sum; // 0 dB for every phase
  }
  return taps;
}

export class Resampler {
  /** Rates in Hz, whole numbers. Output sample `n` is the sound at input sample `n * in / out`. */
  constructor(inputRate, outputRate) {
    const common = divide(inputRate, outputRate);
    this.phases = outputRate / common;
    this.step = inputRate / common;
    const cutoff = PASS_BAND * Math.min(1, outputRate / inputRate);
    this.half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.isSame = inputRate === outputRate;
    this.taps = this.isSame ? null : buildTaps(this.phases, this.half, cutoff);
    this.held = new Float32Array(16_384);
    this.reset();
  }

  /** Forgets what was heard: the next sample is the first of something new. */
  reset() {
    this.held.fill(0, 0, this.half);
    this.count = this.half - 1; // silence before the start, so that nothing is shifted
    this.base = this.half - 1;
    this.phase = 0;
  }

  /** `emit(sample)` is called for each output sample that is complete now; -1..1. */
  push(samples, emit) {
    if (this.isSame) {
      for (const sample of samples) emit(sample);
      return;
    }
    if (this.count + samples.length > this.held.length) this.makeRoom(samples.length);
    this.held.set(samples, this.count);
    this.count += samples.length;
    while (this.base + this.half < this.count) {
      emit(this.weigh());
      this.phase += this.step;
      this.base += Math.floor(this.phase / this.phases);
      this.phase %= this.phases;
    }
  }

  /** What the filter still holds back, followed by silence. */
  flush(emit) {
    if (!this.isSame) this.push(new Float32Array(this.half), emit);
    this.reset();
  }

  weigh() {
    const width = 2 * this.half;
    const first = this.base - this.half + 1;
    const row = this.phase * width;
    let sum = 0;
    for (let k = 0; k < width; k += 1) sum += this.taps[row + k] * this.held[first + k];
    return sum;
  }

  makeRoom(wanted) {
    const kept = this.base - this.half + 1;
    this.held.copyWithin(0, kept, this.count);
    this.base -= kept;
    this.count -= kept;
    if (this.count + wanted <= this.held.length) return;
    const wider = new Float32Array(2 * (this.count + wanted));
    wider.set(this.held.subarray(0, this.count));
    this.held = wider;
  }
}
