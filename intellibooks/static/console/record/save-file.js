/** What the service did not take, saved by the browser as a WAV file. */

import { h } from "../dom.js";
import { attempt, notify } from "../ui/toast.js";

export async function saveFile(recorder, { sessionId, title }) {
  const blob = await attempt(() => recorder.saveAsFile(sessionId));
  if (!blob) return notify("Nothing is left in this browser: all of it has arrived.");
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: `${title || "meeting"}.wav` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return null;
}
