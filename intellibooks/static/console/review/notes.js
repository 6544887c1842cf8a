/** What was understood: summary, key points, actions, decisions, questions, agenda, keywords; each leads to its second. */

import { fill, h, icon } from "../dom.js";
import { capital, clock, label, spoken } from "../format.js";
import { recall, remember } from "../preferences.js";
import { empty } from "../ui/states.js";

export class Notes {
  constructor(store, player, find) {
    Object.assign(this, { store, player, find });
    this.element = h("div.notes");
    for (const type of ["results", "meeting"]) store.on(type, () => this.draw());
  }

  draw() {
    const found = this.store.metadata;
    if (!found) return fill(this.element, this.nothing());
    const evidence = found.evidence || {};
    const sections = [
      found.summary && this.section("Summary", h("p.summary", found.summary)),
      this.list(
        "Action items",
        (evidence.action_items || []).map((item, index) =>
          this.action(item, found.action_items[index]),
        ),
      ),
      this.list(
        "Decisions",
        found.decisions.map((item) => this.claim(item.text, item)),
      ),
      this.list(
        "Key points",
        (evidence.key_points || []).map((item) => this.claim(item.text, item)),
      ),
      this.list(
        "Open and answered questions",
        found.questions.map((item) => this.question(item)),
      ),
      this.list(
        "Agenda",
        found.agenda.agenda_items.map((item) => this.topic(item)),
      ),
      found.keywords.length > 0 &&
        this.section(
          "Keywords",
          h(
            "div.row.wrap",
            found.keywords.map((word) => this.keyword(word)),
          ),
        ),
      found.failed_stages?.length > 0 &&
        h(
          "p.banner",
          `Not worked out: ${found.failed_stages.map(label).join(", ")}. Reprocess tries again.`,
        ),
    ].filter(Boolean);
    return fill(
      this.element,
      sections.length > 0 ? sections : empty("Too little was said to sum up.", ""),
    );
  }

  nothing() {
    if (this.store.isRecording) return empty("Summary and notes come after the meeting.", "");
    if (this.store.isProcessing)
      return empty("Working on it.", "Summary, actions and decisions appear here in a moment.");
    return empty("There are no notes.", "Reprocess this meeting to make them.");
  }

  section(title, content) {
    return h("section", h("h2", title), content);
  }

  list(title, items) {
    return items.length > 0 && this.section(title, h("ul.claims", items));
  }

  claim(text, { evidence = [] }, extra = null) {
    return h("li", this.jump(evidence[0]?.start), h("div.claim-text", capital(text), extra));
  }

  /** A tick for oneself: this browser remembers what was done. */
  action(item, phrase) {
    const key = `done.${this.store.id}`;
    const done = new Set(recall(key, []));
    const box = h("input", {
      type: "checkbox",
      checked: done.has(item.task),
      label: `Done: ${item.task}`,
    });
    box.addEventListener("change", () => {
      if (box.checked) done.add(item.task);
      else done.delete(item.task);
      remember(key, [...done]);
    });
    const facts = [item.owner, item.due && `due ${item.due}`].filter(Boolean).join(", ");
    const text = item.task || phrase;
    return h(
      "li",
      this.jump(item.evidence?.[0]?.start),
      h(
        "label.claim-text.action",
        box,
        h("span", capital(text), facts && h("span.claim-facts", facts)),
      ),
    );
  }

  question(item) {
    const answer = item.answer
      ? h("span.claim-facts", capital(item.answer))
      : h("span.claim-facts.open", "No answer was heard");
    return this.claim(item.text, item, answer);
  }

  topic(item) {
    const points =
      item.key_points.length > 0 &&
      h(
        "ul.points",
        item.key_points.map((text) => h("li", capital(text))),
      );
    return h(
      "li",
      this.jump(item.start ?? item.time_mentioned),
      h("div.claim-text", h("strong", capital(item.topic)), points),
    );
  }

  keyword(word) {
    return h(
      "button.chip",
      { title: word.context, onclick: () => this.find.search(word.text) },
      word.text,
    );
  }

  jump(seconds) {
    if (typeof seconds !== "number") return h("span.jump");
    return h(
      "button.jump",
      {
        label: `Play from ${spoken(seconds)}`,
        testid: "jump",
        onclick: () => this.player.seek(seconds, { andPlay: true }),
      },
      icon("play"),
      clock(seconds),
    );
  }
}
