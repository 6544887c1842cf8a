import pytest

from meetings.reprocessing.dependencies import (
    ASKABLE,
    DEPENDS,
    UnknownStage,
    expand_names,
    find_dependents,
    find_sources,
    list_deaf,
)
from meetings.stages import ANALYSES, STAGE_NAMES


def test_every_stage_of_the_pipeline_is_in_the_table_in_its_order() -> None:
    assert tuple(DEPENDS) == STAGE_NAMES


def test_a_stage_depends_only_on_earlier_ones() -> None:
    order = list(DEPENDS)
    assert all(
        order.index(source) < order.index(stage)
        for stage, sources in DEPENDS.items()
        for source in sources
    )


def test_transcribing_anew_touches_everything_that_reads_text() -> None:
    assert find_dependents(["transcript"]) == ("diarize", "segments", *ANALYSES)


def test_new_speakers_touch_segments_and_analyses() -> None:
    assert find_dependents(["diarize"]) == ("segments", *ANALYSES)


@pytest.mark.parametrize("name", ANALYSES)
def test_nothing_depends_on_an_analysis(name: str) -> None:
    assert find_dependents([name]) == ()


def test_mood_reads_everything_up_to_the_segments() -> None:
    expected = ("gather", "recording", "transcript", "diarize", "segments")
    assert find_sources(["mood"]) == expected


def test_all_is_every_name_that_can_be_asked_for() -> None:
    assert expand_names(["all"]) == expand_names(ASKABLE)


def test_names_are_put_in_the_order_in_which_they_run() -> None:
    assert expand_names(["mood", "transcribe", "summary"]) == ("transcript", "summary", "mood")


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownStage, match="moood"):
        expand_names(["summary", "moood"])


def test_without_sound_the_analyses_remain() -> None:
    assert list_deaf() == ANALYSES
