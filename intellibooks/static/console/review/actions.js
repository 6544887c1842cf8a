/** What one does with a meeting as a whole: export, share, reprocess, rename, delete. */

import { address, call, post, remove } from "../api.js";
import { h, icon } from "../dom.js";
import { bind, hint } from "../keyboard.js";
import { navigate } from "../router.js";
import { ask, confirm, openDialog } from "../ui/dialog.js";
import { attachMenu } from "../ui/menu.js";
import { attempt, notify } from "../ui/toast.js";

const FORMATS = [
  ["md", "Markdown"],
  ["txt", "Text"],
  ["docx", "Word"],
  ["srt", "Subtitles (SRT)"],
  ["vtt", "Subtitles (VTT)"],
  ["csv", "Table (CSV)"],
  ["json", "Data (JSON)"],
];

export class Actions {
  constructor(store, player, signal) {
    Object.assign(this, { store, player });
    this.exportButton = attachMenu(
      h(
        "button",
        { class: "button", title: hint("export"), "data-testid": "export" },
        icon("download"),
        h("span", { class: "wide-only" }, "Export"),
      ),
      () => this.listExports(),
    );
    this.shareButton = attachMenu(
      h(
        "button",
        { class: "button", "data-testid": "share" },
        icon("share"),
        h("span", { class: "wide-only" }, "Share"),
      ),
      () => this.listShares(),
    );
    this.moreButton = attachMenu(
      h(
        "button",
        { class: "icon-button", "aria-label": "More actions", "data-testid": "more" },
        icon("more"),
      ),
      () => this.listMore(),
    );
    this.element = h("div", { class: "row" }, this.exportButton, this.shareButton, this.moreButton);
    bind({ export: () => this.exportButton.click(), copy: () => this.copyMarkdown() }, signal);
  }

  exportUrl(format) {
    return address(this.store.path("export"), { format });
  }

  listExports() {
    const files = FORMATS.map(([format, text]) => ({
      text,
      detail: `.${format}`,
      href: this.exportUrl(format),
      download: true,
      testid: `export-${format}`,
    }));
    const audio = {
      text: "Recording",
      href: address(this.store.path("audio"), { download: 1 }),
      download: true,
      testid: "export-audio",
    };
    return [
      {
        text: "Copy as Markdown",
        detail: "C",
        run: () => this.copyMarkdown(),
        testid: "copy-markdown",
      },
      "line",
      ...files,
      ...(this.store.hasAudio ? ["line", audio] : []),
    ];
  }

  async copyMarkdown() {
    await attempt(async () => {
      await navigator.clipboard.writeText(
        await call("GET", this.store.path("export"), { query: { format: "md" } }),
      );
      notify("Copied as Markdown.");
    });
  }

  listShares() {
    const seconds = Math.floor(this.player.time);
    const items = [
      { text: "Copy the link", run: () => copyLink(`/console/m/${this.store.id}`) },
      {
        text: "Copy the link to this moment",
        run: () => copyLink(`/console/m/${this.store.id}?t=${seconds}`),
        testid: "copy-moment",
      },
    ];
    return this.store.can("manage")
      ? [
          ...items,
          "line",
          { text: "Public link …", run: () => this.sharePublicly(), testid: "share-public" },
        ]
      : items;
  }

  async sharePublicly() {
    const isSure = await confirm({
      title: "Make a public link?",
      text: "Whoever has the link sees and hears the recording, its transcript, notes and chat, without an account, until you take it back.",
      yes: "Make the link",
    });
    const answer = isSure && (await attempt(() => post(this.store.path("share"))));
    if (!answer) return;
    const url = new URL(answer.share_url, location.origin).href;
    const field = h("input", {
      type: "text",
      readonly: true,
      value: url,
      "aria-label": "Public link",
      "data-testid": "share-url",
      onfocus: (event) => event.target.select(),
    });
    await openDialog({
      title: "Public link",
      body: field,
      actions: [
        { text: "Take it back", run: () => this.unshare() },
        {
          text: "Copy",
          kind: "primary",
          run: async () => (await navigator.clipboard.writeText(url), notify("Copied."), true),
        },
      ],
    });
  }

  async unshare() {
    await attempt(
      async () => (
        await remove(this.store.path("share")),
        notify("The public link no longer works.")
      ),
    );
    return true;
  }

  listMore() {
    const { store } = this;
    const isOver = ["completed", "failed"].includes(store.meeting.status);
    return [
      ...(store.can("edit")
        ? [{ text: "Rename …", icon: icon("pen"), run: () => this.rename() }]
        : []),
      ...(store.can("edit") && isOver
        ? [
            {
              text: "Reprocess …",
              icon: icon("again"),
              run: () => this.reprocess(),
              testid: "reprocess",
            },
          ]
        : []),
      ...(store.can("edit") && store.isRecording
        ? [{ text: "Stop the recording …", icon: icon("record"), run: () => this.stop() }]
        : []),
      ...(store.can("manage") && !store.isRecording
        ? [
            "line",
            ...(store.hasAudio
              ? [
                  {
                    text: "Delete the audio, keep the text …",
                    kind: "danger",
                    icon: icon("trash"),
                    run: () => this.eraseAudio(),
                  },
                ]
              : []),
            {
              text: "Delete the meeting …",
              kind: "danger",
              icon: icon("trash"),
              run: () => this.erase(),
              testid: "delete",
            },
          ]
        : []),
    ];
  }

  async rename() {
    const title = await ask({ title: "Rename", label: "Title", value: this.store.meeting.title });
    if (title !== undefined) await attempt(() => this.store.rename(title.trim()));
  }

  async stop() {
    const isSure = await confirm({
      title: "Stop the recording?",
      text: "It ends for whoever records it, too.",
      yes: "Stop",
    });
    if (isSure)
      await attempt(() => post(this.store.path("stop")).then(() => this.store.readMeeting()));
  }

  async reprocess() {
    const { openReprocess } = await import("./reprocess.js");
    await openReprocess(this.store);
  }

  async erase() {
    const name = this.store.meeting.title || "Untitled meeting";
    const isSure = await confirm({
      title: "Delete this meeting?",
      text: `“${name}” goes with its recording, transcript and chat. This cannot be undone.`,
      yes: "Delete",
      danger: true,
    });
    if (!isSure) return;
    await attempt(async () => {
      await remove(this.store.path());
      navigate("/console/");
      notify(`“${name}” was deleted.`);
    });
  }

  async eraseAudio() {
    const isSure = await confirm({
      title: "Delete the audio?",
      text: "The transcript and the notes stay. It cannot be played or transcribed again.",
      yes: "Delete the audio",
      danger: true,
    });
    if (isSure) await attempt(() => remove(this.store.path("audio")).then(() => location.reload()));
  }
}

async function copyLink(path) {
  await attempt(async () => {
    await navigator.clipboard.writeText(new URL(path, location.origin).href);
    notify("The link was copied.");
  });
}
