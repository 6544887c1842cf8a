/** One meeting as the review screen knows it: read over REST, kept up to date by frames. */

import { getOr, get, meetingPath, patch, post, shareToken } from "../api.js";
import { LiveSession } from "../live-session.js";

const SEGMENT_PAGE = 1000;
const WAVEFORM_BUCKETS = 1200;
const TIMELINE_EMPTY = {
  speakers: [],
  turns: [],
  mood_curve: [],
  agenda: [],
  silence: [],
  gaps: [],
  markers: [],
};

/**
 * Events: "meeting" (status, title, stages), "segments" (all anew), "segment" (detail: one, or one
 * that went), "speakers", "results" (timeline, metadata), "link" (detail: state of the connection).
 */
export class MeetingStore extends EventTarget {
  constructor(id, signal) {
    super();
    this.id = id;
    this.signal = signal;
    this.meeting = {};
    this.segments = new Map();
    this.speakers = [];
    this.timeline = TIMELINE_EMPTY;
    this.metadata = null;
    this.peaks = [];
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

  /** The pieces may be there while the recording is still being joined: it can be played after. */
  get isJoined() {
    const joined = this.stages.some(
      (stage) => stage.name === "recording" && stage.status === "completed",
    );
    return (
      this.meeting.has_audio &&
      (this.meeting.status === "completed" || (!this.isRecording && joined))
    );
  }

  get hasAudio() {
    return this.isJoined && this.peaks.length > 0;
  }

  /** Length of the meeting in ms, as far as it is known. */
  get durationMs() {
    const ends =
      this.isRecording || !this.meeting.duration_ms
        ? this.ordered().map((segment) => segment.end_ms)
        : [];
    return Math.max(
      this.meeting.duration_ms || 0,
      this.timeline.duration_ms || 0,
      ...ends.slice(-3),
    );
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
    this.tell("meeting");
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
    this.tell("segments");
  }

  /** A frame may have been faster than the answer that we read. */
  newest(fresh) {
    const known = this.segments.get(fresh.key);
    return known && known.rev > fresh.rev ? known : fresh;
  }

  async readResults() {
    if (this.isRecording) return;
    const [timeline, metadata, wave] = await Promise.all([
      getOr(TIMELINE_EMPTY, this.path("timeline"), {}, this.signal),
      this.meeting.completed_at ? getOr(null, this.path("metadata"), {}, this.signal) : null,
      this.isJoined
        ? getOr({ peaks: [] }, this.path("waveform"), { buckets: WAVEFORM_BUCKETS }, this.signal)
        : { peaks: [] },
    ]);
    this.timeline = { ...TIMELINE_EMPTY, ...timeline };
    this.metadata = metadata;
    this.peaks = wave.peaks;
    this.tell("results");
  }

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
    this.tell("speakers");
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
    const on = (type, run) => this.live.addEventListener(type, (event) => run(event.detail));
    on("segment", (frame) => this.takeSegment(frame));
    on("meeting", (frame) => this.takeMeeting(frame));
    on("chunk", (frame) =>
      Object.assign(this.meeting, {
        chunks_processed: frame.chunks_processed,
        total_chunks: frame.total_chunks,
      }),
    );
    on("state", (detail) => this.tell("link", detail));
    on("reload", ({ reason }) => this.catchUp(reason).catch(() => {}));
    this.signal.addEventListener("abort", () => this.live.close());
  }

  /** What was said between our first look and the open connection came to nobody here. */
  async catchUp(reason) {
    if (reason !== "first") return this.load();
    if (this.isRecording || this.isProcessing) await this.readSegments();
  }

  takeSegment(frame) {
    const known = this.segments.get(frame.id);
    if (known && known.rev >= frame.rev) return;
    if (frame.state === "removed") {
      this.segments.delete(frame.id);
      return known && this.tell("segment", { ...known, isGone: true });
    }
    const fresh = normalise(frame);
    // Frames carry no words: those of an unchanged text still hold.
    if (known && known.text === fresh.text && fresh.words.length === 0) fresh.words = known.words;
    this.segments.set(fresh.key, fresh);
    this.tell("segment", fresh);
  }

  takeMeeting(frame) {
    if (frame.stages) this.stages = frame.stages;
    if (typeof frame.progress === "number") this.meeting.progress = frame.progress;
    const status = {
      started: "recording",
      resumed: "recording",
      stopped: "processing",
      abrupt_end: "processing",
      completed: "completed",
      failed: "failed",
      cancelled: "cancelled",
    }[frame.state];
    if (status) this.meeting.status = status;
    this.tell("meeting");
    if (frame.state === "completed" || frame.state === "failed") this.load().catch(() => {});
  }

  put(row) {
    const fresh = normalise(row);
    this.segments.set(fresh.key, fresh);
    this.tell("segment", fresh);
  }

  /** Throws ApiError; on a conflict its body carries the segment as it is now. */
  async changeSegment(key, changes) {
    const { rev } = this.segments.get(key);
    this.put(await patch(this.path(`segments/${encodeURIComponent(key)}`), { ...changes, rev }));
    if (changes.speaker !== undefined) await this.readSpeakers();
  }

  async rename(title) {
    await patch(this.path(), { title });
    this.meeting.title = title;
    this.tell("meeting");
  }

  async undo() {
    await post(this.path("undo"));
    await this.readSegments();
  }

  tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A row of the list and a frame of the socket are one shape here; words in seconds. */
function normalise(row) {
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
