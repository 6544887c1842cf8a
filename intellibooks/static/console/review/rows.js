/** One passage of the transcript on the screen: one text node, so that three hours stay light. */

import { fill, h } from "../dom.js";
import { capital, clockMs } from "../format.js";
import { swatch } from "../ui/speaker.js";

const FLASH_MS = 1600;
const LONG_PAUSE_MS = 4000;

export class Row {
  constructor(segment) {
    this.text = document.createTextNode("");
    this.body = h("p.seg-text", this.text);
    this.time = this.part("seg-time");
    this.who = this.part("seg-who");
    this.element = h(
      "li.seg",
      { tabindex: "-1", testid: "seg" },
      this.time,
      h("div.seg-main", this.who, this.body),
    );
    this.element.row = this;
    this.set(segment);
  }

  part(name) {
    return h(`span.${name}`);
  }

  set(segment) {
    const isChanged = this.segment && this.segment.text !== segment.text && !segment.isDraft;
    this.segment = segment;
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

  /** The speaker is named where the speaker changes, or after a long pause. */
  showSpeaker(index, name, before) {
    const isSame =
      before &&
      before.segment.speaker === this.segment.speaker &&
      this.segment.start_ms - before.segment.end_ms < LONG_PAUSE_MS;
    this.element.classList.toggle("same", Boolean(isSame));
    this.who.hidden = Boolean(isSame) || !name;
    const mark = `${index}|${name}`;
    if (this.mark !== mark) fill(this.who, swatch(index), h("span", name));
    this.mark = mark;
  }

  flash() {
    this.element.classList.add("flash");
    setTimeout(() => this.element.classList.remove("flash"), FLASH_MS);
  }

  /** The chosen row alone is reached by Tab: a transcript has thousands. */
  choose(isChosen) {
    this.element.tabIndex = isChosen ? 0 : -1;
  }
}
