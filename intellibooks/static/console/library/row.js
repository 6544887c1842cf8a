/** One meeting of the library. */

import { meetingPath, patch, post, remove } from "../api.js";
import { h, icon } from "../dom.js";
import { label, length, moment, percent, plural } from "../format.js";
import { ask, confirm } from "../ui/dialog.js";
import { attachMenu } from "../ui/menu.js";
import { shareBar } from "../ui/speaker.js";
import { statePill } from "../ui/states.js";
import { attempt, notify } from "../ui/toast.js";

const MOST_KEYWORDS = 4;
const MOST_SPEAKERS = 3;

/** `onChange` is called when the list should be read again. */
export function buildRow(meeting, onChange) {
  const url = `/console/m/${encodeURIComponent(meeting.session_id)}`;
  return h(
    "li",
    {
      class: `meeting ${meeting.status}`,
      "data-testid": "meeting-row",
      "data-id": meeting.session_id,
    },
    h("div", { class: "meeting-state" }, statePill(meeting.status, meeting.progress)),
    h(
      "div",
      { class: "meeting-what" },
      h("a", { class: "meeting-title", href: url }, meeting.title || "Untitled meeting"),
      h(
        "div",
        { class: "meeting-facts muted" },
        listFacts(meeting).flatMap((fact, index) => (index ? [" · ", fact] : [fact])),
      ),
      meeting.preview && h("p", { class: "meeting-preview muted" }, meeting.preview),
      showTrouble(meeting, onChange),
    ),
    h("div", { class: "meeting-who" }, showSpeakers(meeting.speakers || [])),
    h(
      "div",
      { class: "meeting-words" },
      showMood(meeting.mood),
      (meeting.keywords || [])
        .slice(0, MOST_KEYWORDS)
        .map((word) =>
          h(
            "a",
            { class: "chip", href: `${url}?find=${encodeURIComponent(textOf(word))}` },
            textOf(word),
          ),
        ),
    ),
    h("div", { class: "meeting-length" }, meeting.duration_ms ? length(meeting.duration_ms) : "–"),
    buildMenu(meeting, url, onChange),
  );
}

const textOf = (word) => (typeof word === "string" ? word : word.text);

function listFacts(meeting) {
  const facts = [h("time", { datetime: meeting.created_at }, moment(meeting.created_at))];
  if (meeting.words) facts.push(plural(meeting.words, "word"));
  if (meeting.status === "processing" && meeting.stage) facts.push(label(meeting.stage));
  facts.push(
    ...(meeting.tags || [])
      .filter((tag) => !tag.startsWith("sha256:"))
      .map((tag) => h("span", { class: "tag" }, tag)),
  );
  return facts;
}

function showTrouble(meeting, onChange) {
  const failure = meeting.failure && (meeting.failure.reason || meeting.failure);
  const notes = [];
  if (meeting.ended_abruptly) notes.push(h("span", { class: "note" }, "Ended without Stop"));
  const gaps = Array.isArray(meeting.gaps) ? meeting.gaps.length : meeting.gaps;
  if (gaps) notes.push(h("span", { class: "note" }, plural(gaps, "gap")));
  if (typeof failure === "string" && failure) {
    const retry = async () => (
      await attempt(() => post(meetingPath(meeting.session_id, "retry"))),
      onChange()
    );
    notes.push(
      h("span", { class: "note failed" }, failure),
      h("button", { class: "button small", onclick: retry }, "Retry"),
    );
  }
  return notes.length > 0 && h("div", { class: "meeting-notes" }, notes);
}

function showSpeakers(speakers) {
  if (speakers.length === 0) return null;
  const shown = speakers
    .slice(0, MOST_SPEAKERS)
    .map((voice) => `${voice.name} ${percent(voice.share)}`);
  const more = speakers.length > MOST_SPEAKERS ? `, +${speakers.length - MOST_SPEAKERS}` : "";
  return [shareBar(speakers), h("span", { class: "muted small" }, shown.join(", ") + more)];
}

export function showMood(mood) {
  if (!mood?.overall_mood) return null;
  return h("span", { class: `mood ${mood.overall_mood}` }, mood.overall_mood);
}

function buildMenu(meeting, url, onChange) {
  const path = meetingPath(meeting.session_id);
  const name = meeting.title || "Untitled meeting";
  const rename = async () => {
    const title = await ask({ title: "Rename", label: "Title", value: meeting.title });
    if (title !== undefined) await attempt(() => patch(path, { title }).then(onChange));
  };
  const tag = async () => {
    const shown = (meeting.tags || []).filter((word) => !word.startsWith("sha256:"));
    const hidden = (meeting.tags || []).filter((word) => word.startsWith("sha256:"));
    const text = await ask({
      title: "Tags",
      label: "Tags, with commas between",
      value: shown.join(", "),
    });
    const tags = text
      ?.split(",")
      .map((word) => word.trim())
      .filter(Boolean);
    if (tags) await attempt(() => patch(path, { tags: [...tags, ...hidden] }).then(onChange));
  };
  const erase = async () => {
    const isSure = await confirm({
      title: "Delete this meeting?",
      text: `“${name}” goes with its recording, transcript and chat. This cannot be undone.`,
      yes: "Delete",
      danger: true,
    });
    if (isSure)
      await attempt(() => remove(path).then(() => (notify(`“${name}” was deleted.`), onChange())));
  };
  const button = h(
    "button",
    { class: "icon-button", "aria-label": `More for ${name}` },
    icon("more"),
  );
  return attachMenu(button, () => [
    { text: "Open", href: url },
    { text: "Rename …", run: rename },
    { text: "Tags …", run: tag },
    { text: "Download as Markdown", href: `${path}/export?format=md`, download: true },
    "line",
    { text: "Delete …", kind: "danger", run: erase },
  ]);
}
