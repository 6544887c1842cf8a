/** A meeting with all that was made of it, and what people change in it. */

import { getOr, patch, post } from "../api.js";
import { MeetingStore, normalise } from "./store.js";

const WAVEFORM_BUCKETS = 1200;
const TIMELINE_EMPTY = { turns: [], mood_curve: [], agenda: [] };

/** One more event: "results" (timeline, metadata, waveform). */
export class ReviewStore extends MeetingStore {
  timeline = TIMELINE_EMPTY;
  metadata = null;
  peaks = [];

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
    this.emit("results");
  }

  put(row) {
    const fresh = normalise(row);
    this.segments.set(fresh.key, fresh);
    this.emit("segment", fresh);
  }

  /** Throws ApiError; on a conflict its body carries the segment as it is now. */
  async changeSegment(key, changes) {
    const { rev } = this.segments.get(key);
    this.put(await patch(this.path(`segments/${encodeURIComponent(key)}`), { ...changes, rev }));
    if (changes.speaker !== undefined) await this.readSpeakers();
  }

  /** "undo" takes the own last correction back, "redo" makes it again. */
  async retrace(way) {
    await post(this.path(way));
    await this.readSegments();
  }
}
