/** What one does with a meeting as a whole: export, share, reprocess, rename, delete. */

import { address, get } from "../api.js";
import { h, icon } from "../dom.js";
import { bind, hint } from "../keyboard.js";
import { navigate } from "../router.js";
import { attachMenu } from "../ui/menu.js";
import { attempt } from "../ui/toast.js";

const FORMATS = [
  ["md", "Markdown"],
  ["txt", "Text"],
  ["docx", "Word"],
  ["srt", "Subtitles (SRT)"],
  ["vtt", "Subtitles (VTT)"],
  ["csv", "Table (CSV)"],
  ["json", "Data (JSON)"],
];
const loadActs = () => import("../acts.js");

export class Actions {
  /** `editing`: what was corrected, with its undo and its replacing. */
  constructor(store, player, editing, signal) {
    Object.assign(this, { store, player, editing });
    const exports = this.button("Export", "download", "export", () => this.listExports());
    exports.title = hint("export");
    const share = this.button("Share", "share", "share", () => this.listShares());
    const more = h("button.icon-button", { label: "More actions", testid: "more" }, icon("more"));
    attachMenu(more, () => this.listMore());
    this.element = h("div.row", exports, share, more);
    bind({ export: () => exports.click(), copy: () => this.copyMarkdown() }, signal);
  }

  button(text, mark, testid, items) {
    const button = h("button.button", { testid }, icon(mark), h("span.wide-only", text));
    return attachMenu(button, items);
  }

  listExports() {
    const file = (text, format, href) => {
      const detail = format === "audio" ? "" : `.${format}`;
      return { text, detail, href, download: true, testid: `export-${format}` };
    };
    const { store } = this;
    const copy = () => this.copyMarkdown();
    return [
      { text: "Copy as Markdown", detail: "C", run: copy, testid: "copy-markdown" },
      "line",
      ...FORMATS.map(([format, text]) =>
        file(text, format, address(store.path("export"), { format })),
      ),
      ...(store.hasAudio
        ? ["line", file("Recording", "audio", address(store.path("audio"), { download: 1 }))]
        : []),
    ];
  }

  async copyMarkdown() {
    const { copy } = await loadActs();
    const text = await attempt(() => get(this.store.path("export"), { format: "md" }));
    if (text) await copy(text, "Copied as Markdown.");
  }

  listShares() {
    const url = `${location.origin}/console/m/${this.store.id}`;
    const moment = `${url}?t=${Math.floor(this.player.time)}`;
    const copy = (link) => () => loadActs().then((acts) => acts.copy(link, "The link was copied."));
    const share = () => this.act("sharePublicly");
    return [
      { text: "Copy the link", run: copy(url) },
      { text: "Copy the link to this moment", run: copy(moment), testid: "copy-moment" },
      ...(this.store.can("manage")
        ? ["line", { text: "Public link …", run: share, testid: "share-public" }]
        : []),
    ];
  }

  listMore() {
    const { store } = this;
    const isOver = ["completed", "failed"].includes(store.meeting.status);
    const mayEdit = store.can("edit");
    const mayErase = store.can("manage") && !store.isRecording;
    const item = (isOffered, text, mark, run, more) =>
      isOffered ? [{ text, icon: icon(mark), run, ...more }] : [];
    const read = () => store.readMeeting();
    const bad = { kind: "danger" };
    return [
      ...item(mayEdit, "Rename …", "pen", () => this.act("rename", read)),
      ...item(mayEdit && isOver, "Find and replace …", "search", () => this.editing.replace(), {
        testid: "replace",
      }),
      ...item(mayEdit && isOver, "Reprocess …", "again", () => this.reprocess(), {
        testid: "reprocess",
      }),
      ...item(mayEdit && store.isRecording, "Stop the recording …", "record", () =>
        this.act("stop", read),
      ),
      ...(mayErase ? ["line"] : []),
      ...item(
        mayErase && store.hasAudio,
        "Delete the audio, keep the text …",
        "trash",
        () => this.act("eraseAudio", () => location.reload()),
        bad,
      ),
      ...item(
        mayErase,
        "Delete the meeting …",
        "trash",
        () => this.act("erase", () => navigate("/console/")),
        { ...bad, testid: "delete" },
      ),
    ];
  }

  async act(name, after = () => {}) {
    const acts = await loadActs();
    if (await acts[name]({ ...this.store.meeting, session_id: this.store.id })) await after();
  }

  async reprocess() {
    const { openReprocess } = await import("./reprocess.js");
    await openReprocess(this.store);
  }
}
