/** Elements from code. Text only ever goes in as text: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** `h("button", {class: "quiet", onclick, "aria-label": "Play"}, "Play")`; false and null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...flatten(children));
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style")
    for (const [key, css] of Object.entries(value)) element.style.setProperty(key, css);
  else if (name === "value" || name === "checked" || name === "muted") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function flatten(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false);
}

/** Puts the children in place of what the element held. */
export function fill(element, ...children) {
  element.replaceChildren(...flatten(children));
  return element;
}

export function toggle(element, isShown) {
  element.hidden = !isShown;
  return element;
}

/** An icon of the set below, 24 x 24, drawn with the colour of its text; hidden from screen readers. */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  if (SOLID.has(name)) path.setAttribute("class", "solid");
  svg.append(path);
  return svg;
}

const SOLID = new Set(["play", "pause", "record", "more"]);
const ICONS = {
  play: "M8 5.2v13.6a.8.8 0 0 0 1.2.7l10.6-6.8a.8.8 0 0 0 0-1.4L9.2 4.5A.8.8 0 0 0 8 5.2z",
  pause: "M7 5h3.2v14H7zM13.8 5H17v14h-3.2z",
  record: "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z",
  more: "M5 10.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2zM12 10.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2zM19 10.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z",
  back: "M11 7 6 12l5 5M18 7l-5 5 5 5",
  forward: "M13 7l5 5-5 5M6 7l5 5-5 5",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3 20 20",
  pen: "M4 20l1-4.2L16.2 4.6a1.5 1.5 0 0 1 2.1 0l1.1 1.1a1.5 1.5 0 0 1 0 2.1L8.2 19 4 20z",
  upload: "M12 15V4M7.5 8.5 12 4l4.5 4.5M4.5 14.5V19h15v-4.5",
  download: "M12 4v11M7.5 10.5 12 15l4.5-4.5M4.5 14.5V19h15v-4.5",
  share:
    "M9.5 14.5l5-5M8 11l-2.4 2.4a3.7 3.7 0 0 0 5.2 5.2L13 16M11 8l2.4-2.4a3.7 3.7 0 0 1 5.2 5.2L16 13",
  again: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v6M13.7 10.5v6",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  help: "M9.2 9a2.9 2.9 0 1 1 4.3 2.6c-1 .5-1.5 1.1-1.5 2.2M12 17.2v.1M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  down: "M6 9.5l6 6 6-6",
  up: "M6 14.5l6-6 6 6",
  left: "M14.5 6l-6 6 6 6",
  person:
    "M12 4.5a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4zM4.8 20c.6-3.6 3.5-5.6 7.2-5.6s6.6 2 7.2 5.6",
  chat: "M4.5 5.5h15v10.2h-8L7 19.5v-3.8H4.5z",
  warn: "M12 4.5 21 19.5H3zM12 10v4.5M12 16.8v.1",
  sliders: "M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4",
  undo: "M8.5 5 4.5 9l4 4M5 9h9a5 5 0 0 1 0 10h-4",
};
