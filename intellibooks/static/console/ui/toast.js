/** Short notices at the foot of the page: what was done, with its undo; what failed, with its remedy. */

import { fill, h, icon } from "../dom.js";

const LIFE_MS = 6000;
const MOST = 3;

function place(role) {
  return document.getElementById(role === "alert" ? "alerts" : "notices");
}

function show(content, { role = "status", life = LIFE_MS, action } = {}) {
  const toast = h(`div.toast.${role}`, { testid: "toast" });
  const close = () => toast.remove();
  let timer = 0;
  const wait = () => life && (timer = setTimeout(close, life));
  const run = () => (close(), action.run());
  fill(
    toast,
    h("div.toast-text", content),
    action && h("button.button.small", { onclick: run, testid: "toast-action" }, action.text),
    h("button.icon-button.small", { label: "Dismiss", onclick: close }, icon("close")),
  );
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", wait);
  const list = place(role);
  list.append(toast);
  while (list.childElementCount > MOST) list.firstElementChild.remove();
  wait();
  return { close, set: (...next) => fill(toast.firstElementChild, ...next) };
}

export const notify = (text, action) => show(text, { action });

/** A notice that stays until it is closed; `set` changes its content. */
export const keepNotice = (content) => show(content, { life: 0 });

export function complain(error, action) {
  if (error?.name === "AbortError") return null;
  const advice = error?.advice ? h("p.advice", error.advice) : null;
  return show([h("p", error?.message || String(error)), advice], {
    role: "alert",
    life: 12000,
    action,
  });
}

/** Runs it; a failure is told and `undefined` returned. */
export async function attempt(work, retry) {
  try {
    return await work();
  } catch (error) {
    complain(error, retry && { text: "Retry", run: retry });
    return undefined;
  }
}
