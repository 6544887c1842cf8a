/** Where the meeting is: recording, being processed (with its stages), failed with its remedy. */

import { post } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { plural } from "../format.js";
import { banner, spinner } from "../ui/states.js";
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
    this.element = h("div.notices", { testid: "stages" });
    this.link = h("div");
    this.state = h("div");
    fill(this.element, this.link, this.state);
    store.on("meeting", () => this.draw());
    store.on("link", (detail) => this.showLink(detail));
  }

  draw() {
    const { meeting } = this.store;
    const { status } = meeting;
    const abrupt =
      "This recording ended without Stop: the recorder fell silent. What had arrived is all here.";
    const kept = "The processing failed. The recording is kept.";
    fill(this.state, [
      status === "processing" && this.progress(),
      status === "failed" && banner("bad", meeting.failure?.reason || kept, this.retry()),
      status === "cancelled" && banner("", "This recording was discarded."),
      meeting.ended_abruptly && status !== "recording" && banner("", abrupt, this.resume()),
      status === "completed" && this.gaps(),
    ]);
  }

  progress() {
    const { stages, meeting } = this.store;
    const over = stages.filter((stage) => stage.status !== "running").length;
    const running = stages.findLast((stage) => stage.status === "running") || stages.at(-1);
    const total = Object.keys(NAMES).length;
    const name = NAMES[running?.name] || "Waiting for a worker";
    const share = meeting.progress ?? over / total;
    return h(
      "details.banner.calm.progress",
      // Each step draws it anew: whoever opened it finds it open.
      { open: this.isOpen, ontoggle: (event) => (this.isOpen = event.target.open) },
      h(
        "summary",
        h("span", `${name} (${Math.min(over + 1, total)} of ${total})`),
        h("progress", { max: "1", value: share, label: "Progress" }),
      ),
      h(
        "ol.stages",
        Object.keys(NAMES).map((each) => this.stage(each)),
      ),
    );
  }

  stage(name) {
    const {
      status = "",
      duration_seconds: seconds,
      error,
    } = this.store.stages.find((stage) => stage.name === name) || {};
    const mark = { completed: () => icon("check"), failed: () => icon("warn"), running: spinner };
    return h(
      `li.${status}`,
      { testid: `stage-${name}` },
      (mark[status] || (() => h("span.spinner-place")))(),
      h("span", NAMES[name]),
      h("span.muted.small", seconds ? `${seconds.toFixed(1)} s` : error),
    );
  }

  retry() {
    const { store } = this;
    const onclick = () => attempt(() => post(store.path("retry")).then(() => store.readMeeting()));
    return h("button.button.small", { onclick }, icon("again"), "Retry");
  }

  resume() {
    const href = `/console/record?resume=${encodeURIComponent(this.store.id)}`;
    return this.store.meeting.can_resume && h("a.button.small", { href }, "Continue recording");
  }

  gaps() {
    const { gaps } = this.store.meeting;
    const count = Array.isArray(gaps) ? gaps.length : gaps;
    const never = "of this meeting never arrived. Each is marked in the transcript.";
    return count > 0 && banner("", `${plural(count, "stretch", "stretches")} ${never}`);
  }

  showLink({ state, retryInMs = 0 }) {
    const isAway = state === "waiting" && this.store.live.attempts > 1;
    const seconds = Math.ceil(retryInMs / 1000);
    const text =
      state === "refused"
        ? "You no longer have access to this meeting."
        : `Not connected: what you see may be old. Trying again in ${seconds} s.`;
    if (state === "live" || state === "refused" || isAway)
      fill(this.link, state !== "live" && banner("", text));
  }
}
