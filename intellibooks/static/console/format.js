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
  ].filter(([count]) => count);
  return parts.map(([count, unit]) => plural(count, unit)).join(" ") || "0 seconds";
}

/** A length in a list: "48 min", "2 min 19 s", "1 h 05 min". */
export function length(ms) {
  const seconds = Math.round((ms || 0) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  if (seconds < 600 && rest) return `${Math.floor(seconds / 60)} min ${rest} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export const percent = (share) => `${Math.round((share || 0) * 100)} %`;

/** Whole days between the two, as the calendar counts. */
export function daysAgo(date, now) {
  const [from, to] = [date, now].map((day) => new Date(day).setHours(0, 0, 0, 0));
  return Math.round((to - from) / DAY_MS);
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** "10:42" today, "yesterday 10:42", "Mon 10:42", "3 Nov 2026". */
export function moment(text, now = new Date()) {
  const date = new Date(text);
  const ago = daysAgo(date, now);
  if (ago <= 0) return TIME.format(date);
  if (ago === 1) return `yesterday ${TIME.format(date)}`;
  return ago < 7 ? `${WEEKDAY.format(date)} ${TIME.format(date)}` : DATE.format(date);
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** "at_work" -> "At work". */
export function label(slug) {
  const words = String(slug || "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A sentence that starts with a capital letter, as it was said otherwise. */
export const capital = (text) => (text ? text.charAt(0).toUpperCase() + text.slice(1) : "");
