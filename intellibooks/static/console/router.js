/** Addresses under /console/ and the page that each shows; pages are loaded when first needed. */

import { address } from "./api.js";

const ROUTES = [
  [/^\/console\/?$/, "library", () => import("./pages/library.js")],
  [/^\/console\/record\/?$/, "record", () => import("./pages/record.js")],
  [/^\/console\/m\/(?<id>[A-Za-z0-9._-]{1,64})\/?$/, "review", () => import("./pages/review.js")],
  [/^\/console\/search\/?$/, "search", () => import("./pages/search.js")],
  [/^\/console\/status\/?$/, "status", () => import("./pages/status.js")],
  [/^\/console\/login\/?$/, "login", () => import("./pages/login.js")],
];

/** `{name, params, query, load}` of an address; the page "missing" where there is none. */
export function resolve(path) {
  for (const [pattern, name, load] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return { name, params: { ...found.groups }, load };
  }
  return { name: "missing", params: {}, load: () => import("./pages/missing.js") };
}

/** Goes to an address of the console without loading the page again. */
export function navigate(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", url);
  document.dispatchEvent(new CustomEvent("studio:navigate"));
}

/** Writes the address without leaving the page: filters, the second of a meeting. */
export function rewrite(query) {
  history.replaceState(null, "", address(location.pathname, query));
}

export function followLinks(event) {
  const link = event.target.closest?.("a[href^='/console']");
  const isPlain =
    event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.target || link.hasAttribute("download") || event.defaultPrevented)
    return;
  event.preventDefault();
  navigate(link.getAttribute("href"));
}
