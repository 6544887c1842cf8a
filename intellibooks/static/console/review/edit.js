/** Corrections in place: text and speaker, with undo; of two people who correct, nobody loses words unasked. */

import { h } from "../dom.js";
import { bind } from "../keyboard.js";
import { openDialog } from "../ui/dialog.js";
import { complain, notify } from "../ui/toast.js";

const LONGEST = 10_000;

export class Editing {
  constructor(store, transcript, signal) {
    Object.assign(this, { store, transcript, done: [] });
    transcript.addEventListener("edit", (event) => this.open(event.detail));
    bind({ edit: (event) => this.openChosen(event), undo: () => this.undo() }, signal);
  }

  get isAllowed() {
    return this.store.can("edit") && !this.store.isRecording;
  }

  openChosen(event) {
    const row = event.target.closest?.(".seg")?.row;
    if (!row || event.target !== row.element) return false;
    this.open(row);
    return true;
  }

  open(row) {
    if (row.isEditing || row.segment.kind === "missing") return;
    if (!this.isAllowed) {
      complain({
        message: this.store.isRecording
          ? "The meeting is still being recorded."
          : "You may read this meeting, not change it.",
        advice: this.store.isRecording
          ? "Correct the text once it has been processed."
          : "Ask its owner for access.",
      });
      return;
    }
    row.isEditing = true;
    const field = h("textarea", {
      class: "seg-field",
      maxlength: LONGEST,
      "aria-label": "Text of this passage",
      value: row.text.data,
      rows: "2",
      "data-testid": "edit-field",
    });
    const close = () => this.close(row, form);
    const save = () => this.save(row, field, close);
    const form = h(
      "div",
      { class: "seg-form" },
      field,
      h(
        "div",
        { class: "row wrap" },
        h(
          "button",
          { class: "button primary small", onclick: save, "data-testid": "edit-save" },
          "Save",
        ),
        h("button", { class: "button small", onclick: close }, "Cancel"),
        h("span", { class: "muted small" }, "Ctrl+Enter saves, Esc cancels"),
      ),
    );
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    row.element.classList.add("editing");
    row.body.after(form);
    row.body.hidden = true;
    field.style.setProperty("height", `${Math.max(field.scrollHeight + 4, 64)}px`);
    field.focus();
  }

  close(row, form) {
    form.remove();
    row.body.hidden = false;
    row.isEditing = false;
    row.element.classList.remove("editing");
    row.element.focus({ preventScroll: true });
  }

  async save(row, field, close) {
    const text = field.value.trim();
    if (text === row.text.data || text === row.segment.text) return close();
    field.disabled = true;
    try {
      await this.store.changeSegment(row.segment.key, { text });
      close();
      this.remember("The correction was saved.", () => this.store.undo());
    } catch (error) {
      if (error.status === 409 && error.body?.segment)
        await this.settle(row, text, error.body.segment, close);
      else complain(error);
    } finally {
      field.disabled = false;
    }
  }

  /** Somebody was faster: both texts are shown, and nothing is thrown away without a choice. */
  async settle(row, mine, theirs, close) {
    this.store.put(theirs);
    const choice = await openDialog({
      title: "Somebody corrected this passage meanwhile",
      body: [
        h("h3", {}, "Now it says"),
        h("p", {}, theirs.text || "(nothing)"),
        h("h3", {}, "You wrote"),
        h("p", {}, mine),
      ],
      actions: [
        { text: "Keep theirs", value: "theirs" },
        { text: "Use mine", value: "mine", kind: "primary" },
      ],
    });
    close();
    if (choice !== "mine") return;
    await this.store.changeSegment(row.segment.key, { text: mine }).catch(complain);
  }

  async assign(row, speaker) {
    if (!this.isAllowed || row.segment.speaker === speaker) return;
    const before = row.segment.speaker;
    const key = row.segment.key;
    try {
      await this.store.changeSegment(key, { speaker });
      this.remember(
        `${speaker} speaks here now.`,
        before ? () => this.store.changeSegment(key, { speaker: before }) : null,
      );
    } catch (error) {
      if (error.status === 409 && error.body?.segment) this.store.put(error.body.segment);
      complain(error);
    }
  }

  remember(text, back) {
    if (back) this.done.push(back);
    notify(text, back && { text: "Undo", run: () => this.undo() });
  }

  async undo() {
    const back = this.done.pop();
    if (!back) return;
    try {
      await back();
      notify("Undone.");
    } catch (error) {
      complain(error);
    }
  }
}
