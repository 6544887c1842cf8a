/** The transcript of the review: a click on a word plays it, a passage is corrected or given to a speaker. */

import { h, icon } from "../dom.js";
import { spoken } from "../format.js";
import { bind } from "../keyboard.js";
import { Row } from "./rows.js";
import { Transcript } from "./transcript.js";
import { offsetAt, placeWords, wordAt } from "./words.js";

/** A passage whose parts are buttons. */
class ActiveRow extends Row {
  part(name) {
    return h(`button.${name}`, { tabindex: "-1" });
  }

  /** Made when somebody comes near: a transcript has thousands of passages. */
  equip() {
    if (this.edit) return;
    const tool = (name, label, title) =>
      h("button.icon-button.small", { label, title }, icon(name));
    this.edit = tool("pen", "Correct this passage", "Correct (Enter)");
    const voice = tool("person", "Change the speaker", "Who speaks here?");
    this.element.append(h("div.seg-tools", voice, this.edit));
    this.choose(this.element.tabIndex === 0);
  }

  set(segment) {
    this.placed = null;
    super.set(segment);
  }

  /** The words with their places and seconds, worked out when first needed. */
  get words() {
    this.placed ??= placeWords(this.segment);
    return this.placed;
  }

  showSpeaker(index, name, before) {
    super.showSpeaker(index, name, before);
    this.who.setAttribute("aria-label", `${name}: change the speaker`);
    const from = `Play from ${spoken(this.segment.start_ms / 1000)}`;
    this.time.setAttribute("aria-label", name ? `${from}, ${name}` : from);
  }

  /** Its buttons are reached with it. */
  choose(isChosen) {
    super.choose(isChosen);
    if (isChosen) this.equip();
    for (const button of this.element.querySelectorAll("button"))
      button.tabIndex = this.element.tabIndex;
  }
}

/** More events: "edit" (of a row), "who" ({row, button}), "hover" ({row, word} or null). */
export class Reading extends Transcript {
  constructor(store, player, signal) {
    super(store, player, signal);
    this.list.addEventListener("click", (event) => this.onClick(event));
    this.list.addEventListener("pointerover", (event) => event.target.closest(".seg")?.row.equip());
    this.list.addEventListener("pointermove", (event) => this.onHover(event));
    const actions = { previousSegment: () => this.jump(-1), nextSegment: () => this.jump(1) };
    bind(actions, signal);
  }

  makeRow(segment) {
    return new ActiveRow(segment);
  }

  /** Marking text with the mouse plays nothing. */
  onClick(event) {
    const row = event.target.closest(".seg")?.row;
    if (!row || row.isEditing) return;
    const button = event.target.closest("button");
    if (button === row.time) this.play(row.segment.start_ms / 1000);
    else if (button === row.edit) this.emit("edit", row);
    else if (button) this.emit("who", { row, button });
    else if (event.target.closest(".seg-text") && getSelection().isCollapsed) {
      const offset = offsetAt(event, row.text);
      const word = offset === null ? row.words[0] : wordAt(row.words, offset);
      this.isFollowing = true;
      if (word) this.play(word.start);
    }
  }

  onHover(event) {
    const row = event.target.closest?.(".seg-text") && event.target.closest(".seg").row;
    const offset = row ? offsetAt(event, row.text) : null;
    this.emit("hover", offset === null ? null : { row, word: wordAt(row.words, offset) });
  }

  play(seconds) {
    this.player.seek(seconds, { andPlay: true });
  }

  /** To the passage before or after the one that is being said. */
  jump(by) {
    const row = this.rowAt(this.indexAt(this.player.time + 0.05) + by);
    if (row) this.player.seek(row.segment.start_ms / 1000);
  }
}
