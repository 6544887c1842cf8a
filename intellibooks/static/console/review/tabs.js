/** The panels: transcript beside notes on a wide screen, one at a time on a narrow one. */

import { h } from "../dom.js";

const WIDE = matchMedia("(min-width: 64rem)");

export class Tabs {
  /** `panels`: `[[name, title, element], …]`; the first stands by itself where there is room. */
  constructor(panels) {
    this.panels = panels.map(([name, title, content]) => this.buildPanel(name, title, content));
    this.list = h(
      "div.tabs",
      { role: "tablist", label: "Parts of the meeting" },
      this.panels.map((panel) => panel.tab),
    );
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.element = h(
      "div.panels",
      this.list,
      this.panels.map((panel) => panel.element),
    );
    this.first = panels[0][0];
    this.current = WIDE.matches ? panels[1][0] : this.first;
    WIDE.addEventListener("change", () => this.show());
    this.show();
  }

  buildPanel(name, title, content) {
    const id = `tab-${name}`;
    const about = { id, role: "tab", "aria-controls": `panel-${name}`, testid: id };
    const tab = h("button", { ...about, onclick: () => this.open(name) }, title);
    const panel = { id: `panel-${name}`, role: "tabpanel", "aria-labelledby": id };
    return { name, tab, element: h(`section.panel.panel-${name}`, panel, content) };
  }

  open(name) {
    if (WIDE.matches && name === this.first) return; // it is on the screen already
    this.current = name;
    this.show();
  }

  show() {
    if (WIDE.matches && this.current === this.first) this.current = this.panels[1].name;
    for (const { name, tab, element } of this.panels) {
      const isOn = name === this.current;
      const isFixed = WIDE.matches && name === this.first;
      tab.hidden = isFixed;
      tab.setAttribute("aria-selected", String(isOn));
      tab.tabIndex = isOn ? 0 : -1;
      element.hidden = !isOn && !isFixed;
      element.setAttribute("role", isFixed ? "region" : "tabpanel");
    }
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const shown = this.panels.filter((panel) => !panel.tab.hidden);
    const at = shown.findIndex((panel) => panel.name === this.current);
    const next = shown[(at + step + shown.length) % shown.length];
    event.preventDefault();
    event.stopPropagation();
    this.open(next.name);
    next.tab.focus();
  }
}
