/** The player: the recording over HTTP Range, its clock, speed and jumps. */

import { Emitter } from "../recorder/emitter.js";
import { address } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { clock, spoken } from "../format.js";
import { bind, hint } from "../keyboard.js";
import { recall, remember } from "../preferences.js";
import { attachMenu } from "../ui/menu.js";
import { complain } from "../ui/toast.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const STEP_BACK_SECONDS = 2;
const LONG_PAUSE_MS = 3000;

/** Events: "tick" (each frame while playing, and after a jump), "play", "pause". Times in seconds. */
export class Player extends Emitter {
  constructor(store, signal) {
    super();
    Object.assign(this, { store, signal });
    this.audio = h("audio", { preload: "metadata", testid: "player" });
    this.speed = recall("speed", 1);
    this.wanted = 0; // where to begin, before the recording is there
    this.pausedAt = 0;
    this.source = "";
    this.element = this.build();
    this.listen();
  }

  get time() {
    return this.source ? this.audio.currentTime : this.wanted;
  }

  get duration() {
    return this.store.durationMs / 1000;
  }

  get isPlaying() {
    return !this.audio.paused;
  }

  build() {
    this.playButton = h("button.play-button", { onclick: () => this.toggle(), testid: "play" });
    this.clock = h("span.clock", { testid: "clock" });
    this.speedButton = h("button.button.quiet.speed", {
      title: hint("faster", "Speed"),
      label: "Speed",
    });
    attachMenu(this.speedButton, () => this.listSpeeds());
    const jump = (name, seconds, action) =>
      h(
        "button.icon-button",
        { label: hint(action), title: hint(action), onclick: () => this.jump(seconds) },
        icon(name),
      );
    this.showPlaying();
    this.showSpeed();
    return h(
      "div.controls",
      this.playButton,
      jump("back", -5, "back5"),
      jump("forward", 5, "forward5"),
      this.clock,
      this.speedButton,
      this.audio,
    );
  }

  listen() {
    const on = (type, run) => this.audio.addEventListener(type, run);
    on("play", () => (this.showPlaying(), this.animate(), this.emit("play")));
    on(
      "pause",
      () => ((this.pausedAt = performance.now()), this.showPlaying(), this.emit("pause")),
    );
    on("seeked", () => this.tick());
    on("loadedmetadata", () => this.begin());
    on(
      "error",
      () =>
        this.source &&
        complain({
          message: "The recording cannot be played.",
          advice:
            "It may be gone from the server, or this browser may not know its format. Export it and play the file.",
        }),
    );
    bind(
      {
        playPause: () => this.toggle(),
        back5: () => this.jump(-5),
        forward5: () => this.jump(5),
        back10: () => this.jump(-10),
        forward10: () => this.jump(10),
        slower: () => this.changeSpeed(-1),
        faster: () => this.changeSpeed(1),
        start: () => this.seek(0),
      },
      this.signal,
    );
    this.signal.addEventListener("abort", () => this.unload());
  }

  /** Fetches the recording once there is one. */
  refresh() {
    const source = this.store.hasAudio ? address(this.store.path("audio")) : "";
    this.playButton.disabled = !source;
    this.playButton.title = source ? hint("playPause") : this.explainSilence();
    if (source && !this.source) {
      this.source = source;
      this.audio.src = source;
      this.announceMedia();
    }
    this.tick();
  }

  explainSilence() {
    const isPurged = Boolean(this.store.meeting.audio_purged_at);
    return isPurged ? "The audio was deleted; the text is kept" : "Can be played once processed";
  }

  unload() {
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  begin() {
    this.audio.playbackRate = this.speed;
    this.audio.preservesPitch = true;
    if (this.wanted) this.audio.currentTime = this.wanted;
    this.tick();
  }

  toggle() {
    if (!this.source) return;
    if (this.isPlaying) this.audio.pause();
    else this.play();
  }

  play() {
    const hasRested = this.pausedAt && performance.now() - this.pausedAt > LONG_PAUSE_MS;
    if (hasRested && recall("stepBack", false))
      this.audio.currentTime = Math.max(0, this.time - STEP_BACK_SECONDS);
    this.audio
      .play()
      .catch(
        (error) =>
          error.name !== "AbortError" &&
          complain({ message: "Playback did not start.", advice: "Press play once more." }),
      );
  }

  /** To that second; with `andPlay` it goes on from there. */
  seek(seconds, { andPlay = false } = {}) {
    const target = Math.max(0, Math.min(seconds, this.duration || seconds));
    this.wanted = target;
    this.pausedAt = 0;
    if (this.source && this.audio.readyState > 0) this.audio.currentTime = target;
    if (andPlay && this.source) this.play();
    this.tick();
  }

  jump(seconds) {
    this.seek(this.time + seconds);
  }

  changeSpeed(step) {
    const at = SPEEDS.findIndex((speed) => speed >= this.speed);
    this.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + step))]);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.audio.playbackRate = speed;
    remember("speed", speed);
    this.showSpeed();
  }

  listSpeeds() {
    const speeds = SPEEDS.map((speed) => ({
      text: `${speed} ×`,
      isOn: speed === this.speed,
      icon: speed === this.speed ? icon("check") : null,
      run: () => this.setSpeed(speed),
    }));
    const isOn = recall("stepBack", false);
    return [
      ...speeds,
      "line",
      {
        text: "Go back 2 s after a pause",
        icon: isOn ? icon("check") : null,
        run: () => remember("stepBack", !isOn),
      },
    ];
  }

  showSpeed() {
    fill(this.speedButton, `${this.speed} ×`);
  }

  showPlaying() {
    fill(this.playButton, icon(this.isPlaying ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", this.isPlaying ? "Pause" : "Play");
  }

  animate() {
    if (!this.isPlaying) return;
    this.tick();
    requestAnimationFrame(() => this.animate());
  }

  tick() {
    const shown = `${clock(this.time)} / ${clock(this.duration)}`;
    if (this.clock.textContent !== shown) this.clock.textContent = shown;
    this.emit("tick");
  }

  announceMedia() {
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.metadata = new MediaMetadata({
      title: this.store.meeting.title || "Meeting",
      artist: "Intellibooks Studio",
    });
    const on = (action, run) => navigator.mediaSession.setActionHandler(action, run);
    on("seekbackward", () => this.jump(-10));
    on("seekforward", () => this.jump(10));
  }

  describe() {
    return `${spoken(this.time)} of ${spoken(this.duration)}`;
  }
}
