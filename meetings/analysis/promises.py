"""Promises and requests of one utterance: who is to do what until when."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from meetings.analysis.due import DUE
from meetings.analysis.promise_wordings import (
    VERB_PHRASE,
    Wordings,
    compile_wordings,
    divide_clauses,
)
from meetings.analysis.text import Unit, is_content
from meetings.analysis.wording import drop_lead_in, drop_noise, is_person
from meetings.analysis.words import (
    DETERMINERS,
    FUNCTION_WORDS,
    IDLE_VERBS,
    TASK_VERBS,
    word_set,
)

# Ends of a task: the next clause is about something else.
TASK_END = re.compile(
    r"[.;?!](?:\s|$)|,?\s+(?:but|because|since|so that|so we|so i|unless|otherwise|which|if that|"
    r"if you|if we|and (?:then )?(?:we|i|you|they|he|she|it|that|this)\b(?! (?:and|the)\b))"
    r"|,\s*(?:it|he|she|they|there|we|i|you)\b"
    r"|,\s*(?:so|okay|"
    r"right|please|and)\b(?=\s*$|\s+(?:we|i|you|it))|\s*,\s*(?:i think|i guess|as well)\b",
    re.I,
)
HEDGED = re.compile(
    r"\b(?:worried|afraid|whether|question is|wonder(?:ing)?|not sure|doubt|hope|hoping|wish|if"
    r"|unless|when|"
    r"in case|suppose|maybe|perhaps|might|fear|concerned|promised|said|says|told|thought)\b",
    re.I,
)
WH_WORDS = word_set("what when where why who whom whose which how if whether")
# "how much money can you save": so far from its first word a question may have its verb.
QUESTION_REACH_WORDS = 5
TALKING = word_set("tell ask speak talk")
OBTAINING = word_set("get")
# Who sits here, and what the talk is about: to tell them is to talk on.
PRESENT = word_set("""
you me us yourself myself ourselves about it that this everyone everybody all something anything
more nothing
""")
PEOPLE = word_set("him her them everybody everyone")
# What follows a date or a comma is no longer the task.
_TRAILING = re.compile(
    r",\s*(?:before|after|when|as|while|and (?:the|not)|of course|then|like|anyway)\b.*$"
    r"|\s+(?:anyway|then|though)\W*$",
    re.I,
)
# "I'm gonna, um, write": the commas belong to the filler.
_HESITATION = re.compile(r",\s+(?:um|uh|uhm|erm|er|hmm),?\s", re.I)
REFERS_BACK = word_set("""
that it this these those them so
""")
SHORTEST_OBJECT_WORDS = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """One task as it was worded.

    ``is_request`` where somebody else was asked, ``is_open`` where anybody was: "who can ...?".
    """

    unit: Unit
    task: str
    owner: str | None
    due: str | None
    is_request: bool = False
    is_open: bool = False


def find_promises(unit: Unit, names: Collection[str]) -> Iterable[Promise]:
    """Every task the unit gives somebody, in order."""
    wordings = compile_wordings(frozenset(names))
    text = " ".join(drop_noise(_HESITATION.sub(" ", unit.text).split()))
    addressed: str | None = None
    for clause in divide_clauses(text, wordings, names):
        promise = _read_clause(unit, clause.strip(" ,"), wordings, addressed)
        if promise is not None:
            addressed = promise.owner if promise.is_request else addressed
            yield promise


def _read_clause(
    unit: Unit, clause: str, wordings: Wordings, addressed: str | None
) -> Promise | None:
    speaker = unit.speaker if is_person(unit.speaker) else None
    if found := wordings.open_request.search(clause):
        return _read_open(unit, clause, found)
    if found := wordings.request.search(clause):
        return _promise(unit, clause, found, found["name"], is_request=True)
    if found := wordings.asked.search(clause) or _find_late(clause, wordings):
        owner = addressed or _find_vocative(clause, found)
        return _promise(unit, clause, found, owner, is_request=True)
    return (
        _read_own(unit, clause, wordings, speaker)
        or _read_imperative(unit, clause)
        or _read_assigned(unit, clause, wordings, speaker)
    )


def _find_late(clause: str, wordings: Wordings) -> re.Match[str] | None:
    """ "I forgot about that can you write to them", where nobody wrote the marks."""
    found = wordings.asked_late.search(clause)
    before = clause[: found.start()].lower().split() if found else []
    is_asking = not WH_WORDS.isdisjoint(before[-QUESTION_REACH_WORDS:])
    return None if is_asking else found


def _read_own(unit: Unit, clause: str, wordings: Wordings, speaker: str | None) -> Promise | None:
    """ "I will", "I have to" and "I can": a promise, a duty, an offer."""
    found = wordings.self_promise.search(clause)
    promise = _promise(unit, clause, found, speaker) if found else None
    if promise is None and (found := wordings.duty.search(clause)) and _is_work(found):
        promise = _promise(unit, clause, found, speaker)
    if promise is None and (found := wordings.offer.search(clause)) and _is_offered(clause, found):
        promise = _promise(unit, clause, found, speaker)
    return promise or _read_going_on(unit, clause, wordings, speaker)


def _read_going_on(
    unit: Unit, clause: str, wordings: Wordings, speaker: str | None
) -> Promise | None:
    """ "I'm collecting the slips until Friday": work with a date."""
    found = wordings.going_on.search(clause)
    verb = _find_base(found["verb"].lower()) if found else ""
    if found is None or not verb or not DUE.search(found["task"]):
        return None
    told = f"i will {verb}{found['task'][len(found['verb']) :]}"
    promised = wordings.self_promise.search(told)
    return _promise(unit, told, promised, speaker) if promised else None


def _find_base(form: str) -> str:
    """The verb of work whose "-ing" form this is; "" for any other."""
    root = form.removesuffix("ing")
    return next((v for v in (root, f"{root}e", root[:-1]) if v in TASK_VERBS), "")


def _is_work(found: re.Match[str]) -> bool:
    is_dated = DUE.search(found["task"]) is not None
    return is_dated or found["verb"].lower() in TASK_VERBS or _is_to_others(found)


def _is_offered(clause: str, found: re.Match[str]) -> bool:
    """Whether "I can write the letter" names work on something definite."""
    words = found["task"].lower().split()
    is_definite = words[1:2] != [] and words[1] in DETERMINERS | PEOPLE
    return is_definite and found["verb"].lower() in TASK_VERBS and not clause.endswith("?")


def _is_to_others(found: re.Match[str]) -> bool:
    """Whether "tell", "talk to" or "get" is work outside of this meeting, and not its own talk."""
    verb, *rest = re.findall(r"[\w']+", found["task"].lower())
    if verb in OBTAINING:
        return rest[:1] != [] and rest[0] in DETERMINERS and any(map(is_content, rest[:4]))
    if verb not in TALKING:
        return False
    told = [word for word in rest if word not in {"to", "with"}]
    is_definite = any(map(is_content, told)) or DUE.search(found["task"]) is not None
    return told[:1] != [] and told[0] not in PRESENT and is_definite


def _read_imperative(unit: Unit, clause: str) -> Promise | None:
    """ "Like, change the text?": asked of whoever takes it."""
    words = drop_lead_in(clause.split())
    if words and words[0].lower().strip(",") == "like":
        words = words[1:]
    told = " ".join(words)
    found = re.match(VERB_PHRASE, told, re.I) if unit.text.endswith("?") else None
    is_named = found is not None and words[1:2] != [] and words[1].lower() in DETERMINERS
    if found is None or not is_named or found["verb"].lower() not in TASK_VERBS:
        return None
    promise = _promise(unit, told, found, None, is_request=True)
    return replace(promise, is_open=True) if promise else None


def _read_assigned(
    unit: Unit, clause: str, wordings: Wordings, speaker: str | None
) -> Promise | None:
    """Work given to somebody in the third person, or planned by the group with a date."""
    found = wordings.explicit.search(clause)
    if found and found["verb"].lower() in TASK_VERBS:
        return _promise(unit, clause, found, found["name"])
    if found := wordings.named.search(clause):
        return _promise(unit, clause, found, found["name"])
    if (found := wordings.needed.search(clause)) and _is_work(found) and not DUE.search(clause):
        promise = _promise(unit, clause, found, None, is_request=True)
        return replace(promise, is_open=True) if promise else None
    found = wordings.group.search(clause)
    if not found or found["verb"].lower() not in TASK_VERBS or not DUE.search(found["task"]):
        return None
    return _promise(unit, clause, found, speaker if found["who"] in {"i", "I"} else None)


def _read_open(unit: Unit, clause: str, found: re.Match[str]) -> Promise | None:
    promise = _promise(unit, clause, found, None, is_request=True)
    is_work = found["modal"] or found["verb"].lower() in TASK_VERBS | {"set", "take", "do"}
    return replace(promise, is_open=True) if promise is not None and is_work else None


def _find_vocative(clause: str, found: re.Match[str]) -> str | None:
    """The name at the end of "could you check that, Robert?"."""
    last = re.search(r",\s*([A-Z][a-z]+)\s*\?", clause[found.start() :])
    return last.group(1) if last else None


def _promise(
    unit: Unit, clause: str, found: re.Match[str], owner: str | None, *, is_request: bool = False
) -> Promise | None:
    before = clause[: found.start()]
    verb = found["verb"].lower()
    is_idle = verb in IDLE_VERBS | TALKING and not _is_to_others(found)
    if HEDGED.search(before) or is_idle or verb in FUNCTION_WORDS:
        return None
    task = found["task"]
    end = TASK_END.search(task)
    task = task[: end.start()] if end else task
    due = DUE.search(task)
    if due:
        task = f"{task[: due.start()]} {task[due.end() :]}"
    task = re.sub(rf",\s*{re.escape(owner)}\W*$", "", task) if owner else task
    words = _TRAILING.sub("", task.replace(" ,", ",")).strip(" ,.;:?!").split()
    if not _is_task(words):
        return None
    return Promise(
        unit=unit,
        task=" ".join(words),
        owner=owner,
        due=due.group().strip(" ,") if due else None,
        is_request=is_request,
    )


def _is_task(words: Sequence[str]) -> bool:
    """More than "do that": a verb and what to do it to."""
    object_words = words[1:]
    refers_back = bool(object_words) and object_words[0].lower().strip(",.") in REFERS_BACK
    return bool(object_words) and not (refers_back and len(object_words) < SHORTEST_OBJECT_WORDS)
