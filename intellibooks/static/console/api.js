/** The service over HTTP. Whatever fails becomes an ApiError: what happened, and what to do. */

import { readToken } from "./recorder/token.js";

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const ADVICE = {
  offline: "Check that the service runs and that you are connected, then try again.",
  rate_limited: "Wait a moment, then try again.",
  forbidden: "Ask the owner of this meeting for access.",
  not_authenticated: "Log in, then try again.",
  too_large: "Choose a smaller file, or save it compressed (Opus, MP3, M4A).",
  storage_unavailable: "The server's disk may be full. Ask whoever runs it, then try again.",
  engine_unavailable: "No speech engine is ready. The status page says what to install.",
  conflict: "Load the page again to see the current state.",
};

export class ApiError extends Error {
  constructor(message, { status = 0, code = "", body = null } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
    this.advice =
      ADVICE[code] || (status >= 500 ? "Try again. If it stays, look at the status page." : "");
  }

  get isMissing() {
    return this.status === 404 || this.status === 405;
  }
}

/** The public link that this page was opened with, if any: it opens the one meeting for reading. */
export const shareToken = () => new URLSearchParams(location.search).get("share") || "";

/** `path` with the query; values that are empty are left out. */
export function address(path, query = {}) {
  const all = Object.entries({ ...query, share: query.share ?? shareToken() });
  const given = all.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** The parsed answer. Throws ApiError; an aborted request throws what fetch throws. */
async function call(method, path, { query, body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (UNSAFE.has(method)) headers["X-CSRFToken"] = readToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method, headers, signal, credentials: "same-origin" };
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await send(address(path, query), options);
  const content = await readBody(answer);
  if (answer.ok) return content;
  throw describe(answer.status, content);
}

async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The service does not answer.", { code: "offline" });
  }
}

async function readBody(answer) {
  const type = answer.headers.get("content-type") || "";
  if (answer.status === 204) return null;
  return type.includes("json") ? answer.json() : answer.text();
}

export function describe(status, body) {
  const isJson = body && typeof body === "object";
  const first = isJson && body.errors?.[0];
  const text =
    (isJson && (body.error || body.detail)) || `The service answered with status ${status}.`;
  const shown = first && !text.includes(first.detail) ? `${text} ${first.detail}` : text;
  const error = new ApiError(shown, { status, code: (isJson && body.code) || "", body });
  // Whoever came by a public link has nothing to log in with.
  if (status === 401 && !shareToken()) document.dispatchEvent(new CustomEvent("studio:login"));
  return error;
}

export const get = (path, query, signal) => call("GET", path, { query, signal });
export const post = (path, body = {}) => call("POST", path, { body });
export const patch = (path, body) => call("PATCH", path, { body });
export const remove = (path, query) => call("DELETE", path, { query });

/** `fallback` where the thing is not there (yet); other failures are thrown. */
export async function getOr(fallback, path, query, signal) {
  try {
    return await get(path, query, signal);
  } catch (error) {
    if (error instanceof ApiError && (error.isMissing || error.status === 400)) return fallback;
    throw error;
  }
}

export const meetingPath = (id, part = "") =>
  `/api/meetings/${encodeURIComponent(id)}${part && `/${part}`}`;
