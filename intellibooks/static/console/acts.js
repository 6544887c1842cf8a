/** What is done with a meeting as a whole, from its row and from its page; loaded when asked for. */

import { meetingPath, patch, post, remove } from "./api.js";
import { h } from "./dom.js";
import { ask, confirm, openDialog } from "./ui/dialog.js";
import { attempt, notify } from "./ui/toast.js";

const pathOf = ({ session_id: id }, part) => meetingPath(id, part);
const isSum = (tag) => tag.startsWith("sha256:"); // of an imported file; no tag for people

/** Each resolves with something where it was done. */
export async function rename(meeting) {
  const title = await ask({ title: "Rename", label: "Title", value: meeting.title });
  return title !== undefined && attempt(() => patch(pathOf(meeting), { title: title.trim() }));
}

export async function tag(meeting) {
  const known = meeting.tags || [];
  const shown = known.filter((word) => !isSum(word)).join(", ");
  const text = await ask({ title: "Tags", label: "Tags, with commas between", value: shown });
  if (text === undefined) return null;
  const words = text.split(",").map((word) => word.trim());
  const tags = [...words.filter(Boolean), ...known.filter(isSum)];
  return attempt(() => patch(pathOf(meeting), { tags }));
}

export async function stop(meeting) {
  const isSure = await confirm({
    title: "Stop the recording?",
    text: "It ends for whoever records it, too.",
    yes: "Stop",
  });
  return isSure && attempt(() => post(pathOf(meeting, "stop")));
}

export async function erase(meeting) {
  const name = meeting.title || "Untitled meeting";
  const isSure = await confirm({
    title: "Delete this meeting?",
    text: `“${name}” goes with its recording, transcript and chat. This cannot be undone.`,
    yes: "Delete",
    danger: true,
  });
  const told = () => (notify(`“${name}” was deleted.`), true);
  return isSure && attempt(() => remove(pathOf(meeting)).then(told));
}

export async function eraseAudio(meeting) {
  const isSure = await confirm({
    title: "Delete the audio?",
    text: "The transcript and the notes stay. It cannot be played or transcribed again.",
    yes: "Delete the audio",
    danger: true,
  });
  return isSure && attempt(() => remove(pathOf(meeting, "audio")).then(() => true));
}

export async function sharePublicly(meeting) {
  const isSure = await confirm({
    title: "Make a public link?",
    text: "Whoever has the link sees and hears the recording, its transcript, notes and chat, without an account, until you take it back.",
    yes: "Make the link",
  });
  const answer = isSure && (await attempt(() => post(pathOf(meeting, "share"))));
  if (!answer) return null;
  const url = new URL(answer.share_url, location.origin).href;
  const body = h("input", {
    type: "text",
    readonly: true,
    value: url,
    label: "Public link",
    testid: "share-url",
    onfocus: (event) => event.target.select(),
  });
  const takeBack = () =>
    attempt(() =>
      remove(pathOf(meeting, "share")).then(() => notify("The public link no longer works.")),
    );
  const actions = [
    { text: "Take it back", run: takeBack },
    { text: "Copy", kind: "primary", run: () => copy(url, "Copied.") },
  ];
  return openDialog({ title: "Public link", body, actions });
}

export const copy = (text, done) =>
  attempt(() => navigator.clipboard.writeText(text).then(() => notify(done)));
