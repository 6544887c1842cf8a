/** Where the meeting is: recording, being processed (with its stages), failed with its remedy. */

import { post } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { plural } from "../format.js";
import { attempt } from "../ui/toast.js";

const NAMES = {
  gather: "Collecting the audio",
  recording: "Joining the recording",
  transcript: "Writing the transcript",
  diarize: "Telling speakers apart",
  segments: "Putting it in order",
  summary: "Summing up",
  keywords: "Finding keywords",
  mood: "Sensing the mood",
  agenda: "Finding the agenda",
  actions: "Collecting actions and decisions",
  metrics: "Counting",
};

export class Stages {
  constructor(store) {
    this.store = store;
    this.element = h("div", { class: "notices", "data-testid": "stages" });
    this.link = h("div");
    this.state = h("div");
    fill(this.element, this.link, this.state);
    store.addEventListener("meeting", () => this.draw());
    store.addEventListener("link", (event) => this.showLink(event.detail));
  }

  draw() {
    const { meeting } = this.store;
    fill(this.state, [
      meeting.status === "processing" && this.progress(),
      meeting.status === "failed" && this.failure(),
      meeting.status === "cancelled" && banner("", "This recording was discarded."),
      meeting.ended_abruptly &&
        meeting.status !== "recording" &&
        banner(
          "",
          "This recording ended without Stop: the recorder fell silent. What had arrived is all here.",
          this.resume(),
        ),
      this.gaps(),
    ]);
  }

  progress() {
    const over = this.store.stages.filter((stage) => stage.status !== "running").length;
    const running =
      this.store.stages.findLast((stage) => stage.status === "running") || this.store.stages.at(-1);
    const total = Object.keys(NAMES).length;
    const share = this.store.meeting.progress ?? over / total;
    const items = Object.entries(NAMES).map(([name, text]) => this.stage(name, text));
    return h(
      "details",
      { class: "banner calm progress" },
      h(
        "summary",
        {},
        h(
          "span",
          {},
          `${NAMES[running?.name] || "Waiting for a worker"} (${Math.min(over + 1, total)} of ${total})`,
        ),
        h("progress", { max: "1", value: share, "aria-label": "Progress" }),
      ),
      h("ol", { class: "stages" }, items),
    );
  }

  stage(name, text) {
    const stage = this.store.stages.find((candidate) => candidate.name === name);
    const mark =
      {
        completed: icon("check"),
        failed: icon("warn"),
        running: h("span", { class: "spinner", "aria-hidden": "true" }),
      }[stage?.status] || h("span", { class: "spinner-place" });
    const took = stage?.duration_seconds
      ? `${stage.duration_seconds.toFixed(1)} s`
      : stage?.error || "";
    return h(
      "li",
      { class: stage?.status || "", "data-testid": `stage-${name}` },
      mark,
      h("span", {}, text),
      h("span", { class: "muted small" }, took),
    );
  }

  failure() {
    const { failure } = this.store.meeting;
    const retry = h(
      "button",
      {
        class: "button small",
        onclick: () =>
          attempt(() => post(this.store.path("retry")).then(() => this.store.readMeeting())),
      },
      icon("again"),
      "Retry",
    );
    return banner("bad", failure?.reason || "The processing failed. The recording is kept.", retry);
  }

  resume() {
    return this.store.meeting.can_resume
      ? h(
          "a",
          {
            class: "button small",
            href: `/console/record?resume=${encodeURIComponent(this.store.id)}`,
          },
          "Continue recording",
        )
      : null;
  }

  gaps() {
    const { gaps } = this.store.meeting;
    const count = Array.isArray(gaps) ? gaps.length : gaps || 0;
    return count > 0 && this.store.meeting.status === "completed"
      ? banner(
          "",
          `${plural(count, "stretch", "stretches")} of this meeting never arrived. Each is marked in the transcript.`,
        )
      : null;
  }

  showLink({ state, retryInMs }) {
    const isAway = state === "waiting" && this.store.live.attempts > 1;
    const text =
      state === "refused"
        ? "You no longer have access to this meeting."
        : `Not connected: what you see may be old. Trying again in ${Math.ceil((retryInMs || 0) / 1000)} s.`;
    if (state === "live" || state === "refused" || isAway)
      fill(this.link, state !== "live" && banner("", text));
  }
}

function banner(kind, text, action = null) {
  return h(
    "div",
    { class: `banner ${kind}`, role: kind === "bad" ? "alert" : null, "data-testid": "banner" },
    h("span", {}, text),
    action,
  );
}
