/** Recordings made elsewhere, and the sample. */

import { ApiError, describe, getOr, post } from "../api.js";
import { h } from "../dom.js";
import { readToken } from "../recorder/token.js";
import { navigate } from "../router.js";
import { attempt, complain, keepNotice, notify } from "../ui/toast.js";

const LARGEST_BYTES = 512 * 1024 * 1024;

export async function importFiles(files, onChange) {
  const limits = await getOr({}, "/api/config").catch(() => ({}));
  for (const file of files)
    await importFile(file, limits.max_import_bytes || LARGEST_BYTES, onChange);
}

async function importFile(file, largest, onChange) {
  if (file.size > largest) {
    complain({
      message: `“${file.name}” has ${bytes(file.size)}; at most ${bytes(largest)} are taken.`,
      advice: "Save it compressed (Opus, MP3, M4A), or cut it.",
    });
    return;
  }
  const bar = h("progress", { max: "1", value: 0, label: `Upload of ${file.name}` });
  const notice = keepNotice([h("p", `Importing “${file.name}”`), bar]);
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const answer = await upload("/api/meetings/import", form, (share) => (bar.value = share));
    const open = { text: "Open", run: () => navigate(`/console/m/${answer.session_id}`) };
    notify(
      answer.duplicate
        ? `“${file.name}” is in the library already.`
        : `“${file.name}” is here and is being transcribed.`,
      open,
    );
    onChange();
  } catch (error) {
    complain(error, { text: "Retry", run: () => importFile(file, largest, onChange) });
  } finally {
    notice.close();
  }
}

/** Files dropped anywhere on the page. */
export function acceptDrops(root, take, signal) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const listen = (name, handler) => document.addEventListener(name, handler, { signal });
  listen("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.classList.add("drop-here");
  });
  listen(
    "dragleave",
    (event) => event.relatedTarget === null && root.classList.remove("drop-here"),
  );
  listen("drop", (event) => {
    root.classList.remove("drop-here");
    if (!hasFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}

export async function loadSample(button) {
  button.disabled = true;
  const answer = await attempt(() => post("/api/meetings/sample"));
  button.disabled = false;
  if (answer) navigate(`/console/m/${answer.session_id}`);
}

/** A file upload with progress 0..1; resolves with the answer, rejects with ApiError. */
function upload(path, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", readToken());
    request.upload.onprogress = (event) =>
      event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () =>
      request.status < 300
        ? resolve(request.response)
        : reject(describe(request.status, request.response));
    request.onerror = () => reject(new ApiError("The upload was cut off.", { code: "offline" }));
    request.send(form);
  });
}

function bytes(count) {
  return count < 1024 * 1024
    ? `${Math.ceil(count / 1024)} KiB`
    : `${(count / 1024 / 1024).toFixed(1)} MiB`;
}
