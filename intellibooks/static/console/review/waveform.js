/** The waveform: coloured by who speaks, what was heard already in full colour; a slider for the keyboard. */

import { h } from "../dom.js";
import { clock } from "../format.js";
import { colourOf } from "../ui/speaker.js";

const HEIGHT = 56;
const BAR = 2;
const GAP = 1;

export class Waveform {
  constructor(store, player, signal) {
    Object.assign(this, { store, player });
    this.base = h("canvas.wave-base");
    this.heard = h("canvas.wave-heard");
    this.head = h("div.playhead");
    this.tip = h("div.wave-tip", { hidden: true });
    this.element = h(
      "div.wave",
      {
        role: "slider",
        tabindex: "0",
        label: "Position in the recording",
        "aria-valuemin": "0",
        testid: "waveform",
      },
      this.base,
      this.heard,
      this.head,
      this.tip,
    );
    this.listen(signal);
  }

  listen(signal) {
    const element = this.element;
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      this.player.seek(this.secondsAt(event));
    });
    element.addEventListener("pointermove", (event) => {
      if (event.buttons === 1) this.player.seek(this.secondsAt(event));
      this.showTip(event);
    });
    element.addEventListener("pointerleave", () => (this.tip.hidden = true));
    element.addEventListener("keydown", (event) => this.onKey(event));
    this.player.on("tick", () => this.move());
    new ResizeObserver(() => this.draw()).observe(element);
    document.addEventListener("studio:theme", () => this.draw(), { signal });
  }

  onKey(event) {
    const step = {
      ArrowLeft: -5,
      ArrowDown: -5,
      ArrowRight: 5,
      ArrowUp: 5,
      PageUp: 60,
      PageDown: -60,
    }[event.key];
    const target =
      { Home: 0, End: this.player.duration }[event.key] ?? (step && this.player.time + step);
    if (target === undefined || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.player.seek(target);
  }

  secondsAt(event) {
    const box = this.element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.player.duration;
  }

  showTip(event) {
    const box = this.element.getBoundingClientRect();
    this.tip.hidden = false;
    this.tip.textContent = clock(this.secondsAt(event));
    this.tip.style.setProperty(
      "left",
      `${Math.max(20, Math.min(box.width - 20, event.clientX - box.left))}px`,
    );
  }

  move() {
    const share = this.player.duration ? this.player.time / this.player.duration : 0;
    const percent = `${(share * 100).toFixed(3)}%`;
    this.head.style.setProperty("left", percent);
    this.heard.style.setProperty("clip-path", `inset(0 ${(100 - share * 100).toFixed(3)}% 0 0)`);
    const now = Math.round(this.player.time);
    if (now === this.shown) return;
    this.shown = now;
    this.element.setAttribute("aria-valuenow", String(now));
    this.element.setAttribute("aria-valuemax", String(Math.round(this.player.duration)));
    this.element.setAttribute("aria-valuetext", this.player.describe());
  }

  draw() {
    const width = this.element.clientWidth;
    if (!width) return;
    const bars = measureBars(this.store.peaks, Math.floor(width / (BAR + GAP)));
    const colours = this.colourBars(bars.length);
    const quiet = getComputedStyle(this.element).getPropertyValue("--line-strong");
    paint(this.base, width, bars, () => quiet);
    paint(this.heard, width, bars, (index) => colours[index] || quiet);
    this.move();
  }

  /** The colour of whoever speaks in the middle of each bar. */
  colourBars(count) {
    const colours = new Array(count);
    const duration = this.store.durationMs || 1;
    for (const [start, end, label] of this.store.timeline.turns) {
      const colour = colourOf(this.store.indexOf(label));
      const last = Math.ceil((end / duration) * count);
      for (let index = Math.floor((start / duration) * count); index < last; index += 1)
        colours[index] = colour;
    }
    return colours;
  }
}

/** The loudest sample of each bar, 0..1 of the loudest of all. */
function measureBars(peaks, count) {
  if (peaks.length === 0) return new Array(Math.max(count, 0)).fill(0.04);
  const bars = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count));
    return Math.max(...peaks.slice(from, to).map(([low, high]) => Math.max(-low, high)));
  });
  const loudest = Math.max(...bars, 0.001);
  return bars.map((bar) => Math.max(0.04, bar / loudest));
}

function paint(canvas, width, bars, colourAt) {
  const scale = devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  bars.forEach((bar, index) => {
    const height = bar * (HEIGHT - 4);
    context.fillStyle = colourAt(index);
    context.fillRect(index * (BAR + GAP), (HEIGHT - height) / 2, BAR, height);
  });
}
