/** The time of a running recording, in the place of a player: notes in the chat point at it. */

export class RecordingClock {
  constructor(recorder) {
    this.recorder = recorder;
    this.isPlaying = false;
  }

  get time() {
    return this.recorder.recordedMs / 1000;
  }

  /** Nothing can be played yet. */
  seek() {}
}
