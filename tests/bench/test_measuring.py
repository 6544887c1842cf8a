from bench.parts.ingest import split_evenly
from bench.parts.live import is_update
from bench.parts.memory import is_before_checkpoint, is_of_meeting
from bench.redis_memory import name_kind, sum_kinds
from bench.sounds import cut_chunks


def test_turns_sum_to_the_whole_time() -> None:
    assert split_evenly(60, 3) == [20, 20, 20]
    assert split_evenly(7, 3) == [3, 2, 2]


def test_sample_is_cut_as_the_browser_cuts() -> None:
    assert {len(chunk) for chunk in cut_chunks()} == {327_724}
    assert len(cut_chunks()) == 13


def test_keys_of_one_kind_fall_together() -> None:
    meeting, job = "0f8fad5b-d9cb-469f-a165-70867728950e", "chunk-" + "a" * 32
    kinds = sum_kinds(
        [
            (f"meeting:{{{meeting}}}:draft", 10),
            (f"rq:job:{job}-000001", 1),
            (f"rq:job:{job}-000002", 2),
        ]
    )
    assert kinds == {"meeting:{*}:draft": 10, "rq:job:*": 3}
    assert name_kind("meetings:live") == "meetings:live"


def test_waiting_jobs_count_as_the_meeting() -> None:
    assert is_of_meeting("rq:job:*")
    assert is_of_meeting("meeting:{*}")
    assert not is_of_meeting("rq:worker:*")


def test_chunks_that_the_draft_holds_at_a_look_are_spoken() -> None:
    spoken = [is_before_checkpoint(index, (10, 360)) for index in (0, 9, 10, 229, 230, 359, 360)]
    assert spoken == [True, True, False, False, True, True, False]


def test_earlier_transcript_is_not_the_awaited_one() -> None:
    def frame(kind: str, chunks: int) -> dict[str, object]:
        return {"type": kind, "metadata": {"chunks_processed": chunks}}

    assert is_update(frame("transcript_update", 2), 2)
    assert not is_update(frame("transcript_update", 1), 2)
    assert not is_update({"type": "chunk", "chunks_processed": 2}, 2)
