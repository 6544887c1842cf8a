/** Elements from code. Text only ever goes in as text: nothing here parses HTML. */

const ICONS = new URL("./icons.svg", import.meta.url);
const FULL_NAMES = { label: "aria-label", testid: "data-testid" };

/**
 * `h("button.quiet", {onclick, label: "Play"}, "Play")`: the tag with its classes, attributes where
 * there are any, children. What is false or null is left out.
 */
export function h(selector, ...content) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  if (content[0]?.constructor === Object) {
    for (const [name, value] of Object.entries(content.shift())) setAttribute(element, name, value);
  }
  element.append(...flatten(content));
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style")
    for (const [key, css] of Object.entries(value)) element.style.setProperty(key, css);
  else if (name === "value" || name === "checked" || name === "muted") element[name] = value;
  else element.setAttribute(FULL_NAMES[name] || name, value === true ? "" : value);
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

/** One of icons.svg, in the colour of its text; hidden from screen readers. */
export function icon(name, extra = "") {
  const mark = draw("svg", { class: `icon ${extra}`.trim(), "aria-hidden": "true" });
  mark.append(draw("use", { href: `${ICONS}#${name}` }));
  return mark;
}

/** An element of a drawing. */
export function draw(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
