from intellibooks.checkup.base import Check, Finding, Report, fails, is_off, warns, works
from intellibooks.checkup.report import MARKS, PLAIN_MARKS, choose_marks, write_lines, write_verdict


def make(name: str, finding: Finding, *, is_required: bool = True) -> Report:
    return Report(Check(name, lambda: finding, is_required=is_required), finding, 0.1)


REPORTS = [
    make("redis", works("7.0 at 127.0.0.1:6379")),
    make("ffmpeg", fails("not found", "apt install ffmpeg")),
    make("llm", is_off("not set up"), is_required=False),
    make("disk", warns("3 GiB free")),
]


def test_lines_are_aligned_and_the_fix_stands_below() -> None:
    assert [line for _, line in write_lines(REPORTS, MARKS)] == [
        "✓ redis   7.0 at 127.0.0.1:6379",
        "✗ ffmpeg  not found",
        "          fix: apt install ffmpeg",
        "- llm     not set up",
        "! disk    3 GiB free",
    ]


def test_verdict_names_what_is_to_mend() -> None:
    assert write_verdict(REPORTS) == "1 to mend: ffmpeg (1 warning)."
    assert write_verdict(REPORTS[:1]) == "Everything that is needed works (0 warnings)."
    asleep = write_verdict([make("redis", is_off("not running"))])
    assert "nothing runs yet: python manage.py serve" in asleep


def test_poor_terminal_gets_letters() -> None:
    assert choose_marks("utf-8") is MARKS
    assert choose_marks("latin-1") is choose_marks(None) is PLAIN_MARKS
