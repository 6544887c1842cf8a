/** A menu that opens under its button; arrows move, Esc closes, focus returns to the button. */

import { h } from "../dom.js";

let counter = 0;

/** `items()` gives, now or later, `[{text, detail?, icon?, run?, href?, download?, kind?, testid?} | "line" | {heading}]`. */
export function attachMenu(button, items) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    openMenu(button, await items());
  });
  return button;
}

export function openMenu(anchor, items) {
  if (anchor.getAttribute("aria-expanded") === "true") return;
  const menu = h("div.menu", { role: "menu", popover: "auto", id: `menu-${(counter += 1)}` });
  menu.append(...items.map((item) => buildItem(item, menu)));
  menu.addEventListener("keydown", (event) => moveFocus(event, menu));
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    anchor.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body)
      anchor.focus();
    menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  placeUnder(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  menu.querySelector("[role=menuitem]")?.focus();
}

function buildItem(item, menu) {
  if (item === "line") return h("hr", { role: "separator" });
  if (item.heading) return h("div.menu-heading", { role: "presentation" }, item.heading);
  const content = [
    item.icon,
    h("span.menu-text", item.text),
    item.detail && h("span.menu-detail", item.detail),
  ];
  const common = {
    class: `menu-item ${item.kind || ""}`,
    role: "menuitem",
    tabindex: "-1",
    "data-testid": item.testid,
  };
  const close = () => menu.hidePopover();
  if (item.href)
    return h("a", { ...common, href: item.href, download: item.download, onclick: close }, content);
  const click = () => (close(), item.run());
  return h(
    "button",
    { ...common, onclick: click, "aria-current": item.isOn ? "true" : null },
    content,
  );
}

function moveFocus(event, menu) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") return menu.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length).focus();
}

function placeUnder(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const width = menu.offsetWidth;
  const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
  const isBelow =
    box.bottom + menu.offsetHeight + 8 < innerHeight || box.top < menu.offsetHeight + 8;
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${isBelow ? box.bottom + 4 : box.top - menu.offsetHeight - 4}px`);
}
