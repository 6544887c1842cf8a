/** The recorder of this page: it goes on while the person looks at other parts of the console. */

import { h } from "../dom.js";
import { clockMs } from "../format.js";
import { MeetingRecorder } from "../recorder/meeting-recorder.js";

export const recorder = new MeetingRecorder();

const beacon = h("a.rec-beacon", { href: "/console/record", hidden: true });

/** In the header of every other page: that a recording runs, and the way back to it. */
function showBeacon() {
  beacon.hidden = !recorder.isActive;
  beacon.textContent = clockMs(recorder.recordedMs);
  beacon.setAttribute("aria-label", `Recording, ${clockMs(recorder.recordedMs)}: go there`);
  beacon.classList.toggle("resting", recorder.state !== "recording");
}

/** The browser asks before it throws the page away; what is recorded would still be found again. */
function askBeforeLeaving(event) {
  if (recorder.isActive) event.preventDefault();
}

document.querySelector(".top-tools").prepend(beacon);
recorder.on("state", showBeacon);
recorder.on("progress", showBeacon);
addEventListener("beforeunload", askBeforeLeaving);
