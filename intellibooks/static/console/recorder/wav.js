/** Samples as a WAV file, and the sum that proves that it arrived as it left. */

export const RATE = 16_000;
const HEADER = 44;

export const toMs = (samples) => Math.round((samples * 1000) / RATE);

/** 16 bit, one channel, 16 kHz. */
export function encodeWav(samples) {
  const bytes = new ArrayBuffer(HEADER + 2 * samples.length);
  const view = new DataView(bytes);
  const write = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, HEADER - 8 + 2 * samples.length, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  for (let at = 0; at < samples.length; at += 1) view.setInt16(HEADER + 2 * at, samples[at], true);
  return bytes;
}

/** The samples of a file that `encodeWav` made. */
export const readSamples = (wav) => new Int16Array(wav, HEADER);

export async function sumSha256(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One after the other. */
export function join(parts) {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
