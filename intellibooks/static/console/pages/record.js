/** Recording in the browser: the choice of the microphone, then the running recording. */

import { fill, h } from "../dom.js";
import { bind } from "../keyboard.js";
import { recorder } from "../record/current.js";
import { Setup } from "../record/setup.js";
import { Unfinished } from "../record/unfinished.js";
import { MeetingRecorder } from "../recorder/meeting-recorder.js";
import { failure } from "../ui/states.js";
import { complain } from "../ui/toast.js";

export const title = "Record";

/** Transcript, chat and all: fetched while the microphone opens, not before anybody records. */
const loadDesk = () => import("../record/desk.js");

export async function mount(root, { query, signal }) {
  const page = new RecordPage(root, query, signal);
  if (recorder.isActive) await page.showDesk();
  else await page.showSetup();
}

class RecordPage {
  constructor(root, query, signal) {
    Object.assign(this, { root, signal, wanted: query.get("resume") || "" });
    this.setup = new Setup((wishes, device) => this.begin("start", wishes, device), signal);
    this.unfinished = new Unfinished(recorder, {
      onContinue: (id) => this.begin("continueRecording", id),
      onFinish: (id) => this.finish(id),
    });
    bind({ record: () => !recorder.isActive && this.setup.start() }, signal);
  }

  async showSetup() {
    if (await this.isImpossible()) return;
    fill(
      this.root,
      h(
        "div.page.rec-page",
        h("h1", "Record a meeting"),
        this.unfinished.element,
        this.setup.element,
        h(
          "p.muted.small.rec-promise",
          "What is said is kept on this computer until the service has it: ",
          "a lost connection or a closed page costs nothing.",
        ),
      ),
    );
    if (this.wanted) await this.begin("continueRecording", this.wanted);
    if (!recorder.isActive) await this.unfinished.look();
  }

  /** Says why, where nothing can be recorded here. */
  async isImpossible() {
    try {
      MeetingRecorder.checkSupport();
    } catch (problem) {
      this.showImpossible(problem);
      return true;
    }
    if (!(await MeetingRecorder.isBusyElsewhere())) return false;
    this.showImpossible({
      code: "busy",
      message: "A recording is running in another tab of this browser.",
      advice: "Go on there; one browser records one meeting at a time.",
    });
    return true;
  }

  showImpossible(problem) {
    const retry = problem.code === "busy" ? () => this.showSetup() : null;
    const state = failure(problem, retry);
    state.dataset.testid = "rec-impossible";
    state.dataset.code = problem.code;
    if (problem.code === "insecure") state.append(localLink());
    state.append(h("a.button", { href: "/console/?import=1" }, "Import a recording"));
    fill(this.root, h("h1.sr-only", "Record a meeting"), state);
  }

  /** `start(wishes, device)` or `continueRecording(id, device)`. */
  async begin(method, what, device = this.setup.chosen) {
    this.setup.wait(true);
    loadDesk().catch(() => {}); // asked again, and loudly, when it is needed
    try {
      await recorder[method](what, device);
    } catch (problem) {
      this.setup.wait(false);
      this.setup.complain(problem);
      return;
    }
    if (!this.signal.aborted) await this.showDesk().catch(complain);
  }

  async finish(sessionId) {
    const isOver = recorder.finish(sessionId).catch(complain);
    await Promise.race([isOver, untilOpened()]);
    if (recorder.sessionId === sessionId && recorder.state !== "idle") await this.showDesk();
  }

  async showDesk() {
    const { Desk } = await loadDesk();
    if (this.signal.aborted) return;
    const desk = new Desk(recorder, this.signal);
    fill(this.root, desk.element);
    await desk.open();
  }
}

/** The first sign that a recording was taken over: the screen need not wait for its end. */
const untilOpened = () =>
  new Promise((resolve) => recorder.addEventListener("progress", resolve, { once: true }));

function localLink() {
  const url = new URL(location.href);
  url.hostname = "localhost";
  const text = `On this computer: ${url.origin}`;
  return h("a.button.primary", { href: url.href }, text);
}
