/** One message of the chat, with the seconds that it points at. */

import { h, icon } from "../dom.js";
import { clockMs, moment } from "../format.js";

export function buildMessage(message, meetingId, player) {
  const when = message.created_at || message.timestamp || "";
  const at = message.at_ms ?? message.metadata?.at_ms;
  const text = message.is_deleted
    ? h("p.muted", "Message deleted")
    : h("p.message-text", message.content);
  const link = (ms, source) => buildLink(ms, source, meetingId, player);
  return h(
    `li.message.${message.role}.${message.isWaiting ? "waiting" : ""}`,
    { "data-when": when, testid: "chat-message" },
    h(
      "div.message-head",
      h("strong", nameAuthor(message)),
      h("span.muted.small", moment(when || Date.now())),
      typeof at === "number" && link(at),
    ),
    text,
    listSources(message).map((source) => link(source.start_ms ?? source.start * 1000, source)),
  );
}

function nameAuthor(message) {
  if (message.role === "assistant") return "Assistant";
  return message.user_id || message.metadata?.user_id || (message.isMine ? "You" : "Somebody");
}

/** What an answer stands on, as far as it has a second. */
function listSources(message) {
  const sources = message.metadata?.sources || message.sources || [];
  return sources.filter((source) => typeof (source.start_ms ?? source.start) === "number");
}

function buildLink(ms, source, meetingId, player) {
  const isHere = !source?.session_id || source.session_id === meetingId;
  if (isHere) {
    const play = () => player.seek(ms / 1000, { andPlay: true });
    return h(
      "button.chip",
      { label: `Play from ${clockMs(ms)}`, onclick: play },
      icon("play"),
      clockMs(ms),
    );
  }
  const url = `/console/m/${encodeURIComponent(source.session_id)}?t=${ms / 1000}`;
  return h("a.chip", { href: url }, source.title || "Other meeting", " ", clockMs(ms));
}
