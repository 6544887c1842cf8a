/** Before a recording: which microphone, what it is called; the rest is under "More". */

import { fill, h, icon, toggle } from "../dom.js";
import { hint } from "../keyboard.js";
import { recall, remember } from "../preferences.js";
import { listMicrophones } from "../recorder/meeting-recorder.js";

const NAMES = new Intl.DisplayNames("en", { type: "language" });
const LANGUAGES = [
  ["", "Default of this service"],
  ["auto", "Detect automatically"],
  ..."en de es fr it nl pt hi ja zh".split(" ").map((code) => [code, NAMES.of(code)]),
];
const MOST_TERMS = 100;

export class Setup {
  /** `onStart(wishes, device)` is called when the person wants to record. */
  constructor(onStart, signal) {
    this.onStart = onStart;
    this.build();
    this.listDevices();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.listDevices(), { signal });
  }

  build() {
    this.title = field("title", { maxlength: 200, placeholder: "Untitled meeting" });
    this.device = h("select", { id: "rec-device", testid: "rec-device" });
    this.problem = h("div.rec-problem", { role: "alert", hidden: true });
    this.button = h(
      "button.button.primary.rec-start",
      { testid: "rec-start", title: hint("record") },
      icon("record"),
      h("span", "Start recording"),
    );
    this.note = h("p.muted.small", { role: "status" });
    this.element = h(
      "form.rec-setup.card",
      { onsubmit: (event) => (event.preventDefault(), this.start()) },
      labelled("Title", this.title),
      labelled("Microphone", this.device),
      this.buildMore(),
      this.problem,
      this.button,
      this.note,
    );
    this.showNote("");
  }

  buildMore() {
    this.language = h("select", { id: "rec-language" }, LANGUAGES.map(option));
    this.language.value = recall("record.language", "");
    this.terms = field("terms", { placeholder: "Ana Kovač, Q3, Kubernetes" });
    this.speakers = field("speakers", { type: "number", min: 1, max: 20, placeholder: "Not sure" });
    this.raw = h("input", { type: "checkbox", checked: recall("record.raw", false) });
    const why = h("span.muted.small", " – for music, or one microphone for a whole room");
    return h(
      "details.rec-more",
      h("summary", "More"),
      labelled("Language", this.language),
      labelled("Names and terms that will be said", this.terms),
      labelled("How many people speak", this.speakers),
      h("label.check", this.raw, h("span", "Record the sound as it is", why)),
    );
  }

  /** Names are known only after the person has once allowed the microphone. */
  async listDevices() {
    const devices = (await listMicrophones()).filter(({ id }) => id && id !== "default");
    const chosen = this.device.value || recall("record.device", "");
    const options = devices.map(({ id, label }) => [id, label || "Microphone"]);
    fill(this.device, [["", "System default"], ...options].map(option));
    this.device.value = devices.some(({ id }) => id === chosen) ? chosen : "";
  }

  get wishes() {
    const terms = this.terms.value.split(",").map((term) => term.trim());
    const given = {
      title: this.title.value.trim(),
      language: this.language.value,
      vocabulary: terms.filter(Boolean).slice(0, MOST_TERMS),
      speakers_expected: Number(this.speakers.value) || null,
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value?.length !== 0));
  }

  get chosen() {
    return { deviceId: this.device.value, isRaw: this.raw.checked };
  }

  start() {
    if (this.button.disabled) return null;
    const device = this.chosen;
    remember("record.device", device.deviceId);
    remember("record.raw", device.isRaw);
    remember("record.language", this.language.value);
    return this.onStart(this.wishes, device);
  }

  /** While the browser asks for the microphone and the service begins a meeting. */
  wait(isWaiting) {
    this.button.disabled = isWaiting;
    const text = isWaiting ? "Opening the microphone …" : "Start recording";
    this.button.lastChild.textContent = text;
    this.showNote(
      isWaiting ? "Your browser may ask whether this page may use the microphone." : "",
    );
    if (isWaiting) toggle(this.problem, false);
  }

  showNote(text) {
    this.note.textContent = text || "Tell everybody in the room that you record.";
  }

  complain({ message, advice, code }) {
    const isWithout = code === "no_microphone" || code === "unsupported";
    fill(
      this.problem,
      icon("warn"),
      h(
        "div",
        h("p.strong", message),
        advice && h("p", advice),
        isWithout && h("a", { href: "/console/?import=1" }, "Import a recording"),
      ),
    );
    this.problem.dataset.code = code || "";
    toggle(this.problem, true);
    this.button.lastChild.textContent = "Try again";
    this.listDevices();
  }
}

const option = ([value, text]) => h("option", { value }, text);

const field = (name, more) =>
  h("input", {
    id: `rec-${name}`,
    type: "text",
    autocomplete: "off",
    testid: `rec-${name}`,
    ...more,
  });

const labelled = (text, control) =>
  h("div.rec-field", h("label", { for: control.id }, text), control);
