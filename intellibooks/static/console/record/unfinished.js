/** Recordings that a reload, a crash or a flat battery has cut off: go on, finish, discard. */

import { fill, h, icon } from "../dom.js";
import { clockMs, length, moment } from "../format.js";
import { confirm } from "../ui/dialog.js";
import { attempt } from "../ui/toast.js";
import { saveFile } from "./save-file.js";

export class Unfinished {
  /** `onContinue(sessionId)` and `onFinish(sessionId)` take it over. */
  constructor(recorder, { onContinue, onFinish }) {
    Object.assign(this, { recorder, onContinue, onFinish });
    this.element = h("div.stack");
  }

  /** How many there are. */
  async look() {
    const found = (await attempt(() => this.recorder.findUnfinished())) || [];
    fill(
      this.element,
      found.map((entry) => this.buildCard(entry)),
    );
    return found.length;
  }

  buildCard(entry) {
    const name = entry.title || "Untitled meeting";
    return h(
      "section.card.rec-unfinished",
      { testid: "unfinished" },
      h("h2", `An unfinished recording of ${clockMs(entry.recordedMs)} was found`),
      h("p", `${name}, begun ${moment(entry.startedAtMs)}.`, ` ${describeWaiting(entry)}`),
      h("div.row.wrap", this.buildActions(entry)),
    );
  }

  buildActions(entry) {
    const { sessionId, canContinue } = entry;
    if (canContinue === null) return [button("Look again", () => this.look(), "again")];
    const discard = button("Discard", () => this.discard(sessionId), "trash", "quiet");
    if (!canContinue)
      return [button("Save as a file", () => saveFile(this.recorder, entry), "download"), discard];
    return [
      button("Continue", () => this.onContinue(sessionId), "record", "primary"),
      button("Finish", () => this.onFinish(sessionId), "check"),
      discard,
    ];
  }

  async discard(sessionId) {
    if (!(await isSureToDiscard())) return;
    await attempt(() => this.recorder.discard(sessionId));
    await this.look();
  }
}

export const isSureToDiscard = () =>
  confirm({
    title: "Discard this recording?",
    text: "Its audio and everything made of it are deleted, here and at the service.",
    yes: "Discard",
    danger: true,
  });

function describeWaiting({ waitingMs, canContinue }) {
  const amount = length(Math.max(1000, waitingMs));
  if (canContinue === null)
    return "The service does not answer just now; what was recorded is safe.";
  if (!canContinue)
    return `The service has ended this meeting; ${amount} of it are only in this browser.`;
  if (waitingMs > 0) return `${amount} of it are only in this browser so far.`;
  return "All of it has arrived.";
}

const button = (text, onclick, name, kind = "") =>
  h(
    `button.button.${kind}`,
    { onclick, testid: `unfinished-${text.toLowerCase()}` },
    icon(name),
    text,
  );
