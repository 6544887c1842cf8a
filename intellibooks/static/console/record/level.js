/** The last seconds of sound as a picture that moves; a meter for those who do not see it. */

import { h } from "../dom.js";

const BARS = 40; // 4 s: a bar for each tenth of a second
const FLOOR_DB = 54;
const STEPS = 10;

/** 0..1 of a linear level, as loud as it sounds. */
const loudness = (level) =>
  Math.max(0, Math.min(1, 1 + (20 * Math.log10(Math.max(level, 1e-6))) / FLOOR_DB)) ** 1.7;

export class Level {
  constructor() {
    this.bars = [];
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.element = h(
      "div.rec-level",
      {
        role: "meter",
        label: "Loudness",
        "aria-valuemin": "0",
        "aria-valuemax": String(STEPS),
        "aria-valuenow": "0",
        testid: "rec-level",
      },
      this.canvas,
    );
  }

  add(peak, rms) {
    this.bars.push([loudness(peak), loudness(rms)]);
    if (this.bars.length > BARS) this.bars.shift();
    this.element.setAttribute("aria-valuenow", String(Math.round(loudness(peak) * STEPS)));
    this.draw();
  }

  rest() {
    this.bars = [];
    this.element.setAttribute("aria-valuenow", "0");
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
    }
    const brush = this.canvas.getContext("2d");
    const style = getComputedStyle(this.element);
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    const step = width / BARS;
    for (let place = 0; place < BARS; place += 1) {
      const [peak, rms] = this.bars[place - BARS + this.bars.length] || [0, 0];
      this.drawBar(brush, style.getPropertyValue("--quiet"), place, step, height, peak);
      this.drawBar(brush, style.getPropertyValue("--loud"), place, step, height, rms * 0.9);
    }
  }

  drawBar(brush, colour, place, step, height, share) {
    const tall = Math.max(2, share * height);
    brush.fillStyle = colour;
    brush.fillRect(place * step, (height - tall) / 2, Math.max(1, step - 1.5), tall);
  }
}
