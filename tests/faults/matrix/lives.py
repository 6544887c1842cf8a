"""Chunks, and the life of a meeting."""

from tests.faults.matrix.case import Case

WEB = "faults/test_web.py::test_"
CHUNKS = "faults/test_chunks.py::test_"
RACES = "faults/test_races.py::test_"
INGEST = "meetings/test_ingest.py::test_"
VIEWS = "meetings/test_views.py::test_"
DRAFTING = "meetings/test_drafting.py::test_"
PIPELINE = "meetings/test_pipeline.py::test_"
AUDIO = "transcription/test_audio.py::test_"
SOUND = "meetings/test_sound.py::test_"
LIMITS = "intellibooks/test_web.py::test_"
LIBRARY = "meetings/library/test_views.py::test_"
PAUSES = "console/recording/test_interruptions.py::test_"

LIVES = {
    "C01": Case(
        "same index, same bytes",
        (
            f"{CHUNKS}any_order_and_any_number_of_times_is_one_meeting",
            f"{INGEST}same_chunk_twice_counts_once",
        ),
    ),
    "C02": Case(
        "same index, other bytes",
        (
            f"{CHUNKS}of_eight_contents_under_one_index_one_is_the_chunk",
            f"{CHUNKS}damage_is_kept_aside_and_the_rest_is_whole",
        ),
    ),
    "C03": Case("any order", (f"{CHUNKS}any_order_and_any_number_of_times_is_one_meeting",)),
    "C04": Case(
        "many at once",
        (
            f"{CHUNKS}any_order_and_any_number_of_times_is_one_meeting",
            f"{WEB}three_meetings_at_once_do_not_mix",
        ),
    ),
    "C05": Case(
        "chunks missing at the stop",
        (f"{CHUNKS}hole_is_silence_and_closes_when_its_chunk_comes",),
    ),
    "C06": Case(
        "late chunk while processing",
        (f"{RACES}chunk_that_lands_in_a_running_pipeline_is_in_the_recording",),
    ),
    "C07": Case(
        "late chunk after the end",
        (f"{CHUNKS}hole_is_silence_and_closes_when_its_chunk_comes",),
    ),
    "C08": Case(
        "empty or missing fields",
        (f"{VIEWS}empty_chunk_is_400", f"{VIEWS}missing_fields_are_422"),
    ),
    "C09": Case("absurd index", (f"{VIEWS}absurd_chunk_index_is_422",)),
    "C10": Case("body too large", (f"{LIMITS}large_body_is_refused_before_it_is_read",)),
    "C11": Case("body dripped byte by byte", (f"{LIMITS}a_body_that_only_drips_in_is_given_up",)),
    "C12": Case(
        "not audio at all",
        (
            f"{CHUNKS}damage_is_kept_aside_and_the_rest_is_whole",
            f"{DRAFTING}what_is_no_audio_is_kept_and_failed_with_its_reason",
        ),
    ),
    "C13": Case("other formats", (f"{AUDIO}every_format_keeps_its_sound",)),
    "C14": Case("lying headers", (f"{AUDIO}lying_wav_header_is_not_believed",)),
    "C15": Case(
        "bombs",
        (
            f"{AUDIO}bomb_that_states_its_length_is_refused_before_it_is_decoded",
            f"{AUDIO}bomb_that_hides_its_length_is_stopped_at_the_limit",
        ),
    ),
    "C16": Case(
        "pieces of a stream without a header",
        (
            f"{SOUND}pieces_in_any_order_are_the_whole_recording",
            f"{SOUND}pieces_whose_first_never_came_are_kept_and_read_when_it_does",
        ),
    ),
    "C17": Case("many stops at once", (f"{CHUNKS}of_eight_stops_at_once_one_wins",)),
    "C18": Case(
        "stop while chunks are on their way",
        (f"{CHUNKS}chunk_answered_beside_a_stop_is_in_the_recording",),
    ),
    "C19": Case("stop without a chunk", (f"{PIPELINE}meeting_without_chunks_completes",)),
    "C20": Case("unknown meeting", (f"{VIEWS}unknown_meeting_is_404_everywhere",)),
    "C21": Case(
        "recorder falls silent",
        ("test_service.py::test_a_client_that_vanishes_leaves_a_completed_meeting",),
    ),
    "C22": Case(
        "chunk races the watchdog",
        (
            f"{RACES}stop_watchdog_and_late_chunk_agree_on_what_happened",
            f"{WEB}meeting_of_a_frozen_web_process_resumes",
        ),
    ),
    "C23": Case(
        "pause",
        (
            f"{PAUSES}time_in_pause_is_no_audio",
            f"{PAUSES}service_hears_of_a_recording_in_pause",
        ),
    ),
    "C24": Case(
        "retention",
        (
            "meetings/test_purge.py::test_with_yes_the_old_go_and_the_young_stay",
            "meetings/test_purge.py::test_meeting_in_use_is_never_purged",
        ),
    ),
    "C25": Case(
        "meeting deleted while it runs",
        (
            f"{LIBRARY}a_meeting_in_use_is_erased_only_by_force",
            "meetings/erasing/test_certificate.py::test_running_meeting_is_refused_unless_forced",
        ),
    ),
    "C26": Case(
        "account deleted or exported",
        why_not="accounts are those of the identity provider; a meeting is erased, not a person",
    ),
    "C27": Case("meeting beyond a quota", why_not="there are no quotas yet"),
    "C28": Case(
        "an hour of chunks",
        why_not="measured by make bench (ingest, memory), with its limits in the report",
    ),
    "C29": Case(
        "processed twice at once",
        (f"{RACES}chunk_that_lands_in_a_running_pipeline_is_in_the_recording",),
    ),
}
