/** Who speaks: given to a passage, named, and two voices made one. */

import { patch, post } from "../api.js";
import { bind } from "../keyboard.js";
import { ask, confirm } from "../ui/dialog.js";
import { openMenu } from "../ui/menu.js";
import { swatch } from "../ui/speaker.js";
import { attempt, notify } from "../ui/toast.js";

export class Speakers {
  constructor(store, transcript, editing, signal) {
    Object.assign(this, { store, transcript, editing });
    transcript.on("who", (detail) => this.openFor(detail));
    bind({ assign: (event, key) => this.assignByKey(event, Number(key)) }, signal);
  }

  assignByKey(event, number) {
    const row = event.target.closest?.(".seg")?.row;
    const voice = this.store.speakers[number - 1];
    if (!row || !voice) return false;
    this.editing.assign(row, voice.name);
    return true;
  }

  openFor({ row, button }) {
    if (!this.editing.isAllowed) return;
    const voices = this.store.speakers.map((voice, index) => ({
      text: voice.name,
      detail: index < 9 ? String(index + 1) : "",
      icon: swatch(index),
      isOn: voice.name === row.segment.speaker,
      run: () => this.editing.assign(row, voice.name),
    }));
    const current = this.store.speakers.find((voice) => voice.name === row.segment.speaker);
    openMenu(button, [
      { heading: "Who speaks here?" },
      ...voices,
      { text: "Somebody else …", run: () => this.assignNew(row) },
      ...(current
        ? ["line", { text: `Rename ${current.name} everywhere …`, run: () => this.rename(current) }]
        : []),
    ]);
  }

  async assignNew(row) {
    const name = await ask({
      title: "Who speaks here?",
      label: "Name",
      maxLength: 100,
      yes: "Assign",
    });
    if (name?.trim()) await this.editing.assign(row, name.trim());
  }

  async rename(voice) {
    const name = await ask({
      title: `Rename ${voice.name}`,
      label: "Name, in the whole meeting",
      value: voice.is_named ? voice.name : "",
      maxLength: 100,
    });
    if (name === undefined || name === voice.name) return;
    await this.change(
      () => patch(this.store.path(`speakers/${encodeURIComponent(voice.label)}`), { name }),
      `${voice.name} is ${name || voice.label} now.`,
    );
  }

  async merge(voice, into) {
    const isSure = await confirm({
      title: `${voice.name} is ${into.name}?`,
      text: `Everything that ${voice.name} said will be ${into.name}'s.`,
      yes: "Make them one",
    });
    if (isSure)
      await this.change(
        () => post(this.store.path("speakers/merge"), { from: voice.label, into: into.label }),
        `${voice.name} and ${into.name} are one now.`,
      );
  }

  /** Every answer is the whole list of speakers; the passages follow. */
  async change(work, text) {
    const roster = await attempt(work);
    if (!roster) return;
    await attempt(() => Promise.all([this.store.readSegments(), this.store.readResults()]));
    this.store.setSpeakers(roster);
    notify(text);
  }

  listActs(voice) {
    const others = this.store.speakers.filter((other) => other !== voice);
    return [
      { text: "Rename …", run: () => this.rename(voice) },
      ...(others.length > 0 ? ["line", { heading: "The same person as" }] : []),
      ...others.map((other) => ({
        text: other.name,
        icon: swatch(this.store.speakers.indexOf(other)),
        run: () => this.merge(voice, other),
      })),
    ];
  }
}
