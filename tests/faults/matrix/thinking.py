"""Speech engines, and what else thinks."""

from tests.faults.matrix.case import Case

WORKERS = "faults/test_workers.py::test_"
ENGINES = "faults/test_engines.py::test_"
WHISPER = "transcription/engines/test_whisper_cli.py::test_"
TRANSCRIBE = "transcription/test_transcribe.py::test_"
DEEPGRAM = "transcription/engines/test_deepgram.py::test_"
MODELS = "meetings/backends/test_order.py::test_"
DIARIZING = "meetings/test_diarizing.py::test_"
DIARIZER = "transcription/diarization/test_resident.py::test_"

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
    "E08": Case(
        "Deepgram fails",
        (
            f"{DEEPGRAM}account_that_cannot_is_permanent_and_says_what_to_do",
            f"{DEEPGRAM}trouble_of_the_service_may_pass",
            f"{DEEPGRAM}slow_service_is_not_waited_for",
            f"{DEEPGRAM}service_that_is_away_may_come_back",
        ),
    ),
    "E09": Case(
        "language model fails",
        (
            f"{MODELS}server_in_trouble_is_left_alone_for_the_other_stages",
            f"{MODELS}slow_server_costs_its_timeout_once",
            f"{MODELS}wrong_key_is_refused_without_counting_as_an_outage",
        ),
    ),
    "E10": Case(
        "diarizer dies",
        (
            f"{DIARIZING}failed_diarizer_hides_nothing_else",
            f"{DIARIZER}death_is_told_and_the_next_question_starts_it_again",
        ),
    ),
    "E11": Case(
        "engine takes every core",
        ("intellibooks/test_work.py::test_work_alone_runs_both_workers_politely",),
    ),
}
