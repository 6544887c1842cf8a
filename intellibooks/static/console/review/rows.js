/** One passage of the transcript on the screen: one text node, so that three hours stay light. */

import { fill, h, icon } from "../dom.js";
import { capital, clockMs, spoken } from "../format.js";
import { swatch } from "../ui/speaker.js";
import { placeWords } from "./words.js";

const FLASH_MS = 1600;
const LONG_PAUSE_MS = 4000;

export class Row {
  constructor(segment) {
    this.text = document.createTextNode("");
    this.body = h("p", { class: "seg-text" }, this.text);
    this.time = h("button", { class: "seg-time", tabindex: "-1" });
    this.who = h("button", { class: "seg-who", tabindex: "-1" });
    this.voice = tool("person", "Change the speaker", "Who speaks here?");
    this.edit = tool("pen", "Correct this passage", "Correct (Enter)");
    this.element = h(
      "li",
      { class: "seg", tabindex: "-1", "data-testid": "seg" },
      this.time,
      h("div", { class: "seg-main" }, this.who, this.body),
      h("div", { class: "seg-tools" }, this.voice, this.edit),
    );
    this.element.row = this;
    this.set(segment);
  }

  set(segment) {
    const isChanged = this.segment && this.segment.text !== segment.text && !segment.isDraft;
    this.segment = segment;
    this.placed = null;
    this.element.dataset.key = segment.key;
    // What an engine hears begins in small letters; a passage reads better as a sentence.
    const shown =
      segment.kind === "missing"
        ? segment.text || "Nothing was received here"
        : capital(segment.text);
    if (this.text.data !== shown) this.text.data = shown;
    this.time.textContent = clockMs(segment.start_ms);
    const classes = this.element.classList;
    classes.toggle("draft", segment.isDraft);
    classes.toggle("edited", segment.isEdited);
    classes.toggle("missing", segment.kind === "missing");
    if (isChanged) this.flash();
  }

  /** The words with their places and seconds, worked out when first needed. */
  get words() {
    this.placed ??= placeWords(this.segment);
    return this.placed;
  }

  /** The speaker is named where the speaker changes, or after a long pause. */
  showSpeaker(index, name, before) {
    const isSame =
      before &&
      before.segment.speaker === this.segment.speaker &&
      this.segment.start_ms - before.segment.end_ms < LONG_PAUSE_MS;
    this.element.classList.toggle("same", Boolean(isSame));
    this.who.hidden = Boolean(isSame) || !name;
    const mark = `${index}|${name}`;
    if (this.mark !== mark) {
      this.mark = mark;
      fill(this.who, swatch(index), h("span", {}, name));
      this.who.setAttribute("aria-label", `${name}: change the speaker`);
    }
    this.time.setAttribute(
      "aria-label",
      `Play from ${spoken(this.segment.start_ms / 1000)}${name ? `, ${name}` : ""}`,
    );
  }

  flash() {
    this.element.classList.add("flash");
    setTimeout(() => this.element.classList.remove("flash"), FLASH_MS);
  }

  /** Buttons of the chosen row alone are reached by Tab: a transcript has thousands. */
  choose(isChosen) {
    this.element.tabIndex = isChosen ? 0 : -1;
    for (const button of [this.time, this.who, this.voice, this.edit])
      button.tabIndex = isChosen ? 0 : -1;
  }
}

const tool = (name, label, title) =>
  h(
    "button",
    { class: "icon-button small", tabindex: "-1", "aria-label": label, title },
    icon(name),
  );
