/** Below the waveform: a lane of turns for each speaker, the mood over time, the agenda's marks. */

import { fill, h, toggle } from "../dom.js";
import { clockMs } from "../format.js";
import { colourOf, swatch } from "../ui/speaker.js";

const MOST_LANES = 6;
const MOOD_HEIGHT = 26;
const SVG = "http://www.w3.org/2000/svg";

export class Lanes {
  constructor(store, player) {
    Object.assign(this, { store, player });
    this.element = h("div.lanes");
    player.on("tick", () => this.move());
  }

  draw() {
    const { timeline, speakers } = this.store;
    const lanes = speakers.slice(0, MOST_LANES).map((voice, index) => this.lane(voice, index));
    const mood = timeline.mood_curve.length > 1 && this.row("Mood", this.moodCurve());
    const agenda = timeline.agenda.length > 0 && this.row("Agenda", this.agendaMarks());
    this.head = h("div.playhead", { "aria-hidden": "true" });
    const has = lanes.length > 0 || mood || agenda;
    fill(this.element, lanes, mood, agenda, has && h("div.lane-head", this.head));
    toggle(this.element, has);
    this.move();
  }

  row(name, content, mark = null) {
    return h("div.lane", h("div.lane-name", mark, h("span", name)), content);
  }

  /** The turns as one drawing: a meeting of three hours has more than a thousand. */
  lane(voice, index) {
    const turns = this.store.timeline.turns.filter(
      ([, , label]) => this.store.indexOf(label) === index,
    );
    const path = turns
      .map(
        ([start, end]) =>
          `M${start} 0H${Math.max(end, start + this.store.durationMs / 800)}V8H${start}Z`,
      )
      .join("");
    const svg = drawing(
      "0 0 " + Math.max(this.store.durationMs, 1) + " 8",
      "lane-turns",
      this.seekBy(),
    );
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", path);
    shape.setAttribute("fill", colourOf(index));
    svg.append(shape);
    return this.row(voice.name, svg, swatch(index));
  }

  moodCurve() {
    const { mood_curve: curve } = this.store.timeline;
    const svg = drawing(`0 -1 ${Math.max(this.store.durationMs, 1)} 2`, "lane-mood", this.seekBy());
    const points = curve.map((part) => [
      (part.start_ms + part.end_ms) / 2,
      -Math.max(-1, Math.min(1, part.score)) * 0.85,
    ]);
    const line = points.map(([x, y], at) => `${at ? "L" : "M"}${x} ${y.toFixed(3)}`).join("");
    const base = document.createElementNS(SVG, "path");
    base.setAttribute("d", `M0 0H${this.store.durationMs}`);
    base.setAttribute("class", "mood-zero");
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", line);
    shape.setAttribute("class", "mood-line");
    svg.append(base, shape);
    svg.style.setProperty("height", `${MOOD_HEIGHT}px`);
    return svg;
  }

  agendaMarks() {
    const { agenda } = this.store.timeline;
    const total = this.store.durationMs || 1;
    const marks = agenda.map((item) => {
      const end = item.end_ms ?? total;
      const place = {
        left: `${(item.start_ms / total) * 100}%`,
        width: `${((end - item.start_ms) / total) * 100}%`,
      };
      return h(
        "button.agenda-mark",
        {
          style: place,
          title: `${clockMs(item.start_ms)} ${item.topic}`,
          onclick: () => this.player.seek(item.start_ms / 1000),
        },
        item.topic,
      );
    });
    return h("div.lane-agenda", marks);
  }

  seekBy() {
    return (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      this.player.seek(((event.clientX - box.left) / box.width) * this.player.duration);
    };
  }

  move() {
    if (!this.head) return;
    const share = this.player.duration ? this.player.time / this.player.duration : 0;
    this.head.style.setProperty("left", `${(share * 100).toFixed(3)}%`);
  }
}

function drawing(viewBox, name, onclick) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true"); // the talk-time table says it in words
  svg.addEventListener("click", onclick);
  return svg;
}
