/** Facts about a meeting as little labels. */

import { h } from "../dom.js";

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
    `span.pill.${kind}`,
    { testid: `state-${status}` },
    h("span.pill-dot", { "aria-hidden": "true" }),
    isCounting ? `${text} ${Math.round(progress * 100)} %` : text,
  );
}

export function showMood(mood) {
  if (!mood?.overall_mood) return null;
  return h(`span.mood.${mood.overall_mood}`, mood.overall_mood);
}
