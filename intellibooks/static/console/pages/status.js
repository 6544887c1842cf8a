/** What doctor says, in the browser: each part, whether it works, and the line that mends it. */

import { get } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { label, plural } from "../format.js";
import { every } from "../timing.js";
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
  const list = h("div", { testid: "status-parts" }, loading("Looking at each part"));
  const summary = h("p.muted", { role: "status" });
  fill(root, h("div.page.narrow", h("h1", "Status"), summary, list));
  const refresh = async () => {
    try {
      const [health, parts] = await Promise.all([
        get("/api/health", {}, signal),
        readParts(signal),
      ]);
      fill(summary, describe(parts, health));
      fill(list, h("ul.parts", parts.map(showPart)));
    } catch (error) {
      if (!signal.aborted) fill(list, failure(error, refresh));
    }
  };
  await refresh();
  every(POLL_MS, refresh, signal);
}

/** For staff what doctor says; for others, the essential parts as "ok" or a sentence. */
async function readParts(signal) {
  try {
    return (await get("/api/status", {}, signal)).checks;
  } catch (error) {
    if (error.status !== 403) throw error;
  }
  const { parts } = await get("/api/health", {}, signal);
  return Object.entries(parts).map(([name, text]) =>
    text === "ok" ? { name, state: "ok" } : { name, state: "failed", error: text },
  );
}

function describe(parts, health) {
  const wrong = parts.filter((part) => part.state === "failed" && part.required !== false).length;
  const verdict = wrong
    ? `${plural(wrong, "part needs", "parts need")} attention.`
    : "Everything that is needed works.";
  return `${verdict} Version ${health.version}, speech engine: ${health.engine}.`;
}

function showPart(part) {
  const detail = part.error || part.found || "";
  return h(
    `li.part.${part.state}`,
    { testid: `part-${part.name}` },
    icon(ICONS[part.state]),
    h("div.part-name", label(part.name)),
    h("div.part-state", TEXTS[part.state]),
    h("div.part-detail", detail, part.fix && showFix(part.fix)),
  );
}

function showFix(fix) {
  const copy = async () => (await navigator.clipboard.writeText(fix), notify("Copied."));
  return h("div.fix", h("code", fix), h("button.button.small", { onclick: copy }, "Copy"));
}
