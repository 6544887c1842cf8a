import sys
from pathlib import Path

from transcription.contained import run_contained

ROOT = Path(__file__).parents[2]


def test_decoder_cannot_open_files_or_sockets() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import socket\n"
        "from transcription import decode_process\n"
        "decode_process.load_av()\n"
        "decode_process.forbid_open_files()\n"
        "for reach in (lambda: open('/etc/hostname'), socket.socket):\n"
        "    try:\n"
        "        reach()\n"
        "    except OSError as error:\n"
        "        print(error.errno)\n"
    )
    program = [sys.executable, "-I", "-c", code]
    outcome = run_contained(program, timeout=30, output_cap=1000, limits={})
    assert outcome.output.split() == [b"24", b"24"]  # too many open files, twice


def test_decoder_loads_neither_django_nor_numpy() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from transcription import decode_process\n"
        "decode_process.load_av()\n"
        "decode_process.forbid_open_files()\n"
        "print(sorted({'django', 'numpy'} & set(sys.modules)))\n"
    )
    program = [sys.executable, "-I", "-c", code]
    outcome = run_contained(program, timeout=30, output_cap=1000, limits={})
    assert outcome.output == b"[]\n"
