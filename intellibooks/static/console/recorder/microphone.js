/** One microphone: opened with permission, heard through a worklet at its own rate. */

import { Emitter } from "./emitter.js";
import { nameProblem, RecorderProblem } from "./problems.js";

const WORKLET = new URL("./worklet.js", import.meta.url);
const SHUT_WAIT_MS = 1500; // an audio thread that does not answer (a device that died) is left

/** Throws RecorderProblem where this page can never record. */
export function checkSupport() {
  if (!isSecureContext || !navigator.mediaDevices?.getUserMedia)
    throw new RecorderProblem(isSecureContext ? "unsupported" : "insecure");
  if (!globalThis.AudioWorkletNode || !globalThis.indexedDB || !navigator.locks)
    throw new RecorderProblem("unsupported");
}

/** `[{id, label}]`; the labels are empty until the person has once allowed the microphone. */
export async function listMicrophones() {
  if (!navigator.mediaDevices?.enumerateDevices) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "audioinput" && device.deviceId !== "communications")
    .map((device) => ({ id: device.deviceId, label: device.label }));
}

/** Events: "block" (detail: Int16Array at 16 kHz), "level" ({peak, rms, seconds}), "lost". */
export class Microphone extends Emitter {
  /** Opened, but not heard yet. `isRaw`: without echo cancelling, noise and level control. */
  static async open({ deviceId = "", isRaw = false } = {}) {
    checkSupport();
    const microphone = new Microphone();
    try {
      await microphone.connect(deviceId, isRaw);
    } catch (error) {
      await microphone.close();
      throw nameProblem(error);
    }
    return microphone;
  }

  async connect(deviceId, isRaw) {
    this.stream = await openStream(deviceId, isRaw);
    const [track] = this.stream.getAudioTracks();
    track.addEventListener("ended", () => this.emit("lost"));
    this.label = track.label;
    this.deviceId = track.getSettings().deviceId || "";
    this.context = openContext(track.getSettings().sampleRate);
    await this.context.audioWorklet.addModule(WORKLET);
    this.node = new AudioWorkletNode(this.context, "intellibooks-tap", { numberOfOutputs: 0 });
    this.node.port.onmessage = (event) => this.hear(event.data);
    this.context.createMediaStreamSource(this.stream).connect(this.node);
    this.wake = () => this.context.state !== "closed" && this.context.resume();
    this.context.addEventListener("statechange", this.wake);
    await this.context.resume();
  }

  hear(message) {
    if (message.type === "block") this.emit("block", message.pcm);
    if (message.type === "level") this.emit("level", message);
    if (message.type === "shut") this.onShut?.();
  }

  listen() {
    this.node.port.postMessage("open");
  }

  /** Hears nothing from now on; resolves when all that was heard has been delivered. */
  shut(order = "shut") {
    return new Promise((resolve) => {
      this.onShut = resolve;
      setTimeout(resolve, SHUT_WAIT_MS);
      this.node.port.postMessage(order);
    });
  }

  async close() {
    if (this.node) await this.shut("end");
    this.context?.removeEventListener("statechange", this.wake);
    for (const track of this.stream?.getTracks() || []) track.stop();
    if (this.context && this.context.state !== "closed") await this.context.close();
  }
}

/** The chosen microphone where it is there, else the one that the system prefers. */
async function openStream(deviceId, isRaw) {
  const audio = { echoCancellation: !isRaw, noiseSuppression: !isRaw, autoGainControl: !isRaw };
  if (!deviceId) return navigator.mediaDevices.getUserMedia({ audio });
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { ...audio, deviceId: { exact: deviceId } },
    });
  } catch (error) {
    if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
    return navigator.mediaDevices.getUserMedia({ audio });
  }
}

/** At the rate of the device where the browser tells it: its own resampling costs quality. */
function openContext(sampleRate) {
  try {
    return new AudioContext(sampleRate ? { sampleRate } : {});
  } catch {
    return new AudioContext();
  }
}
