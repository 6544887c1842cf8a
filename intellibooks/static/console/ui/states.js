/** What stands where there is nothing to show: nothing yet, still loading, or failed with its remedy. */

import { h, icon } from "../dom.js";

export function loading(text = "Loading") {
  return h(
    "div",
    { class: "state loading", role: "status" },
    h("span", { class: "spinner", "aria-hidden": "true" }),
    text,
  );
}

/** `actions`: elements. */
export function empty(title, text, actions = []) {
  return h(
    "div",
    { class: "state empty" },
    h("p", { class: "state-title" }, title),
    text && h("p", { class: "muted" }, text),
    actions.length > 0 && h("div", { class: "row wrap center" }, actions),
  );
}

export function failure(error, retry) {
  return h(
    "div",
    { class: "state failure", role: "alert" },
    icon("warn", "large"),
    h("p", { class: "state-title" }, error.message || "Something went wrong."),
    error.advice && h("p", { class: "muted" }, error.advice),
    retry && h("button", { class: "button primary", onclick: retry }, "Try again"),
  );
}

const PILLS = {
  recording: ["live", "Live"],
  processing: ["busy", "Processing"],
  completed: ["done", "Ready"],
  failed: ["failed", "Failed"],
  cancelled: ["quiet", "Discarded"],
};

/** The state of a meeting as a pill; `progress` 0..1 while it is processed. */
export function statePill(status, progress) {
  const [kind, text] = PILLS[status] || ["quiet", status];
  const isCounting = status === "processing" && typeof progress === "number";
  return h(
    "span",
    { class: `pill ${kind}`, "data-testid": `state-${status}` },
    h("span", { class: "pill-dot", "aria-hidden": "true" }),
    isCounting ? `${text} ${Math.round(progress * 100)} %` : text,
  );
}
