/**
 * A room followed live: the WebSocket, its reconnects, and nothing missed in between. How to use
 * it, and its events: docs/recorder.md.
 */

import { Emitter } from "./recorder/emitter.js";

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000];
const PING_MS = 20_000;
const SILENCE_MS = 45_000; // two pings unanswered: the line is dead although nobody closed it
const STEADY_MS = 5_000;
const WAITING_LIMIT = 1000; // frames kept while a gap is being fetched
const GAP_PAGE = 200;

export class LiveSession extends Emitter {
  /**
   * `base`: the service, if it is not where this page came from. `query`: more options of the
   * connection, such as `{share: token}`. `getTicket`: async, gives the one-time ticket that
   * another origin's page needs. `lastSeq`: the newest event you have, to go on after it.
   */
  constructor(sessionId, options = {}) {
    super();
    const usual = { base: location.origin, transcript: "delta", query: {}, lastSeq: null };
    Object.assign(this, { sessionId, ...usual, ...options });
    this.state = "closed";
    this.attempts = 0;
    this.pending = null; // frames that wait for a gap to be filled
    this.wake = () => this.state === "waiting" && this.connect();
  }

  start() {
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  close() {
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.release();
    this.setState("closed");
  }

  /** Whether the frame went out; it is not kept for later. */
  send(frame) {
    if (this.state !== "live" || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ session_id: this.sessionId, ...frame }));
    return true;
  }

  release() {
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  async connect() {
    this.release();
    this.setState("connecting");
    const url = await this.buildAddress().catch(() => null);
    if (this.state !== "connecting") return;
    if (!url) return this.wait();
    const socket = (this.socket = new WebSocket(url));
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.onOpen();
    };
    socket.onmessage = (event) => this.onText(event.data);
    socket.onclose = (event) => this.onClose(event, wasOpen);
  }

  async buildAddress() {
    const url = new URL(`/ws/chat/${encodeURIComponent(this.sessionId)}`, this.base);
    url.protocol = url.protocol.replace("http", "ws");
    const ticket = this.getTicket ? await this.getTicket() : "";
    const fields = { ...this.query, transcript: this.transcript, last_seq: this.lastSeq, ticket };
    for (const [name, value] of Object.entries(fields))
      if ((value ?? "") !== "") url.searchParams.set(name, value);
    return url;
  }

  onOpen() {
    this.openedAt = this.heardAt = performance.now();
    this.pending = null;
    this.setState("live");
    this.pinging = setInterval(() => this.ping(), PING_MS);
    if (this.lastSeq === null) this.emit("reload", { reason: "first" });
  }

  ping() {
    if (performance.now() - this.heardAt > SILENCE_MS) return this.retry();
    this.send({ type: "ping" });
  }

  retry() {
    this.release();
    this.wait();
  }

  onClose(event, wasOpen) {
    if (wasOpen && performance.now() - this.openedAt > STEADY_MS) this.attempts = 0;
    this.release();
    if (event.code === 4401 || event.code === 4403)
      return this.setState("refused", { code: event.code });
    this.wait();
  }

  wait() {
    const pause = PAUSES_MS[Math.min(this.attempts, PAUSES_MS.length - 1)];
    this.attempts += 1;
    const retryInMs = pause * (0.75 + Math.random() / 2); // not all viewers at once after a restart
    this.setState("waiting", { retryInMs });
    this.timer = setTimeout(() => this.connect(), retryInMs);
  }

  onText(text) {
    this.heardAt = performance.now();
    const frame = JSON.parse(text);
    if (frame.type === "resumed") return this.onResumed(frame);
    if (frame.type === "ack") return this.onAck(frame);
    if (typeof frame.seq !== "number") return this.deliver(frame);
    if (this.pending) return this.pending.length < WAITING_LIMIT && this.pending.push(frame);
    this.take(frame);
  }

  /** What we said ourselves is not sent back to us, but it has its number too. */
  onAck(frame) {
    if (this.lastSeq !== null && frame.seq === this.lastSeq + 1) this.lastSeq = frame.seq;
    this.deliver(frame);
  }

  /** A numbered frame: old ones are dropped, a jump is read from the log first. */
  take(frame) {
    if (this.lastSeq !== null && frame.seq <= this.lastSeq) return;
    if (this.lastSeq !== null && frame.seq > this.lastSeq + 1) return this.fillGap(frame);
    this.lastSeq = frame.seq;
    this.deliver(frame);
  }

  onResumed(frame) {
    this.deliver(frame);
    if (!frame.gap) return;
    this.lastSeq = frame.to_seq ?? null;
    this.emit("reload", { reason: "gap" });
  }

  async fillGap(frame) {
    this.pending = [frame];
    const missed = await this.readMissed(frame.seq).catch(() => null);
    const waiting = this.pending || [];
    this.pending = null;
    if (missed === null) {
      this.lastSeq = frame.seq - 1;
      this.emit("reload", { reason: "gap" });
    }
    for (const late of [...(missed || []), ...waiting]) {
      if (late.seq > this.lastSeq) {
        this.lastSeq = late.seq;
        this.deliver(late);
      }
    }
  }

  async readMissed(until) {
    const found = [];
    let after = this.lastSeq;
    while (after < until - 1) {
      const url = new URL(`/api/meetings/${encodeURIComponent(this.sessionId)}/events`, this.base);
      url.search = new URLSearchParams({ ...this.query, after_seq: after, limit: GAP_PAGE });
      const answer = await fetch(url, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`events: ${answer.status}`);
      const body = await answer.json();
      const events = body.events || body.results || [];
      if (events.length === 0) break;
      found.push(...events);
      after = events.at(-1).seq;
    }
    return found;
  }

  deliver(frame) {
    this.emit(frame.type, frame);
    this.emit("frame", frame);
  }

  setState(state, more = {}) {
    this.state = state;
    this.emit("state", { state, ...more });
  }
}
