"""Documents for the tests of exports: one as it should be, and hostile ones."""

from dataclasses import replace

from hypothesis import strategies as st

from meetings.exports.document import Action, Claim, Document, Line, Question, Topic
from transcription.types import Word

LINES = (
    Line(0.5, 4.5, "Good morning everyone, and welcome to the meeting.", "Robert"),
    Line(5.0, 12.0, "I will send the slides on Thursday.", "Susan", confidence=0.91),
    Line(20.0, 30.24, "[missing audio 00:20-00:30]", is_missing=True),
    Line(3725.0, 3728.0, "See you.", "Robert"),
)
FULL = Document(
    session_id="session-1",
    title="Weekly",
    started_at="2026-11-22T10:42:00.000Z",
    status="completed",
    language="en",
    duration=3730.0,
    lines=LINES,
    summary="The team talked about slides.",
    purpose="Discuss slides.",
    key_points=(Claim("Slides come on Thursday.", 5.0),),
    actions=(Action("Send the slides", "Susan", "on Thursday", 5.0), Action("Call Bob")),
    decisions=(Claim("The meeting moves to Monday.", 65.0),),
    questions=(Question("Who sends them?", "Robert", "I will.", "Susan", 4.0),),
    agenda=(Topic("Slides", 5.0, ("They are late.",)),),
    keywords=("slides", "Thursday"),
    mood={"overall_mood": "positive", "sentiment_score": 0.4, "emotional_tone": "calm"},
    metrics={
        "word_count": 18,
        "speech_seconds": 61.0,
        "interruptions": {"measurable": False, "reason": "no speakers overlap"},
        "talk_time": [
            {"speaker": "Susan", "seconds": 7.0, "share": 0.5, "turns": 1, "words": 7},
        ],
    },
)
UNFINISHED = replace(FULL, status="recording")
MISCHIEF = (
    "<script>alert(1)</script>",
    "a --> b\n\n00:00:01.000 --> 00:00:02.000\nforged",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1)",
    "\t=1+1",
    "-2+3",
    "![x](http://evil.example/x.png) [y](javascript:alert(1)) <http://evil.example>",
    "# heading\n- item\n1. one\n> quote\n---\n```code```",
    "www.evil.example http://evil.example a@evil.example &lt;b&gt; {{7*7}} {\\an8}",
    "NOTE\nSTYLE\n::cue{background:url(http://evil.example)}",
    "\x00\x01\x0b\x1b[31m\ud800\ufffe\uffff\u202egnp.exe\u2028\u2029\x85",
    "a" * 300,
    "会" * 200,
    "",
    " ",
    '"quoted", and; more\r\n',
    "\u200d=1",
)

texts = st.one_of(
    st.sampled_from(MISCHIEF),
    st.text(max_size=60),
    st.lists(st.sampled_from([*MISCHIEF, "word", "yes.", "&", "<v"]), max_size=6).map(" ".join),
)
seconds = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0004, 3600.0]), st.floats(0, 40_000, allow_nan=False)
)
words = st.builds(Word, texts, seconds, seconds)
lines = st.builds(
    Line,
    start=seconds,
    end=seconds,
    text=texts,
    speaker=texts,
    is_missing=st.booleans(),
    words=st.lists(words, max_size=5).map(tuple),
)
hostile = st.builds(
    Document,
    session_id=st.just("session-1"),
    title=texts,
    started_at=st.just("2026-11-22T10:42:00.000Z"),
    status=st.sampled_from(["completed", "recording", "failed"]),
    lines=st.lists(lines, max_size=8).map(tuple),
    summary=texts,
    key_points=st.lists(st.builds(Claim, texts, seconds), max_size=2).map(tuple),
    actions=st.lists(st.builds(Action, texts, texts, texts), max_size=2).map(tuple),
    questions=st.lists(st.builds(Question, texts, texts, texts, texts), max_size=2).map(tuple),
    agenda=st.lists(
        st.builds(Topic, texts, seconds, st.lists(texts, max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    keywords=st.lists(texts, max_size=3).map(tuple),
)
