/** Corrections in place: text and speaker, with undo; of two people who correct, nobody loses words unasked. */

import { h } from "../dom.js";
import { plural } from "../format.js";
import { bind } from "../keyboard.js";
import { attempt, complain, notify } from "../ui/toast.js";

const LONGEST = 10_000;

export class Editing {
  constructor(store, transcript, signal) {
    Object.assign(this, { store, transcript, done: [], undone: [] });
    this.text = { back: () => store.retrace("undo"), forth: () => store.retrace("redo") };
    transcript.on("edit", (detail) => this.open(detail));
    const onlyIfAllowed = (run) => () => this.isAllowed && run();
    bind(
      {
        edit: (event) => this.openChosen(event),
        undo: onlyIfAllowed(() => this.undo()),
        redo: onlyIfAllowed(() => this.redo()),
        replace: onlyIfAllowed(() => this.replace()),
      },
      signal,
    );
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
    const field = h("textarea.seg-field", {
      maxlength: LONGEST,
      label: "Text of this passage",
      value: row.text.data,
      rows: "2",
      testid: "edit-field",
    });
    const close = () => this.close(row, form);
    const save = () => this.save(row, field, close);
    const form = h(
      "div.seg-form",
      field,
      h(
        "div.row.wrap",
        h("button.button.primary.small", { onclick: save, testid: "edit-save" }, "Save"),
        h("button.button.small", { onclick: close }, "Cancel"),
        h("span.muted.small", "Ctrl+Enter saves, Esc cancels"),
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
      this.remember("The correction was saved.", this.text);
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
    const { choose } = await import("../ui/dialog.js");
    const isMine = await choose("Somebody corrected this passage meanwhile", {
      body: [
        h("h3", "Now it says"),
        h("p", theirs.text || "(nothing)"),
        h("h3", "You wrote"),
        h("p", mine),
      ],
      no: "Keep theirs",
      yes: "Use mine",
    });
    close();
    if (isMine) await this.store.changeSegment(row.segment.key, { text: mine }).catch(complain);
  }

  async assign(row, speaker) {
    const { key, speaker: before } = row.segment;
    if (!this.isAllowed || before === speaker) return;
    const give = (name) => () => this.store.changeSegment(key, { speaker: name });
    try {
      await give(speaker)();
      const step = before && { back: give(before), forth: give(speaker) };
      this.remember(`${speaker} speaks here now.`, step);
    } catch (error) {
      if (error.status === 409 && error.body?.segment) this.store.put(error.body.segment);
      complain(error);
    }
  }

  async replace() {
    const { openReplace } = await import("./replace.js");
    const answer = await openReplace(this.store, getSelection().toString());
    if (answer) this.remember(`${plural(answer.matches, "place")} changed.`, this.text);
  }

  remember(text, step) {
    if (step) this.done.push(step);
    this.undone = [];
    notify(text, step && { text: "Undo", run: () => this.undo() });
  }

  /** The service knows the corrections of earlier visits, too. */
  async undo() {
    const step = this.done.pop() || this.text;
    if (!(await tried(step.back))) return;
    this.undone.push(step);
    notify("Undone.", { text: "Redo", run: () => this.redo() });
  }

  async redo() {
    const step = this.undone.pop() || this.text;
    if (!(await tried(step.forth))) return;
    this.done.push(step);
    notify("Done again.", { text: "Undo", run: () => this.undo() });
  }
}

const tried = (work) => attempt(() => work().then(() => true));
