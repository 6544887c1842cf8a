/** The controls of a running recording: time, title, level, microphone, pause, stop. */

import { fill, h, icon, toggle } from "../dom.js";
import { clockMs, length, spoken } from "../format.js";
import { hint } from "../keyboard.js";
import { remember } from "../preferences.js";
import { listMicrophones } from "../recorder/meeting-recorder.js";
import { attachMenu, openMenu } from "../ui/menu.js";
import { attempt } from "../ui/toast.js";
import { Level } from "./level.js";

const WORDS = { recording: "Recording", paused: "Paused", stopping: "Sending the rest" };

export class Bar {
  /** `actions`: {pause, stop, discard, rename}. */
  constructor(recorder, actions, signal) {
    Object.assign(this, { recorder, actions });
    this.build();
    const on = (type, run) =>
      recorder.addEventListener(type, (event) => run(event.detail), { signal });
    on("state", () => this.showState());
    on("progress", () => this.showProgress());
    on("level", ({ peak, rms }) => this.level.add(peak, rms));
    on("link", ({ state }) => this.element.classList.toggle("cut", state !== "flowing"));
    on("microphone", ({ label }) => this.showMicrophone(label));
    this.showMicrophone(recorder.microphone?.label);
    this.showState();
  }

  build() {
    this.time = h("span", { class: "rec-time", role: "timer", "data-testid": "rec-time" });
    this.word = h("span", { class: "rec-word", role: "status" });
    this.saved = h("p", { class: "rec-saved muted small", "data-testid": "rec-saved" });
    this.title = h("input", {
      class: "rec-title",
      type: "text",
      maxlength: "200",
      placeholder: "Untitled meeting",
      autocomplete: "off",
      "aria-label": "Title",
      "data-testid": "rec-title-live",
      onchange: () => this.actions.rename(this.title.value.trim()),
      onkeydown: (event) => event.key === "Enter" && this.title.blur(),
    });
    this.level = new Level();
    this.microphone = attachMicrophones(this.recorder);
    this.pause = h("button", {
      class: "button rec-pause",
      onclick: this.actions.pause,
      "data-testid": "rec-pause",
      title: hint("pause"),
    });
    this.stop = h(
      "button",
      {
        class: "button rec-stop",
        onclick: this.actions.stop,
        "data-testid": "rec-stop",
        title: hint("stop"),
      },
      h("span", { class: "rec-square", "aria-hidden": "true" }),
      "Stop",
    );
    this.more = attachMenu(
      h(
        "button",
        { class: "icon-button", "aria-label": "More", "data-testid": "rec-more" },
        icon("more"),
      ),
      () => [
        {
          text: "Discard this recording …",
          icon: icon("trash"),
          kind: "danger",
          run: this.actions.discard,
          testid: "rec-discard",
        },
      ],
    );
    this.sound = h("div", { class: "rec-sound" }, this.level.element, this.microphone);
    this.buttons = h("div", { class: "rec-buttons" }, this.pause, this.stop, this.more);
    this.element = h(
      "div",
      { class: "rec-bar" },
      h(
        "div",
        { class: "rec-status" },
        h("span", { class: "rec-dot", "aria-hidden": "true" }),
        this.time,
        this.word,
      ),
      h("div", { class: "rec-names" }, this.title, this.saved),
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
    const about = { class: "button primary", href: address, "data-testid": "rec-open" };
    fill(this.buttons, h("a", about, "Open the meeting"));
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
  const button = h(
    "button",
    {
      class: "rec-mic",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-testid": "rec-mic",
    },
    h("span", {}, "Microphone"),
    icon("down"),
  );
  const change = (deviceId) =>
    attempt(async () => {
      await recorder.useMicrophone({ ...recorder.device, deviceId });
      remember("record.device", deviceId);
    });
  button.addEventListener("click", async () => {
    const devices = await listMicrophones();
    const items = devices.map(({ id, label }) => ({
      text: label || "Microphone",
      isOn: label === recorder.microphone?.label,
      run: () => change(id),
    }));
    openMenu(button, [{ heading: "Microphone" }, ...items]);
  });
  return button;
}
