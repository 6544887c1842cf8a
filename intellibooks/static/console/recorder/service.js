/** The recorder's few requests. A failure says whether trying again can help. */

import { readToken } from "./token.js";

const ANSWER_MS = 30_000;
const PASSING = new Set([408, 425, 429]);

export class ServiceError extends Error {
  /** `status` 0 where there was no answer; `retryAfterMs` where the service asked for a pause. */
  constructor(message, { status = 0, code = "", retryAfterMs = 0, cause } = {}) {
    super(message, { cause });
    this.name = "ServiceError";
    Object.assign(this, { status, code, retryAfterMs });
  }

  /** Whether the same request will fail again, however often it is sent. */
  get isLasting() {
    return this.status >= 400 && this.status < 500 && !PASSING.has(this.status);
  }

  /** Whether it would succeed after logging in. */
  get needsLogin() {
    return this.status === 401;
  }
}

export class Service {
  /** `getHeaders`: async, gives what identifies the caller where cookies do not. */
  constructor({ base = location.origin, getHeaders = async () => ({}) } = {}) {
    Object.assign(this, { base, getHeaders });
  }

  /** `{session_id, title, …}`; `wishes` as POST /api/meetings/start takes them. */
  start(wishes) {
    return this.ask("POST", "start", JSON.stringify(wishes));
  }

  send(sessionId, slice, wav) {
    const form = new FormData();
    form.append("chunk_index", String(slice.index));
    form.append("started_at_ms", String(slice.startedAtMs));
    form.append("sha256", slice.sha256);
    form.append("audio_chunk", new Blob([wav], { type: "audio/wav" }), `${slice.index}.wav`);
    return this.ask("POST", this.part(sessionId, "chunk"), form);
  }

  stop(sessionId, expectedChunks) {
    const body = JSON.stringify({ expected_chunks: expectedChunks });
    return this.ask("POST", this.part(sessionId, "stop"), body);
  }

  cancel(sessionId) {
    return this.ask("POST", this.part(sessionId, "cancel"), "{}");
  }

  remove(sessionId) {
    return this.ask("DELETE", encodeURIComponent(sessionId));
  }

  meeting(sessionId) {
    return this.ask("GET", encodeURIComponent(sessionId));
  }

  /** `{nextIndex, samples}` of what has arrived, as far as the service knows. */
  async measure(sessionId) {
    const { chunks } = await this.ask("GET", this.part(sessionId, "chunks"));
    return {
      nextIndex: chunks.reduce((next, chunk) => Math.max(next, chunk.index + 1), 0),
      samples: chunks.reduce((sum, chunk) => sum + (chunk.samples || 0), 0),
    };
  }

  part(sessionId, name) {
    return `${encodeURIComponent(sessionId)}/${name}`;
  }

  async ask(method, path, body) {
    const headers = { Accept: "application/json", ...(await this.getHeaders()) };
    if (method !== "GET") headers["X-CSRFToken"] = readToken();
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const answer = await this.fetch(new URL(`/api/meetings/${path}`, this.base), {
      method,
      headers,
      body,
      credentials: "include",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const content = answer.status === 204 ? {} : await answer.json().catch(() => null);
    if (answer.ok && content) return content;
    throw new ServiceError(content?.error || content?.detail || `Status ${answer.status}`, {
      status: answer.ok ? 502 : answer.status, // 200 without our answer: something in between
      code: content?.code || "",
      retryAfterMs: 1000 * (Number(answer.headers.get("retry-after")) || 0),
    });
  }

  async fetch(url, options) {
    try {
      return await fetch(url, options);
    } catch (error) {
      throw new ServiceError("The service does not answer.", { cause: error });
    }
  }
}
