/** The dialog that asks what to work out again. */

import { post } from "../api.js";
import { h } from "../dom.js";
import { openDialog } from "../ui/dialog.js";
import { complain } from "../ui/toast.js";

const STAGES = [
  ["transcribe", "Transcribe again", "and everything that follows from the text"],
  ["diarize", "Tell the speakers apart again", ""],
  ["summary", "Summary and key points", ""],
  ["actions", "Action items, decisions, questions", ""],
  ["agenda", "Agenda", ""],
  ["keywords", "Keywords", ""],
  ["mood", "Mood", ""],
  ["metrics", "Figures", ""],
];

export async function openReprocess(store) {
  const boxes = STAGES.map(([value]) => h("input", { type: "checkbox", value }));
  const keep = h("input", { type: "checkbox", checked: true });
  const problem = h("p.form-error", { role: "alert" });
  const run = () => {
    const stages = boxes.filter((box) => box.checked).map((box) => box.value);
    problem.textContent = stages.length === 0 ? "Choose what to do again." : "";
    return stages.length > 0 && start(store, stages, keep.checked);
  };
  await openDialog({
    title: "Reprocess",
    body: [
      h("p.muted", "What is there now stays readable until the new result is ready."),
      h("fieldset.plain", h("legend.sr-only", "What to do again"), boxes.map(label)),
      h("label.check", keep, "Keep what people corrected"),
      problem,
    ],
    actions: [{ text: "Cancel" }, { text: "Reprocess", kind: "primary", run, testid: "confirm" }],
  });
}

function label(box, index) {
  const [, text, detail] = STAGES[index];
  return h("label.check", box, h("span", text, detail && h("span.muted", ` ${detail}`)));
}

async function start(store, stages, keepEdits) {
  try {
    await post(store.path("reprocess"), { stages, keep_edits: keepEdits });
    await store.readMeeting();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
