/** Numbers, moments and lengths as people read them. Pure. */

const DAY_MS = 86_400_000;

/** 73.5 -> "1:13"; 3671 -> "1:01:11". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

export const clockMs = (ms) => clock((ms || 0) / 1000);

/** For screen readers: 73 -> "1 minute 13 seconds". */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const named = parts
    .filter(([count]) => count)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return named.join(" ") || "0 seconds";
}

/** A length in a list: "48 min", "2 min 19 s", "1 h 05 min". */
export function length(ms) {
  const seconds = Math.round((ms || 0) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 600)
    return seconds % 60
      ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
      : `${seconds / 60} min`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export const percent = (share) => `${Math.round((share || 0) * 100)} %`;

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

function daysAgo(date, now) {
  return Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const DATE = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** "10:42" today, "yesterday 10:42", "Mon 10:42", "3 Nov 2026". */
export function moment(text, now = new Date()) {
  const date = new Date(text);
  const ago = daysAgo(date, now);
  if (ago <= 0) return TIME.format(date);
  if (ago === 1) return `yesterday ${TIME.format(date)}`;
  return ago < 7 ? `${WEEKDAY.format(date)} ${TIME.format(date)}` : DATE.format(date);
}

export function fullMoment(text) {
  const date = new Date(text);
  return `${DATE.format(date)}, ${TIME.format(date)}`;
}

/** The heading under which a meeting stands in the library. */
export function dayGroup(text, now = new Date()) {
  const ago = daysAgo(new Date(text), now);
  if (ago <= 0) return "Today";
  if (ago === 1) return "Yesterday";
  return ago < 7 ? "This week" : ago < 31 ? "This month" : "Earlier";
}

export function bytes(count) {
  return count < 1024 * 1024
    ? `${Math.ceil(count / 1024)} KiB`
    : `${(count / 1024 / 1024).toFixed(1)} MiB`;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** "at_work" -> "At work". */
export function label(slug) {
  const words = String(slug || "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A sentence that starts with a capital letter, as it was said otherwise. */
export const capital = (text) => (text ? text.charAt(0).toUpperCase() + text.slice(1) : "");
