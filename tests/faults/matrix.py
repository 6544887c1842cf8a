"""The fault matrix: every case that was thought of, and the test that plays it or why none does.

Ids are those of the matrix: F are processes and infrastructure, E speech engines and what else
thinks, C chunks and the life of a meeting. A test is ``path under tests/::function``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """``tests`` may be empty only where ``why_not`` says what is missing."""

    what: str
    tests: tuple[str, ...] = ()
    why_not: str = ""


WEB, WORKERS = "faults/test_web.py::test_", "faults/test_workers.py::test_"
REDIS, DATABASE = "faults/test_redis.py::test_", "faults/test_database.py::test_"
DISK, ENGINES = "faults/test_disk.py::test_", "faults/test_engines.py::test_"
CHUNKS, RACES = "faults/test_chunks.py::test_", "faults/test_races.py::test_"
SOCKETS, SUPERVISOR = "faults/test_sockets.py::test_", "faults/test_supervisor.py::test_"
INGEST, VIEWS = "meetings/test_ingest.py::test_", "meetings/test_views.py::test_"
DRAFTING, PIPELINE = "meetings/test_drafting.py::test_", "meetings/test_pipeline.py::test_"
SPOOL, AUDIO = "meetings/test_spool.py::test_", "transcription/test_audio.py::test_"
SOUND, LIMITS = "meetings/test_sound.py::test_", "intellibooks/test_web.py::test_"
WHISPER = "transcription/engines/test_whisper_cli.py::test_"
TRANSCRIBE = "transcription/test_transcribe.py::test_"

NO_REPLAY = "sockets have no last_seq yet: replay is proved where it is built"
NO_CLIENT = "no such client in this release"

PROCESSES = {
    "F01": Case(
        "web killed while a body comes in",
        (f"{WEB}meeting_is_whole_after_web_was_killed_again_and_again",),
    ),
    "F02": Case(
        "web killed between file and commit",
        (f"{WEB}chunk_caught_by_two_deaths_is_there_once",),
    ),
    "F03": Case(
        "web killed between commit and answer",
        (f"{WEB}chunk_caught_by_two_deaths_is_there_once",),
    ),
    "F04": Case(
        "web killed under 200 sockets",
        (f"{SOCKETS}storm_of_viewers_does_not_keep_a_chunk_out",),
        NO_REPLAY,
    ),
    "F05": Case(
        "worker killed in the middle of a chunk",
        (f"{WORKERS}chunk_of_a_dead_live_worker_is_heard_by_the_next",),
    ),
    "F06": Case(
        "worker that wakes up after its successor",
        (f"{WORKERS}worker_that_wakes_up_after_its_successor_changes_nothing",),
    ),
    "F07": Case(
        "worker and children killed together",
        (f"{WORKERS}power_cut_of_all_workers_heals_by_itself",),
    ),
    "F08": Case(
        "no worker while a meeting is stopped",
        (f"{WORKERS}meeting_stopped_without_workers_completes_when_they_return",),
    ),
    "F09": Case(
        "worker told to leave in the middle of a chunk",
        (f"{WORKERS}deploy_in_the_middle_of_a_chunk_fails_nothing",),
    ),
    "F10": Case(
        "killed in every stage of the pipeline",
        (f"{WORKERS}processing_goes_on_with_the_stage_it_died_in",),
    ),
    "F11": Case("Redis killed, AOF", (f"{REDIS}killed_redis_costs_nothing",)),
    "F12": Case("Redis comes back empty", (f"{REDIS}emptied_redis_is_filled_from_rows",)),
    "F13": Case(
        "Redis away for long",
        (f"{REDIS}uploads_go_on_while_redis_hangs",),
        "20 s instead of 60: what happens after the first timeout does not change",
    ),
    "F14": Case(
        "Redis full or paused",
        (
            f"{REDIS}uploads_go_on_while_redis_takes_no_writes",
            f"{REDIS}uploads_go_on_while_redis_hangs",
        ),
    ),
    "F15": Case("subscriptions cut again and again", why_not=NO_REPLAY),
    "F16": Case(
        "Postgres stopped",
        (
            f"{DATABASE}uploads_are_answered_while_the_database_is_away",
            f"{DATABASE}stop_before_the_spool_is_handed_over_loses_nothing",
            f"{SPOOL}kill_while_spooling_leaves_no_half_entry",
        ),
    ),
    "F17": Case("Postgres killed and back", (f"{DATABASE}killed_database_costs_nothing",)),
    "F18": Case("Postgres hangs", (f"{DATABASE}hanging_database_loses_nothing",)),
    "F19": Case(
        "many writers on SQLite",
        (
            f"{CHUNKS}any_order_and_any_number_of_times_is_one_meeting",
            f"{RACES}stop_watchdog_and_late_chunk_agree_on_what_happened",
        ),
    ),
    "F20": Case(
        "disk of the media full",
        (
            f"{DISK}full_media_disk_refuses_and_forgets_nothing",
            f"{DISK}used_up_quota_is_told_to_the_client",
        ),
    ),
    "F21": Case(
        "disk of the database full", (f"{DISK}full_disk_under_every_store_heals_with_space",)
    ),
    "F22": Case(
        "file of a chunk gone or changed",
        (
            f"{PIPELINE}a_chunk_whose_file_vanished_is_silent_in_the_recording",
            f"{DRAFTING}a_file_that_was_tampered_with_is_not_transcribed",
        ),
    ),
    "F23": Case("one job runs twice", (f"{DRAFTING}a_job_that_runs_twice_transcribes_once",)),
    "F24": Case(
        "two watchdogs",
        (
            f"{SPOOL}two_sweepers_hand_each_chunk_over_once",
            "meetings/test_sweeper.py::test_silent_recorder_ends_abruptly_once",
        ),
    ),
    "F25": Case(
        "clocks of two machines differ",
        why_not="leases and idle times are compared by the database's clock alone; no test bends "
        "the clock of one process, since the suite may not bring a library for it",
    ),
    "F26": Case(
        "the clock goes back",
        ("chat/test_events.py::test_logged_frames_are_counted_without_a_gap",),
        "order comes from seq; the clock itself is not set back by a test",
    ),
    "F27": Case("web process paused", (f"{WEB}meeting_of_a_frozen_web_process_resumes",)),
    "F28": Case(
        "old jobs under new code",
        why_not="a job is a function's name and ids, and a lost or failed job is rung again from "
        "its row; there is no second version of a job yet",
    ),
}

THINKING = {
    "E01": Case(
        "engine crashes or fails",
        (
            f"{ENGINES}next_engine_hears_what_the_first_could_not",
            f"{ENGINES}chunk_is_heard_at_the_second_try",
        ),
    ),
    "E02": Case(
        "engine ends well without a result",
        (f"{ENGINES}next_engine_hears_what_the_first_could_not",),
    ),
    "E03": Case("engine hangs", (f"{ENGINES}engine_that_hangs_is_given_up",)),
    "E04": Case(
        "engine writes garbage or too much",
        (
            f"{ENGINES}next_engine_hears_what_the_first_could_not",
            f"{WHISPER}endless_result_is_stopped",
        ),
    ),
    "E05": Case("engine or model is missing", (f"{WHISPER}missing_model_says_what_to_set",)),
    "E06": Case(
        "words invented in silence",
        (
            f"{TRANSCRIBE}sound_without_speech_asks_no_engine",
            f"{TRANSCRIBE}sentences_dreamed_up_where_nobody_speaks_are_dropped",
        ),
    ),
    "E07": Case(
        "engine slower than speech",
        (f"{WORKERS}meeting_stopped_without_workers_completes_when_they_return",),
        "an engine that never answers is its limit; lag is measured by make bench",
    ),
    "E08": Case("Deepgram fails", why_not="there is no Deepgram engine yet"),
    "E09": Case("language model fails", why_not="the analyses ask no language model yet"),
    "E10": Case("diarizer dies", why_not="there is no diarizer yet"),
    "E11": Case(
        "engine takes every core",
        ("intellibooks/test_work.py::test_work_alone_runs_both_workers_politely",),
    ),
}

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
    "C11": Case(
        "body dripped byte by byte",
        why_not="half a body is played at the web kills; a time limit for bodies is not built",
    ),
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
    "C23": Case("pause", why_not=f"{NO_CLIENT}: there is no pause to tell"),
    "C24": Case(
        "retention",
        (
            "meetings/test_purge.py::test_with_yes_the_old_go_and_the_young_stay",
            "meetings/test_purge.py::test_meeting_in_use_is_never_purged",
        ),
    ),
    "C25": Case("meeting deleted while it runs", why_not="DELETE is not built yet"),
    "C26": Case("account deleted or exported", why_not="there are no accounts yet"),
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

MATRIX = {**PROCESSES, **THINKING, **LIVES}
