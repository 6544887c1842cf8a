"""Records the sample meeting with a real browser's MediaRecorder and keeps its pieces."""

import argparse
import base64
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from transcription.audio import decode, encode_wav

MEETING = Path(__file__).parents[3] / "meetings" / "sample" / "meeting.opus"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
RECORD = """async ({slice, length, mimeType}) => {
  const audio = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  const stream = await navigator.mediaDevices.getUserMedia({audio});
  const recorder = new MediaRecorder(stream, {mimeType, audioBitsPerSecond: 32000});
  const pieces = [];
  recorder.ondataavailable = ({data}) => pieces.push(new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] || "");
    reader.readAsDataURL(data);
  }));
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start(slice);
  await new Promise((resolve) => setTimeout(resolve, length));
  recorder.stop();
  await stopped;
  return Promise.all(pieces);
}"""


def record_pieces(browser_path: str, **order: Any) -> list[bytes]:
    """The blobs of all ``dataavailable`` events; ``order`` are the arguments of RECORD."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as microphone, sync_playwright() as playwright:
        microphone.write(encode_wav(decode(MEETING.read_bytes())))
        microphone.flush()
        browser = playwright.chromium.launch(
            executable_path=browser_path,
            args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={microphone.name}"],
        )
        page = browser.new_page()
        # A page of a secure origin, without a server: only there is a microphone.
        page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
        page.goto("https://localhost/")
        pieces = page.evaluate(RECORD, order)
        browser.close()
    return [base64.b64decode(piece) for piece in pieces]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--browser", default=shutil.which("chromium"))
    parser.add_argument("--mime-type", default="audio/webm;codecs=opus")
    parser.add_argument("--timeslice", type=float, default=2, help="seconds of one piece")
    parser.add_argument("--seconds", type=float, default=13, help="length of the recording")
    chosen = parser.parse_args()
    pieces = record_pieces(
        chosen.browser,
        slice=chosen.timeslice * 1000,
        length=chosen.seconds * 1000,
        mimeType=chosen.mime_type,
    )
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for index, piece in enumerate(pieces):
        (chosen.folder / f"{index:03d}.bin").write_bytes(piece)


if __name__ == "__main__":
    main()
