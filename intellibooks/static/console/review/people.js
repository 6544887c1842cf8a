/** Talk time, mood and figures, each as words beside its picture. */

import { fill, h, icon } from "../dom.js";
import { label, length, percent } from "../format.js";
import { attachMenu } from "../ui/menu.js";
import { showMood } from "../ui/pills.js";
import { colourOf, swatch } from "../ui/speaker.js";
import { empty } from "../ui/states.js";

export class People {
  constructor(store, speakers) {
    Object.assign(this, { store, speakers });
    this.element = h("div.notes");
    for (const type of ["results", "speakers", "meeting"]) store.on(type, () => this.draw());
  }

  draw() {
    if (this.store.isRecording)
      return fill(this.element, empty("Speakers and figures come after the meeting.", ""));
    return fill(this.element, this.talkTime(), this.mood(), this.figures());
  }

  talkTime() {
    const { speakers, roster } = this.store;
    const unknown = roster?.unassigned_ms || 0;
    if (speakers.length === 0) {
      const text = roster?.reason ? `${label(roster.reason)}. ` : "";
      return h(
        "section",
        h("h2", "Speakers"),
        h("p.muted", `${text}Choose “Who speaks?” beside a passage to name somebody.`),
      );
    }
    const rows = speakers.map((voice, index) => this.voiceRow(voice, index));
    const rest =
      unknown > 0 &&
      h(
        "tr",
        h("th", { scope: "row" }, h("span.row", swatch(-1), "Nobody yet")),
        h("td"),
        h("td.number", length(unknown)),
        h("td"),
      );
    return h(
      "section",
      h("h2", "Talk time"),
      h(
        "table.talk",
        h(
          "thead.sr-only",
          h(
            "tr",
            ["Speaker", "Share", "Time", "Actions"].map((text) => h("th", { scope: "col" }, text)),
          ),
        ),
        h("tbody", rows, rest),
      ),
    );
  }

  voiceRow(voice, index) {
    const more = h("button.icon-button", { label: `More for ${voice.name}` }, icon("more"));
    const menu = attachMenu(more, () => this.speakers.listActs(voice));
    const bar = h("span", {
      class: `talk-bar pattern-${index % 8}`,
      style: { "--speaker": colourOf(index), width: `${Math.max(2, voice.share * 100)}%` },
    });
    return h(
      "tr",
      h("th", { scope: "row" }, h("span.row", swatch(index), voice.name)),
      h("td.talk-share", bar),
      h("td.number", `${percent(voice.share)} · ${length(voice.talk_ms)}`),
      h("td", this.store.can("edit") && menu),
    );
  }

  mood() {
    const mood = this.store.metadata?.mood;
    if (!mood) return null;
    const facts = [
      ["Mood", showMood(mood)],
      ["Tone", label(mood.emotional_tone)],
      ["Stress", label(mood.stress_level)],
      ["Engagement", label(mood.engagement_level)],
    ];
    return h("section", h("h2", "How it felt"), showFacts(facts));
  }

  figures() {
    const metrics = this.store.metadata?.metrics;
    if (!metrics) return null;
    const facts = [
      ["Words", metrics.word_count.toLocaleString()],
      ["Words a minute", metrics.words_per_minute && Math.round(metrics.words_per_minute)],
      ["Sentences", metrics.sentence_count],
      ["Questions", metrics.question_count],
      ["Silence", metrics.silence_seconds !== undefined && length(metrics.silence_seconds * 1000)],
      [
        "Longest turn",
        typeof metrics.longest_monologue_seconds === "number" &&
          length(metrics.longest_monologue_seconds * 1000),
      ],
      ["Interruptions", typeof metrics.interruptions === "number" && String(metrics.interruptions)],
    ];
    return h("section", h("h2", "Figures"), showFacts(facts.filter(([, value]) => value)));
  }
}

function showFacts(facts) {
  return h(
    "dl.facts",
    facts.map(([name, value]) => h("div", h("dt", name), h("dd", value))),
  );
}
