"""Processes and infrastructure."""

from tests.faults.matrix.case import Case

WEB = "faults/test_web.py::test_"
WORKERS = "faults/test_workers.py::test_"
REDIS = "faults/test_redis.py::test_"
DATABASE = "faults/test_database.py::test_"
DISK = "faults/test_disk.py::test_"
CHUNKS = "faults/test_chunks.py::test_"
RACES = "faults/test_races.py::test_"
SOCKETS = "faults/test_sockets.py::test_"
DRAFTING = "meetings/test_drafting.py::test_"
PIPELINE = "meetings/test_pipeline.py::test_"
SPOOL = "meetings/test_spool.py::test_"
RESUME = "chat/stream/test_resume.py::test_"

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
        (
            f"{SOCKETS}storm_of_viewers_does_not_keep_a_chunk_out",
            f"{RESUME}missed_events_are_replayed_and_new_ones_follow",
            "test_cluster.py::test_nothing_is_lost_when_one_of_each_process_is_killed",
        ),
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
    "F15": Case(
        "subscriptions cut again and again",
        (
            f"{SOCKETS}viewers_miss_nothing_while_their_subscriptions_are_cut",
            f"{RESUME}published_frames_that_are_lost_are_read_from_the_log",
        ),
    ),
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
