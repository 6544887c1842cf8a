"""Text that an engine wrote and nobody said: remarks, closing phrases of films, loops. Pure.

Whisper learned from subtitles, and writes what stands in them where there is nothing to hear.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from transcription.scoring import normalise_words
from transcription.types import Segment, Word

# Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 4.5:
# silence is where no-speech is above 0.6 and the mean log-probability below -1.
NO_SPEECH, LOG_PROBABILITY = 0.6, -1.0
# So unsure that it is a guess, whatever no-speech says: one token in four or five right.
HOPELESS_LOG_PROBABILITY = -1.5
# A phrase known as a ghost needs less evidence against it.
DOUBTED_NO_SPEECH, DOUBTED_LOG_PROBABILITY, DOUBTED_SPOKEN_SHARE = 0.3, -0.7, 0.3

# "[BLANK_AUDIO]", "(music)", "*laughs*": said about the sound, not in it.
REMARK = re.compile(r"\s*(\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[\u266a\u266b\s.\-\u2026]+)*\s*")
# Over normalised words. Short courtesies are here too: people do say them, so evidence decides.
KNOWN_PHRASES = re.compile(
    r"(thank(s| you)( (so|very) much)?( (all|everyone|guys))?( for (watching|listening|viewing)"
    r"( (this|the|my|our) (video|episode))?)?"
    r"|you|so|bye( bye)*|okay"
    r"|(please )?(don't forget to )?(like and )?subscribe( (to|for|and) .*)?"
    r"|(i'll |we'll )?see you (guys )?(next time|later|soon|in the next (video|one|episode))"
    r"|(the )?(subtitle|caption|transcript|transcription|translation)s?( \w+)* by .*"
    r"|(subtitles|captions) (from|on|at) .*|amara org( .*)?"
    r"|sous titr(es|age)( .*)?|merci d'avoir regard\u00e9( .*)?"
    r"|untertitel(ung)?( .*)?|vielen dank f\u00fcrs zuschauen|copyright wdr( .*)?"
    r"|subt\u00edtulos( .*)?|gracias por ver( .*)?|legendas( .*)?|obrigad[oa] por assistir"
    r"|sottotitoli( .*)?|grazie per la visione|ondertitel(ing|d)( .*)?"
    r"|music|applause|laughter|silence|blank audio|beep|foreign)"
)

LONGEST_LOOP, FEWEST_ROUNDS = 12, 4
# Twice the same three words is no proof, people do that too, but worth another look.
SHORTEST_ECHO, ECHO_ROUNDS = 3, 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a segment; None where nothing is known.

    ``log_probability`` is the mean over its tokens, ``no_speech`` the model's own doubt 0..1,
    ``spoken_share`` the part 0..1 of its time in which somebody spoke.
    """

    log_probability: float | None = None
    no_speech: float | None = None
    spoken_share: float | None = None


def is_ghost(text: str, evidence: Evidence) -> bool:
    """Whether nobody said ``text``, as far as the evidence tells."""
    if is_remark(text):
        return True
    no_speech = evidence.no_speech or 0.0
    log_probability = evidence.log_probability or 0.0
    if no_speech > NO_SPEECH and log_probability < LOG_PROBABILITY:
        return True
    if log_probability < HOPELESS_LOG_PROBABILITY:
        return True
    return is_known_phrase(text) and _is_doubted(no_speech, log_probability, evidence.spoken_share)


def is_remark(text: str) -> bool:
    """Whether the text is about the sound and not in it; no text at all is one too."""
    return REMARK.fullmatch(text) is not None


def is_known_phrase(text: str) -> bool:
    """Whether engines are known to invent this phrase; people may say it all the same."""
    return KNOWN_PHRASES.fullmatch(" ".join(normalise_words(text))) is not None


def collapse_loops(segments: Sequence[Segment]) -> list[Segment]:
    """The segments with every phrase that comes four or more times in a row said once.

    Within a segment and from one to the next. Numbers are left alone: people do dictate them.
    """
    rounds = (list(group) for _, group in groupby(segments, key=lambda each: _fold(each.text)))
    once = (group[:1] if _is_loop_of_segments(group) else group for group in rounds)
    return [_collapse_segment(segment) for group in once for segment in group]


def repeats_itself(text: str) -> bool:
    """Whether a phrase of three words or more comes twice in a row: perhaps a loop, perhaps not."""
    words = normalise_words(text)
    longest = len(words) // ECHO_ROUNDS
    return any(
        words[start : start + length] == words[start + length : start + 2 * length]
        for length in range(SHORTEST_ECHO, min(LONGEST_LOOP, longest) + 1)
        for start in range(len(words) - 2 * length + 1)
    )


def _is_doubted(no_speech: float, log_probability: float, spoken_share: float | None) -> bool:
    return (
        no_speech > DOUBTED_NO_SPEECH
        or log_probability < DOUBTED_LOG_PROBABILITY
        or (spoken_share is not None and spoken_share < DOUBTED_SPOKEN_SHARE)
    )


def _is_loop_of_segments(group: Sequence[Segment]) -> bool:
    return len(group) >= FEWEST_ROUNDS and not _is_number(_fold(group[0].text))


def _collapse_segment(segment: Segment) -> Segment:
    spoken = segment.text.split()
    keep = _choose_words([_fold(word) for word in spoken])
    if len(keep) == len(spoken):
        return segment
    text = " ".join(spoken[index] for index in keep)
    words: tuple[Word, ...] = ()
    if len(segment.words) == len(spoken):
        words = tuple(segment.words[index] for index in keep)
    return replace(segment, text=text, words=words)


def _choose_words(words: Sequence[str]) -> list[int]:
    """Indices of the words that stay, the first round of every loop."""
    keep: list[int] = []
    index = 0
    while index < len(words):
        length, rounds = _find_loop(words, index)
        keep.extend(range(index, index + length))
        index += length * rounds
    return keep


def _find_loop(words: Sequence[str], start: int) -> tuple[int, int]:
    """Length of the phrase that begins at ``start`` and its rounds; (1, 1) where nothing loops."""
    for length in range(1, min(LONGEST_LOOP, (len(words) - start) // FEWEST_ROUNDS) + 1):
        phrase = words[start : start + length]
        rounds = 1
        while words[start + rounds * length : start + (rounds + 1) * length] == phrase:
            rounds += 1
        if rounds >= FEWEST_ROUNDS and not all(_is_number(word) for word in phrase):
            return length, rounds
    return 1, 1


def _fold(text: str) -> str:
    return " ".join(normalise_words(text)) or text.strip()


def _is_number(text: str) -> bool:
    return text.replace(" ", "").isdigit()
