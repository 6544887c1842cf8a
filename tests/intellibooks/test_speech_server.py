"""`serve` runs the whisper-server that stands beside whisper-cli.

No package brings a real one, so a small program plays it: it answers in the same shapes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_django import Settings

from intellibooks.management.speech_server import SpeechServerMissing, find_speech_server
from intellibooks.port_check import is_free
from tests.factories import cut_sample
from tests.intellibooks.serve_process import ServeProcess, wait_until

PLAYER = """#!{python}
import http.server, json, sys

WORDS = [{{"word": " hello", "start": 0.5, "end": 0.9, "probability": 0.9}}]
SEGMENT = {{"text": " hello", "start": 0.5, "end": 0.9, "words": WORDS}}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({{"status": "ok"}})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        print("what people said", flush=True)
        self.answer({{"language": "english", "segments": [SEGMENT]}})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("whisper")
    for name in ("whisper-cli", "whisper-server"):
        (folder / name).write_text(PLAYER.format(python=sys.executable))
        (folder / name).chmod(0o755)
    (folder / "ggml-tiny.en.bin").write_bytes(b"lmgg and weights")
    return {
        "WHISPER_RESIDENT": "server",
        "WHISPER_PATH": str(folder / "whisper-cli"),
        "WHISPER_MODEL_PATH": str(folder / "ggml-tiny.en.bin"),
    }


@pytest.fixture(scope="module")
def served(places: dict[str, str]) -> Iterator[ServeProcess]:
    with ServeProcess(data_dir=None, **places) as serve:
        yield serve.wait_until_ready()


def find_url(serve: ServeProcess) -> str:
    (line,) = (line for line in serve.output.splitlines() if "Whisper   http" in line)
    return line.split()[1]


def is_well(serve: ServeProcess) -> bool:
    try:
        return httpx.get(f"{find_url(serve)}/health").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def transcribe(serve: ServeProcess) -> object:
    address = f"http://127.0.0.1:{serve.port}/api/transcription/transcribe"
    files = {"file": ("a.wav", cut_sample(1)[0], "audio/wav")}
    return httpx.post(address, files=files, timeout=60).json()


def test_server_is_started_and_the_workers_ask_it(served: ServeProcess) -> None:
    wait_until(lambda: is_well(served))
    answer = transcribe(served)
    assert isinstance(answer, dict)
    assert (answer["text"], answer["engine"]) == ("hello", "whisper_resident")
    assert "what people said" not in served.output


def test_server_that_dies_is_started_again(served: ServeProcess) -> None:
    wait_until(lambda: is_well(served))
    first = served.find("whisper-server", "--port")
    assert first is not None
    first.kill()
    first.wait(5)
    wait_until(lambda: is_well(served))
    assert transcribe(served)["text"] == "hello"  # type: ignore[index]


def test_server_ends_with_the_service(places: dict[str, str]) -> None:
    with ServeProcess(data_dir=None, **places) as serve:
        port = int(find_url(serve.wait_until_ready()).rsplit(":", 1)[1])
        wait_until(lambda: is_well(serve))
    assert is_free("127.0.0.1", port)


def configure(settings: Settings, places: dict[str, str], **changes: str) -> None:
    for name, value in {**places, "WHISPER_SERVER_URL": "", **changes}.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    "changes", [{"WHISPER_RESIDENT": ""}, {"WHISPER_SERVER_URL": "http://127.0.0.1:8178"}]
)
def test_no_server_is_started_where_none_is_needed(
    settings: Settings, places: dict[str, str], changes: dict[str, str]
) -> None:
    configure(settings, places, **changes)
    assert find_speech_server() is None


def test_missing_server_says_what_to_do(
    settings: Settings, places: dict[str, str], tmp_path: Path
) -> None:
    lonely = tmp_path / "whisper-cli"
    lonely.write_bytes(Path(places["WHISPER_PATH"]).read_bytes())
    lonely.chmod(0o755)
    configure(settings, places, WHISPER_PATH=str(lonely))
    with pytest.raises(SpeechServerMissing, match="WHISPER_SERVER_URL"):
        find_speech_server()
    configure(settings, places, WHISPER_MODEL_PATH="/nowhere/ggml.bin")
    with pytest.raises(SpeechServerMissing, match="WHISPER_MODEL_PATH"):
        find_speech_server()
