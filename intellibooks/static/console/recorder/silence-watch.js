/** Tells when nothing at all is heard: the wrong microphone, or one that is switched off. */

const QUIET_PEAK = 0.001; // -60 dB: the noise of an open microphone in a quiet room is above
const QUIET_SECONDS = 5;

export class SilenceWatch {
  /** `tell(isSilent)` is called at each change. */
  constructor(tell) {
    this.tell = tell;
    this.reset();
  }

  /** The peak (0..1) of the next `seconds`. */
  hear(peak, seconds) {
    this.quiet = peak < QUIET_PEAK ? this.quiet + seconds : 0;
    const isSilent = this.quiet >= QUIET_SECONDS;
    if (isSilent === this.isSilent) return;
    this.isSilent = isSilent;
    this.tell(isSilent);
  }

  reset() {
    if (this.isSilent) this.tell(false);
    this.isSilent = false;
    this.quiet = 0;
  }
}
