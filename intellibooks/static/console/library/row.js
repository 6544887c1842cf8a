/** One meeting of the library. */

import { meetingPath, post } from "../api.js";
import { h, icon } from "../dom.js";
import { label, length, moment, percent, plural } from "../format.js";
import { attachMenu } from "../ui/menu.js";
import { showMood, statePill } from "../ui/pills.js";
import { colourOf } from "../ui/speaker.js";
import { attempt } from "../ui/toast.js";

const MOST_KEYWORDS = 4;
const MOST_SPEAKERS = 3;

/** `onChange` is called when the list should be read again. */
export function buildRow(meeting, onChange) {
  const url = `/console/m/${encodeURIComponent(meeting.session_id)}`;
  return h(
    `li.meeting.${meeting.status}`,
    { testid: "meeting-row", "data-id": meeting.session_id },
    h("div.meeting-state", statePill(meeting.status, meeting.progress)),
    h(
      "div.meeting-what",
      h("a.meeting-title", { href: url }, meeting.title || "Untitled meeting"),
      h(
        "div.meeting-facts.muted",
        listFacts(meeting).flatMap((fact, index) => (index ? [" · ", fact] : [fact])),
      ),
      meeting.preview && h("p.meeting-preview.muted", meeting.preview),
      showTrouble(meeting, onChange),
    ),
    h("div.meeting-who", showSpeakers(meeting.speakers || [])),
    h(
      "div.meeting-words",
      showMood(meeting.mood),
      (meeting.keywords || [])
        .slice(0, MOST_KEYWORDS)
        .map((word) =>
          h("a.chip", { href: `${url}?find=${encodeURIComponent(textOf(word))}` }, textOf(word)),
        ),
    ),
    h("div.meeting-length", meeting.duration_ms ? length(meeting.duration_ms) : "–"),
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
      .map((tag) => h("span.tag", tag)),
  );
  return facts;
}

function showTrouble(meeting, onChange) {
  const failure = meeting.failure && (meeting.failure.reason || meeting.failure);
  const notes = [];
  if (meeting.ended_abruptly) notes.push(h("span.note", "Ended without Stop"));
  const gaps = Array.isArray(meeting.gaps) ? meeting.gaps.length : meeting.gaps;
  if (gaps) notes.push(h("span.note", plural(gaps, "gap")));
  if (typeof failure === "string" && failure) {
    const retry = async () => (
      await attempt(() => post(meetingPath(meeting.session_id, "retry"))),
      onChange()
    );
    notes.push(
      h("span.note.failed", failure),
      h("button.button.small", { onclick: retry }, "Retry"),
    );
  }
  return notes.length > 0 && h("div.meeting-notes", notes);
}

function showSpeakers(speakers) {
  if (speakers.length === 0) return null;
  const shown = speakers
    .slice(0, MOST_SPEAKERS)
    .map((voice) => `${voice.name} ${percent(voice.share)}`);
  const more = speakers.length > MOST_SPEAKERS ? `, +${speakers.length - MOST_SPEAKERS}` : "";
  return [shareBar(speakers), h("span.muted.small", shown.join(", ") + more)];
}

function buildMenu(meeting, url, onChange) {
  const name = meeting.title || "Untitled meeting";
  const act = (what) => async () => {
    const acts = await import("../acts.js");
    if (await acts[what](meeting)) onChange();
  };
  const button = h("button.icon-button", { label: `More for ${name}` }, icon("more"));
  return attachMenu(button, () => [
    { text: "Open", href: url },
    { text: "Rename …", run: act("rename") },
    { text: "Tags …", run: act("tag") },
    {
      text: "Download as Markdown",
      href: meetingPath(meeting.session_id, "export?format=md"),
      download: true,
    },
    "line",
    { text: "Delete …", kind: "danger", run: act("erase") },
  ]);
}

/** Shares of the talk as one bar; the names stand beside it for those who cannot see it. */
function shareBar(speakers) {
  const parts = speakers.map((voice, index) =>
    h("span", {
      class: `pattern-${index % 8}`,
      style: {
        "--speaker": colourOf(index),
        "flex-grow": String(Math.max(voice.share || 0, 0.01)),
      },
    }),
  );
  return h("span.share-bar", { "aria-hidden": "true" }, parts);
}
