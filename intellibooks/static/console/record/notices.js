/** What the person must know while it records; one line each, gone when it no longer holds. */

import { fill, h } from "../dom.js";
import { length } from "../format.js";
import { RecorderProblem } from "../recorder/meeting-recorder.js";
import { banner } from "../ui/states.js";

const SHORT_MS = 1000; // a first failure is over before anybody could read of it

export class Notices {
  /** `actions`: {retry, save, discard, resume}, each a function. */
  constructor(recorder, actions, signal) {
    Object.assign(this, { recorder, actions, shown: new Map() });
    this.element = h("div.notices");
    const on = (type, run) => recorder.on(type, run, signal);
    on("link", (link) => this.showLink(link));
    on("silence", ({ isSilent }) => this.showSilence(isSilent));
    on("problem", (problem) => this.showProblem(problem));
    on("state", ({ state }) => state === "recording" && this.put("lost", null));
    if (recorder.isUnsafe) this.showProblem(new RecorderProblem("storage"));
    signal.addEventListener("abort", () => clearInterval(this.counting));
  }

  /** The banner of that name; null takes it away. */
  put(name, banner) {
    if (banner) this.shown.set(name, banner);
    else this.shown.delete(name);
    fill(this.element, [...this.shown.values()]);
  }

  showSilence(isSilent) {
    const text = "We hear nothing. Is the right microphone chosen, and switched on?";
    this.put("silence", isSilent && build("silence", "", [text]));
  }

  showProblem({ code, message, advice }) {
    const resume = code === "lost" && button("Continue recording", this.actions.resume);
    this.put(code, build(code, code === "lost" ? "bad" : "", [message, " ", advice], resume));
  }

  showLink({ state, retryInMs, error }) {
    clearInterval(this.counting);
    if (state === "flowing") return this.put("link", null);
    if (state === "refused") return this.showRefusal(error);
    if (error.needsLogin) return this.showLogin();
    if (retryInMs < SHORT_MS && !this.shown.has("link")) return null;
    this.dueAt = performance.now() + retryInMs;
    this.countDown();
    this.counting = setInterval(() => this.countDown(), 1000);
    return null;
  }

  /** The words stay the same elements: a screen reader hears of the cut once, not every second. */
  countDown() {
    const { recordedMs, savedMs, state } = this.recorder;
    const seconds = Math.max(0, Math.ceil((this.dueAt - performance.now()) / 1000));
    const still = state === "stopping" ? "Nothing is lost" : "Still recording on this computer";
    const text = `${still}; ${length(recordedMs - savedMs)} kept safe.`;
    const when = seconds > 0 ? ` Retrying in ${seconds} s.` : " Retrying now.";
    if (this.shown.get("link")?.dataset.code !== "link") {
      this.kept = h("span");
      this.when = h("span", { "aria-hidden": "true" });
      const words = ["The service does not answer. ", this.kept, this.when];
      this.put("link", build("link", "", words, button("Try now", this.actions.retry)));
    }
    this.kept.textContent = text;
    this.when.textContent = when;
  }

  showLogin() {
    const link = h("a.button.small", { href: "/console/login", target: "_blank" }, "Log in");
    const text = "You are logged out. Still recording on this computer; log in again to save it.";
    this.put("link", build("login", "bad", [text], link));
  }

  showRefusal(error) {
    const { recordedMs, savedMs } = this.recorder;
    const text = `${error.message} ${length(recordedMs - savedMs)} are only in this browser.`;
    const actions = [
      button("Try again", this.actions.retry),
      button("Save as a file", this.actions.save),
    ];
    this.put("link", build("refused", "bad", [text], actions));
  }
}

const button = (text, onclick) => h("button.button.small", { onclick }, text);

/** Those of the recorder are read aloud: a person who records looks elsewhere. */
const build = (code, kind, content, actions) =>
  banner(kind, content, actions, { role: kind ? "alert" : "status", "data-code": code });
