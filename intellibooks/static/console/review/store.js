/** One meeting as the screens know it: read over REST, kept up to date by frames. */

import { Emitter } from "../recorder/emitter.js";
import { get, getOr, meetingPath, patch, shareToken } from "../api.js";
import { LiveSession } from "../live-session.js";

const SEGMENT_PAGE = 1000;
const STATUS = {
  started: "recording",
  resumed: "recording",
  stopped: "processing",
  abrupt_end: "processing",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};

/**
 * Events: "meeting" (status, title, stages), "segments" (all anew), "segment" (detail: one, or one
 * that went), "speakers", "link" (detail: state of the connection).
 */
export class MeetingStore extends Emitter {
  constructor(id, signal) {
    super();
    this.id = id;
    this.signal = signal;
    this.meeting = {};
    this.segments = new Map();
    this.speakers = [];
    this.stages = [];
    this.live = new LiveSession(id, { query: shareToken() ? { share: shareToken() } : {} });
    this.follow();
  }

  get isRecording() {
    return this.meeting.status === "recording";
  }

  get isProcessing() {
    return this.meeting.status === "processing";
  }

  get isMoving() {
    return this.isRecording || this.isProcessing;
  }

  /** Whether whoever looks may "edit", "write", "manage"; a service that does not say so forbids later. */
  can(act) {
    return this.meeting.can ? this.meeting.can.includes(act) : !shareToken();
  }

  path(part = "") {
    return meetingPath(this.id, part);
  }

  async load() {
    await this.readMeeting();
    await Promise.all([this.readSegments(), this.readResults(), this.readSpeakers()]);
  }

  async readMeeting() {
    this.meeting = await get(this.path(), {}, this.signal);
    this.stages = this.meeting.stages || this.stages;
    this.emit("meeting");
  }

  async readSegments() {
    const rows = [];
    let after = "";
    do {
      const page = await getOr(
        { segments: [] },
        this.path("segments"),
        { words: true, limit: SEGMENT_PAGE, after },
        this.signal,
      );
      rows.push(...page.segments.map((row) => ({ ...row, is_draft: page.is_draft })));
      after = page.next ?? "";
    } while (after !== "");
    this.segments = new Map(rows.map((row) => [row.id, this.newest(normalise(row))]));
    this.emit("segments");
  }

  /** A frame may have been faster than the answer that we read. */
  newest(fresh) {
    const known = this.segments.get(fresh.key);
    return known && known.rev > fresh.rev ? known : fresh;
  }

  /** What was worked out of the meeting is for its review. */
  async readResults() {}

  async readSpeakers() {
    const roster = await getOr({ speakers: [] }, this.path("speakers"), {}, this.signal);
    this.setSpeakers(roster);
  }

  setSpeakers(roster) {
    this.roster = roster;
    // By when they first speak: a voice keeps its colour while its share of the talk grows.
    this.speakers = [...roster.speakers].sort(
      (one, other) => one.first_ms - other.first_ms || one.label.localeCompare(other.label),
    );
    this.emit("speakers");
  }

  /** Place of a speaker among the colours; -1 where nobody is known. */
  indexOf(speaker) {
    if (!speaker) return -1;
    return this.speakers.findIndex((voice) => voice.label === speaker || voice.name === speaker);
  }

  /** In the order of the meeting. */
  ordered() {
    return [...this.segments.values()].sort(
      (one, other) => one.start_ms - other.start_ms || one.end_ms - other.end_ms,
    );
  }

  /** Frames of the room; whoever comes back to the page is told what was missed. */
  follow() {
    const { live } = this;
    live.on("segment", (frame) => this.takeSegment(frame));
    live.on("meeting", (frame) => this.takeMeeting(frame));
    live.on("state", (detail) => this.emit("link", detail));
    live.on("reload", ({ reason }) => this.catchUp(reason).catch(() => {}));
    this.signal.addEventListener("abort", () => this.live.close());
  }

  /** What was said between our first look and the open connection came to nobody here. */
  async catchUp(reason) {
    if (reason !== "first") return this.load();
    if (this.isMoving) await this.readSegments();
  }

  takeSegment(frame) {
    const known = this.segments.get(frame.id);
    if (known && known.rev >= frame.rev) return;
    if (frame.state === "removed") {
      this.segments.delete(frame.id);
      return known && this.emit("segment", { ...known, isGone: true });
    }
    const fresh = normalise(frame);
    // Frames carry no words: those of an unchanged text still hold.
    if (known && known.text === fresh.text && fresh.words.length === 0) fresh.words = known.words;
    this.segments.set(fresh.key, fresh);
    this.emit("segment", fresh);
  }

  takeMeeting(frame) {
    if (frame.stages) this.stages = frame.stages;
    if (typeof frame.progress === "number") this.meeting.progress = frame.progress;
    const status = STATUS[frame.state];
    if (status) this.meeting.status = status;
    this.emit("meeting");
    if (frame.state === "completed" || frame.state === "failed") this.load().catch(() => {});
  }

  async rename(title) {
    await patch(this.path(), { title });
    this.meeting.title = title;
    this.emit("meeting");
  }
}

/** A row of the list and a frame of the socket are one shape here; words in seconds. */
export function normalise(row) {
  return {
    key: row.id,
    rev: row.rev ?? 0,
    kind: row.kind || "speech",
    start_ms: row.start_ms,
    end_ms: row.end_ms,
    text: row.text || "",
    speaker: row.speaker || "",
    words: row.words || [],
    isDraft: row.state === "partial" || row.is_draft === true,
    isEdited: row.edited ?? false,
  };
}
