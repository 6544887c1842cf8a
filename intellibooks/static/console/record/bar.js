/** The controls of a running recording: time, title, level, microphone, pause, stop. */

import { fill, h, icon, toggle } from "../dom.js";
import { clockMs, length, spoken } from "../format.js";
import { hint } from "../keyboard.js";
import { remember } from "../preferences.js";
import { listMicrophones } from "../recorder/meeting-recorder.js";
import { attachMenu } from "../ui/menu.js";
import { attempt } from "../ui/toast.js";
import { Level } from "./level.js";

const WORDS = { recording: "Recording", paused: "Paused", stopping: "Sending the rest" };

export class Bar {
  /** `actions`: {pause, stop, discard, rename}. */
  constructor(recorder, actions, signal) {
    Object.assign(this, { recorder, actions });
    this.build();
    const on = (type, run) => recorder.on(type, run, signal);
    on("state", () => this.showState());
    on("progress", () => this.showProgress());
    on("level", ({ peak, rms }) => this.level.add(peak, rms));
    on("link", ({ state }) => this.element.classList.toggle("cut", state !== "flowing"));
    on("microphone", ({ label }) => this.showMicrophone(label));
    this.showMicrophone(recorder.microphone?.label);
    this.showState();
  }

  build() {
    this.time = h("span.rec-time", { role: "timer", testid: "rec-time" });
    this.word = h("span.rec-word", { role: "status" });
    this.saved = h("p.rec-saved.muted.small", { testid: "rec-saved" });
    this.title = h("input.rec-title", {
      type: "text",
      maxlength: "200",
      placeholder: "Untitled meeting",
      autocomplete: "off",
      label: "Title",
      testid: "rec-title-live",
      onchange: () => this.actions.rename(this.title.value.trim()),
      onkeydown: (event) => event.key === "Enter" && this.title.blur(),
    });
    this.level = new Level();
    this.microphone = attachMicrophones(this.recorder);
    this.pause = h("button.button.rec-pause", {
      onclick: this.actions.pause,
      testid: "rec-pause",
      title: hint("pause"),
    });
    this.stop = h(
      "button.button.rec-stop",
      { onclick: this.actions.stop, testid: "rec-stop", title: hint("stop") },
      h("span.rec-square", { "aria-hidden": "true" }),
      "Stop",
    );
    const more = h("button.icon-button", { label: "More", testid: "rec-more" }, icon("more"));
    const discard = { text: "Discard this recording …", icon: icon("trash"), kind: "danger" };
    Object.assign(discard, { run: this.actions.discard, testid: "rec-discard" });
    this.more = attachMenu(more, () => [discard]);
    this.sound = h("div.rec-sound", this.level.element, this.microphone);
    this.buttons = h("div.rec-buttons", this.pause, this.stop, this.more);
    this.element = h(
      "div.rec-bar",
      h("div.rec-status", h("span.rec-dot", { "aria-hidden": "true" }), this.time, this.word),
      h("div.rec-names", this.title, this.saved),
      this.sound,
      this.buttons,
    );
  }

  showState() {
    const { state } = this.recorder;
    if (state === "stopped") return;
    const isPaused = state === "paused";
    this.element.dataset.state = state;
    this.word.textContent = WORDS[state] || "";
    fill(this.pause, icon(isPaused ? "record" : "pause"), isPaused ? "Continue" : "Pause");
    for (const control of [this.pause, this.stop, this.microphone, this.more])
      control.disabled = state === "stopping";
    if (state !== "recording") this.level.rest();
    this.showProgress();
  }

  showProgress() {
    const { recordedMs, savedMs, waiting, state } = this.recorder;
    if (state === "stopped") return;
    this.time.textContent = clockMs(recordedMs);
    this.time.setAttribute("aria-label", spoken(recordedMs / 1000));
    const left = length(recordedMs - savedMs);
    if (state === "stopping") this.saved.textContent = `Sending the last ${left} …`;
    else if (savedMs === 0) this.saved.textContent = "Kept on this computer; first saved after 4 s";
    else this.saved.textContent = describeSaved(savedMs, waiting);
  }

  showMicrophone(label) {
    const text = label || "Microphone";
    this.microphone.firstChild.textContent = text;
    this.microphone.title = text;
  }

  nameMeeting(title) {
    if (document.activeElement !== this.title) this.title.value = title || "";
  }

  /** After the end the way to the meeting stands in the place of the controls. */
  finish(address) {
    const about = { href: address, testid: "rec-open" };
    fill(this.buttons, h("a.button.primary", about, "Open the meeting"));
    toggle(this.sound, false);
    this.element.dataset.state = "stopped";
    this.word.textContent = "Recorded";
    this.saved.textContent = "Everything has arrived. The meeting opens when it is ready.";
  }
}

function describeSaved(savedMs, waiting) {
  const text = `Saved up to ${clockMs(savedMs)}`;
  return waiting > 1 ? `${text}, ${waiting} parts on their way` : text;
}

/** The microphone in use; the menu changes it while the recording goes on. */
function attachMicrophones(recorder) {
  const change = (deviceId) =>
    attempt(async () => {
      await recorder.useMicrophone({ ...recorder.device, deviceId });
      remember("record.device", deviceId);
    });
  const button = h("button.rec-mic", { testid: "rec-mic" }, h("span", "Microphone"), icon("down"));
  return attachMenu(button, async () => [
    { heading: "Microphone" },
    ...(await listMicrophones()).map(({ id, label }) => ({
      text: label || "Microphone",
      isOn: label === recorder.microphone?.label,
      run: () => change(id),
    })),
  ]);
}
