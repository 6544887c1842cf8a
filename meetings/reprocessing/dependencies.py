"""Which stages of the pipeline depend on which, and what a person may ask to run again. Pure."""

from collections.abc import Iterable

# Stage -> the stages whose result it reads, in the order in which they run.
DEPENDS: dict[str, tuple[str, ...]] = {
    "gather": (),
    "recording": ("gather",),
    "transcript": ("recording",),
    "diarize": ("recording", "transcript"),
    "segments": ("transcript", "diarize"),
    "summary": ("segments",),
    "keywords": ("segments",),
    "mood": ("segments",),
    "agenda": ("segments",),
    "actions": ("segments",),
    "metrics": ("segments",),
}

# What a person may ask for -> the stages that run for it whatever changed. The chunks and the
# joined recording are no part of it: what was recorded does not change.
ASKABLE: dict[str, tuple[str, ...]] = {
    "transcribe": ("transcript",),
    "diarize": ("diarize",),
    "summary": ("summary",),
    "keywords": ("keywords",),
    "mood": ("mood",),
    "agenda": ("agenda",),
    "actions": ("actions",),
    "metrics": ("metrics",),
}
ALL = "all"
NAMES = (*ASKABLE, ALL)

# Only these can be brought back by themselves: the others follow from them and from the sound.
REVISED = tuple(stage for stages in ASKABLE.values() for stage in stages)
HEARS = frozenset({"gather", "recording", "transcript", "diarize"})


class UnknownStage(ValueError):
    """A name that nobody can ask for."""


def expand_names(names: Iterable[str]) -> tuple[str, ...]:
    """The stages that stand for the names, in the order they run. Raises UnknownStage."""
    wanted: set[str] = set()
    for name in names:
        if name not in NAMES:
            raise UnknownStage(name)
        chosen = ASKABLE.values() if name == ALL else (ASKABLE[name],)
        wanted.update(stage for stages in chosen for stage in stages)
    return in_order(wanted)


def find_dependents(stages: Iterable[str]) -> tuple[str, ...]:
    """The stages that read, directly or through others, what these produce; these not."""
    changed = frozenset(stages)
    reached = set(changed)
    for stage, sources in DEPENDS.items():  # in the order they run: one pass finds them all
        if reached.intersection(sources):
            reached.add(stage)
    return in_order(reached - changed)


def find_sources(stages: Iterable[str]) -> tuple[str, ...]:
    """The stages whose results these read, directly or through others; these not."""
    wanted = frozenset(stages)
    reached = set(wanted)
    for stage in reversed(DEPENDS):
        if stage in reached:
            reached.update(DEPENDS[stage])
    return in_order(reached - wanted)


def list_deaf() -> tuple[str, ...]:
    """What can be asked for when there is no sound any more."""
    return tuple(name for name, stages in ASKABLE.items() if not HEARS.intersection(stages))


def in_order(stages: Iterable[str]) -> tuple[str, ...]:
    wanted = frozenset(stages)
    return tuple(stage for stage in DEPENDS if stage in wanted)
