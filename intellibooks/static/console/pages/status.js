/** What doctor says, in the browser: each part, whether it works, and the line that mends it. */

import { call, get } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { label } from "../format.js";
import { failure, loading } from "../ui/states.js";
import { notify } from "../ui/toast.js";

export const title = "Status";
const POLL_MS = 10_000;
const TEXTS = {
  ok: "Works",
  warning: "Could be better",
  failed: "Does not work",
  off: "Not set up (optional)",
};
const ICONS = { ok: "check", warning: "warn", failed: "close", off: "more" };

export async function mount(root, { signal }) {
  const list = h("div", { "data-testid": "status-parts" }, loading("Looking at each part"));
  const summary = h("p", { class: "muted", role: "status" });
  fill(root, h("div", { class: "page narrow" }, h("h1", {}, "Status"), summary, list));
  const refresh = async () => {
    try {
      const [health, ready] = await Promise.all([
        get("/api/health", {}, signal),
        readReady(signal),
      ]);
      const parts = listParts(ready);
      fill(summary, describe(parts, health));
      fill(list, h("ul", { class: "parts" }, parts.map(showPart)));
    } catch (error) {
      if (!signal.aborted) fill(list, failure(error, refresh));
    }
  };
  await refresh();
  const timer = setInterval(() => document.hidden || refresh(), POLL_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** 503 says that a part is missing: that is what the page is for. */
async function readReady(signal) {
  try {
    return await get("/api/status", {}, signal);
  } catch (error) {
    if (error.status !== 403) throw error; // not staff: only what is public
  }
  try {
    return await call("GET", "/api/ready", { signal });
  } catch (error) {
    if (error.status === 503 && error.body?.parts) return error.body;
    throw error;
  }
}

/** Parts come as "ok" or a sentence, or as `{name, state, found, error, fix}`. */
function listParts(ready) {
  const checks = ready.checks || ready.parts || {};
  const rows = Array.isArray(checks)
    ? checks
    : Object.entries(checks).map(([name, value]) =>
        typeof value === "string"
          ? { name, state: value === "ok" ? "ok" : "failed", error: value === "ok" ? "" : value }
          : { name, ...value },
      );
  return rows.map((row) => ({ ...row, state: nameState(row) }));
}

function nameState({ state, ok }) {
  if (TEXTS[state]) return state;
  if (state === "warn" || state === "degraded") return "warning";
  if (state === "optional" || state === "skipped") return "off";
  return state === "error" || ok === false ? "failed" : "ok";
}

function describe(parts, health) {
  const wrong = parts.filter((part) => part.state === "failed" && part.required !== false).length;
  const verdict =
    wrong === 0
      ? "Everything that is needed works."
      : wrong === 1
        ? "One part needs attention."
        : `${wrong} parts need attention.`;
  return `${verdict} Version ${health.version}, speech engine: ${health.engine}.`;
}

function showPart(part) {
  const detail = part.error || part.found || part.detail || "";
  return h(
    "li",
    { class: `part ${part.state}`, "data-testid": `part-${part.name}` },
    icon(ICONS[part.state]),
    h("div", { class: "part-name" }, label(part.name)),
    h("div", { class: "part-state" }, TEXTS[part.state]),
    h("div", { class: "part-detail" }, detail, part.fix && showFix(part.fix)),
  );
}

function showFix(fix) {
  const copy = async () => (await navigator.clipboard.writeText(fix), notify("Copied."));
  return h(
    "div",
    { class: "fix" },
    h("code", {}, fix),
    h("button", { class: "button small", onclick: copy }, "Copy"),
  );
}
