/** What one marked for oneself: passages with H, moments with M. Nobody else sees it. */

import { get, post, remove } from "../api.js";
import { fill, h, toggle } from "../dom.js";
import { clockMs } from "../format.js";
import { bind } from "../keyboard.js";
import { attempt, notify } from "../ui/toast.js";

const NEAR_MS = 1000; // the same key takes a marker so near away again
const isLong = (one) => one.end_ms > one.start_ms;

export class Highlights {
  constructor({ store, player, transcript, find, wave }, signal) {
    Object.assign(this, { store, player, transcript, find, list: [] });
    this.path = store.path("highlights");
    const onchange = () => find.filterRows();
    this.box = h("input", { type: "checkbox", onchange, testid: "only-mine" });
    this.only = h("label.only-mine", { hidden: true }, this.box, "Only my highlights");
    find.element.append(this.only);
    find.keeps = (row) => !this.box.checked || this.touching(row).length > 0;
    this.marks = h("div.wave-marks");
    wave.element.append(this.marks);
    transcript.on("changed", () => this.draw());
    store.on("results", () => this.draw());
    bind({ highlight: (event) => this.onHighlight(event), marker: () => this.onMarker() }, signal);
  }

  async load() {
    const answer = await attempt(() => get(this.path));
    this.list = answer?.highlights || [];
    this.draw();
  }

  /** By times, because another engine may have cut the passages anew. */
  touching(row) {
    const middle = (row.segment.start_ms + row.segment.end_ms) / 2;
    return this.list.filter(
      (one) => one.row === row || (one.start_ms <= middle && one.end_ms > middle),
    );
  }

  onHighlight(event) {
    const { transcript } = this;
    const row =
      event.target.closest?.(".seg")?.row ||
      transcript.rowAt(transcript.indexAt(this.player.time + 0.05));
    if (!row) return;
    const { start_ms, end_ms } = row.segment;
    const own = this.touching(row).filter(isLong);
    const at = clockMs(start_ms);
    if (own.length > 0) this.take(own, `The passage at ${at} is not highlighted any more.`);
    else this.add([{ start_ms, end_ms }], `The passage at ${at} is highlighted.`);
  }

  onMarker() {
    const ms = this.store.isRecording ? this.store.durationMs : Math.round(this.player.time * 1000);
    const near = this.list.filter((one) => !isLong(one) && Math.abs(one.start_ms - ms) < NEAR_MS);
    const at = clockMs(near[0]?.start_ms ?? ms);
    if (near.length > 0) this.take(near, `The marker at ${at} is gone.`);
    else this.add([{ start_ms: ms }], `Marker set at ${at}.`);
  }

  add(wanted, text) {
    return this.change(wanted, text, async ({ start_ms, end_ms, note }) => {
      this.list.push(await post(this.path, { start_ms, end_ms, note }));
    });
  }

  take(own, text) {
    const undo = { text: "Undo", run: () => this.add(own, "It is back.") };
    const drop = async (one) => {
      await remove(`${this.path}/${one.id}`).catch(unlessMissing);
      this.list = this.list.filter((other) => other !== one);
    };
    return this.change(own, text, drop, undo);
  }

  /** One after the other: a key that is held down does not do the same thing twice. */
  async change(ones, text, work, undo) {
    if (this.isBusy) return;
    this.isBusy = true;
    const run = async () => {
      for (const one of ones) await work(one);
      notify(text, undo);
    };
    await attempt(run, () => this.change(ones, text, work, undo));
    this.isBusy = false;
    this.draw();
  }

  draw() {
    const { transcript } = this;
    for (const one of this.list)
      one.row = transcript.rowAt(transcript.indexAt((one.start_ms + one.end_ms) / 2000));
    for (const row of transcript.rows) this.flag(row);
    const total = this.store.durationMs || 1;
    const share = (ms) => `${(ms / total) * 100}%`;
    fill(
      this.marks,
      this.list.map((one) => {
        const style = { left: share(one.start_ms), width: share(one.end_ms - one.start_ms) };
        return h(isLong(one) ? "i" : "i.moment", { style });
      }),
    );
    toggle(this.only, this.list.length > 0);
    if (!this.box.checked) return;
    this.box.checked = this.list.length > 0;
    this.find.filterRows();
  }

  /** Said in words, too: a colour alone tells little, and nothing to a screen reader. */
  flag(row) {
    const words = this.touching(row).map((one) =>
      isLong(one) ? "★ Highlighted" : `⚑ ${clockMs(one.start_ms)}`,
    );
    const text = [...new Set(words)].join("  ");
    row.element.classList.toggle("mine", text.includes("★"));
    if (!row.flag && !text) return;
    row.flag ??= row.body.parentNode.appendChild(h("p.seg-flag"));
    row.flag.textContent = text;
  }
}

/** Another page of the same person may have been faster. */
function unlessMissing(error) {
  if (!error.isMissing) throw error;
}
