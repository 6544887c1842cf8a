"""Claims of a model turned into claims of ours: cleaned, cited, and counted where they fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from meetings.analysis.summary import KeyPoint
from meetings.analysis.text import Evidence
from meetings.backends.citations import check_quote, clean_text, read_words
from meetings.backends.schemas import Cited, Point
from transcription.types import Transcript

LONGEST_QUOTE = 300


@dataclass
class Court:
    """Judges the claims about one transcript; ``dropped`` counts those that did not stand."""

    transcript: Transcript
    dropped: int = 0

    def judge(self, claim: Cited) -> list[Evidence]:
        """Where the claim was said; none, and one more dropped, where it was not."""
        evidence = check_quote(self.transcript, claim.segments, claim.quote)
        self.dropped += not evidence
        return evidence

    def judge_points(self, points: Sequence[Point]) -> list[KeyPoint]:
        judged = [(clean_text(point.text), self.judge(point)) for point in points]
        return [KeyPoint(text=text, evidence=found) for text, found in judged if text and found]

    def quote(self, claim: Cited) -> str:
        return clean_text(claim.quote, LONGEST_QUOTE)

    def confirm_name(self, name: str | None) -> str | None:
        """The name where it is a speaker's or was said, in the speaker's own spelling."""
        words = read_words(name or "")
        if not words:
            return None
        spelled = {tuple(read_words(speaker)): speaker for speaker in self._speakers}
        if tuple(words) in spelled:
            return spelled[tuple(words)]
        return clean_text(name or "", 80) if set(words) <= self._said | self._named else None

    def confirm_due(self, due: str | None, evidence: Sequence[Evidence]) -> str | None:
        """The date where its words were said in the cited segments or the one after them."""
        numbers = {entry["segment"] + step for entry in evidence for step in (0, 1)}
        near = [s for n, s in enumerate(self.transcript.segments) if n in numbers]
        said = {word for segment in near for word in read_words(segment.text)}
        words = set(read_words(due or ""))
        return clean_text(due or "", 80) if words and words <= said else None

    def name_speaker(self, evidence: Sequence[Evidence]) -> str | None:
        return self.transcript.segments[evidence[0]["segment"]].speaker if evidence else None

    @cached_property
    def _speakers(self) -> list[str]:
        return sorted({s.speaker for s in self.transcript.segments if s.speaker})

    @cached_property
    def _named(self) -> set[str]:
        return {word for speaker in self._speakers for word in read_words(speaker)}

    @cached_property
    def _said(self) -> set[str]:
        return {word for s in self.transcript.segments for word in read_words(s.text)}
