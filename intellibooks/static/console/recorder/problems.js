/** What can stand in the way of a recording: what happened, and what to do about it. */

const TEXTS = {
  insecure: [
    "The microphone is only available on a secure page.",
    "Open this service as http://localhost, or over HTTPS.",
  ],
  unsupported: [
    "This browser cannot record.",
    "Use a current Chrome, Edge, Firefox or Safari, or import a recording.",
  ],
  denied: [
    "The microphone is blocked for this page.",
    "Allow it with the icon in the address bar, then try again.",
  ],
  no_microphone: ["No microphone was found.", "Plug one in and try again, or import a recording."],
  in_use: [
    "The microphone does not answer.",
    "Another program may be using it. Close that program, then try again.",
  ],
  lost: [
    "The microphone was disconnected.",
    "What was said until then is kept. Plug it in again or choose another one, then continue.",
  ],
  busy: [
    "A recording is already running in another tab of this browser.",
    "Go on there, or stop it there first.",
  ],
  storage: [
    "This browser cannot keep a copy of the recording.",
    "It is sent all the same; do not close this page before it is saved.",
  ],
  refused: ["The service takes no more audio for this meeting.", ""],
};

const NAMES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

/** `code` is one of the table above, `message` says what happened, `advice` what to do. */
export class RecorderProblem extends Error {
  constructor(code, { message, advice, cause } = {}) {
    super(message || TEXTS[code][0], { cause });
    this.name = "RecorderProblem";
    this.code = code;
    this.advice = advice ?? TEXTS[code][1];
  }
}

/** The problem behind what getUserMedia threw. */
export function nameProblem(error) {
  if (error instanceof RecorderProblem) return error;
  return new RecorderProblem(NAMES[error.name] || "in_use", { cause: error });
}
