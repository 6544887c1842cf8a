/** What stands where there is nothing to show: nothing yet, still loading, or failed with its remedy. */

import { h, icon } from "../dom.js";

export const spinner = () => h("span.spinner", { "aria-hidden": "true" });

export const loading = (text = "Loading") =>
  h("div.state.loading", { role: "status" }, spinner(), text);

/** A line that must be known; `kind` is "" or "bad", `actions` are elements. */
export function banner(kind, content, actions = null, more = {}) {
  return h(
    `div.banner.${kind}`,
    { role: kind === "bad" ? "alert" : null, testid: "banner", ...more },
    h("span", content),
    actions && h("div.row.wrap", actions),
  );
}

/** `actions`: elements. */
export function empty(title, text, actions = []) {
  return h(
    "div.state.empty",
    h("p.state-title", title),
    text && h("p.muted", text),
    actions.length > 0 && h("div.row.wrap.center", actions),
  );
}

export function failure(error, retry) {
  return h(
    "div.state.failure",
    { role: "alert" },
    icon("warn", "large"),
    h("p.state-title", error.message || "Something went wrong."),
    error.advice && h("p.muted", error.advice),
    retry && h("button.button.primary", { onclick: retry }, "Try again"),
  );
}
