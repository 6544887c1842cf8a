/** The chat of the meeting, on its clock: a message may point at a second, and an answer at its sources. */

import { get, post } from "../api.js";
import { fill, h, icon, toggle } from "../dom.js";
import { clock } from "../format.js";
import { whoAmI } from "../identity.js";
import { bind, hint } from "../keyboard.js";
import { recall, remember } from "../preferences.js";
import { ask } from "../ui/dialog.js";
import { empty } from "../ui/states.js";
import { attempt, complain } from "../ui/toast.js";
import { buildMessage } from "./message.js";

const LONGEST = 10_000;
const ASKING_MS = 90_000;
const PAGE = 100;

export class Chat {
  /** `open()` brings the chat to the front. */
  constructor(store, player, { open, signal }) {
    Object.assign(this, { store, player, open, messages: new Map(), atMs: null });
    this.name = recall("name", "");
    this.build();
    this.listen();
    bind({ note: () => this.writeNote() }, signal);
  }

  build() {
    this.list = h("ol.messages", { label: "Messages", testid: "chat-messages" });
    this.people = h("span.muted.small");
    const spinner = h("span.spinner", { "aria-hidden": "true" });
    this.asking = h("p.muted.asking", { role: "status", hidden: true }, spinner, h("span"));
    this.field = h("textarea", {
      rows: "2",
      maxlength: LONGEST,
      placeholder: "Write a note, or ask about this meeting",
      label: "Message",
      testid: "chat-input",
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.say("message");
      },
    });
    const button = (look, onclick, more, text = null) =>
      h(`button.${look}`, { type: "button", onclick, ...more }, text);
    const title = "Without the moment";
    this.moment = button("chip", () => this.pointAt(null), { hidden: true, title });
    this.who = button("chip", () => this.changeName());
    const note = () => this.writeNote();
    const ask = () => this.say("smart");
    this.form = h(
      "form.composer",
      { onsubmit: (event) => (event.preventDefault(), this.say("message")) },
      this.field,
      h(
        "div.row.wrap",
        this.moment,
        button("button.small", note, { title: hint("note") }, "At this moment"),
        this.who,
        h("span.grow"),
        button("button.small", ask, { testid: "chat-ask" }, "Ask"),
        h("button.button.primary.small", { testid: "chat-send" }, "Send"),
      ),
    );
    const head = h("div.chat-head", this.people);
    this.element = h("div.chat", head, this.list, this.asking, this.form);
    this.showName();
    whoAmI().then((me) => toggle(this.who, me?.mode !== "required"));
  }

  listen() {
    const on = (type, run) => this.store.live.on(type, run);
    on("message", (frame) => this.put(frame));
    on("message_delta", (frame) => this.grow(frame));
    const change = (frame) => this.put({ ...this.find(frame), ...frame });
    on("message_edited", change);
    on("message_deleted", (frame) => change({ ...frame, content: "", is_deleted: true }));
    on("status", (frame) => this.showAsking(frame.description || "Thinking"));
    on("error", (frame) => (this.showAsking(""), complain({ message: frame.error })));
    on("presence", (frame) => this.showPeople(frame));
    on("ack", (frame) => this.confirm(frame));
    on("reload", () => this.load());
    this.store.on("meeting", () => toggle(this.form, this.store.can("write")));
  }

  find({ message_id: id }) {
    return this.messages.get(id)?.message;
  }

  get path() {
    return `/api/sessions/${encodeURIComponent(this.store.id)}/messages`;
  }

  async load() {
    const page = await attempt(() => get(this.path, { limit: PAGE, before: "" }));
    if (!page) return;
    for (const message of page.messages) this.put(message, { isOld: true });
    this.showNothing();
  }

  /** The message of that id, new or changed; the list stays in the order of time. */
  put(message, { isOld = false } = {}) {
    const known = this.messages.get(message.message_id);
    const element = buildMessage(message, this.store.id, this.player);
    this.messages.set(message.message_id, { message, element });
    if (known) known.element.replaceWith(element);
    else this.insert(element, message);
    if (message.role === "assistant") this.showAsking("");
    this.showNothing();
    if (!isOld) element.scrollIntoView({ block: "nearest" });
  }

  insert(element, message) {
    const when = message.created_at || message.timestamp || "";
    element.dataset.when = when;
    const after = [...this.list.children].findLast((other) => (other.dataset.when || "") <= when);
    if (after) after.after(element);
    else this.list.prepend(element);
  }

  /** An answer that is still being written. */
  grow(frame) {
    const { message_id, timestamp } = frame;
    const known = this.find(frame);
    const content = (known?.content || "") + (frame.delta ?? frame.content ?? "");
    this.put({ role: "assistant", message_id, timestamp, ...known, content });
  }

  async say(type) {
    const content = this.field.value.trim();
    if (!content) return this.field.focus();
    const id = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
    const frame = { type, content, client_id: id };
    if (this.atMs !== null) frame.at_ms = this.atMs;
    if (this.name) frame.user_id = this.name;
    const now = new Date().toISOString();
    const mine = { message_id: id, role: "user", isMine: true, isWaiting: true, created_at: now };
    this.field.value = "";
    this.pointAt(null);
    this.put({ ...frame, ...mine });
    if (!this.store.live.send(frame)) await this.sayByRest(frame);
  }

  /** Without a socket the message still arrives; sent twice it counts once. */
  async sayByRest(frame) {
    try {
      const stored = await post(this.path, frame);
      this.confirm({ client_id: frame.client_id, message_id: stored.message_id });
    } catch (error) {
      this.messages.get(frame.client_id)?.element.remove();
      this.messages.delete(frame.client_id);
      this.field.value = frame.content;
      this.showAsking("");
      complain(error);
    }
  }

  confirm({ client_id: clientId, message_id: id }) {
    const mine = this.messages.get(clientId);
    if (!mine) return;
    const isThere = this.messages.has(id); // the room told us before the receipt came
    this.messages.delete(clientId);
    if (isThere) return mine.element.remove();
    mine.message = { ...mine.message, message_id: id, isWaiting: false };
    mine.element.classList.remove("waiting");
    this.messages.set(id, mine);
  }

  writeNote() {
    this.open();
    this.pointAt(Math.round(this.player.time * 1000));
    this.field.focus();
  }

  pointAt(ms) {
    this.atMs = ms;
    toggle(this.moment, ms !== null);
    if (ms !== null) fill(this.moment, `at ${clock(ms / 1000)}`, icon("close"));
  }

  showAsking(text) {
    clearTimeout(this.asked);
    toggle(this.asking, text !== "");
    this.asking.lastChild.textContent = text;
    if (text) this.asked = setTimeout(() => this.showAsking(""), ASKING_MS);
  }

  showPeople({ members = [], count = members.length }) {
    const names = members.map((member) => member.name).filter(Boolean);
    const who = names.length > 0 ? `: ${names.slice(0, 5).join(", ")}` : "";
    this.people.textContent = count > 1 ? `${count} here${who}` : "";
  }

  showNothing() {
    this.list.querySelector(".state")?.parentElement.remove();
    const text = "Notes stay with the meeting; a question is answered from what was said.";
    if (this.messages.size === 0) this.list.append(h("li", empty("No messages yet.", text)));
  }

  showName() {
    const name = this.name || "Your name";
    this.who.setAttribute("aria-label", this.name ? `Your name: ${name}` : name);
    fill(this.who, icon("person"), h("span.wide-only", name));
  }

  async changeName() {
    const name = await ask({
      title: "Your name",
      label: "Shown beside your messages",
      value: this.name,
      maxLength: 60,
    });
    if (name === undefined) return;
    this.name = name.trim();
    remember("name", this.name);
    this.showName();
  }
}
