"""Where the searchable texts stand: one line for each kind of row, in SQL of both databases."""

from collections.abc import Iterator
from dataclasses import dataclass

ENTRIES = "meetings_searchentry"
COLUMNS = "conversation_id, kind, ref, part, start_ms, speaker, text"
LATEST_MS = 9_000_000_000_000_000  # what comes from a model is bounded before it is cast


@dataclass(frozen=True, slots=True)
class Source:
    """A table of which each row is one text; ``{row}`` stands for the row in every expression."""

    name: str
    table: str
    room: str
    ref: str
    text: str
    condition: str
    watched: tuple[str, ...]
    start: str = "NULL"
    speaker: str = "''"

    def selects(self, row: str, vendor: str) -> Iterator[str]:
        """The SELECTs that give the entries of a row, without the table itself."""
        ref = f"CAST({self.ref} AS text)"
        columns = (
            f"{self.room}, '{self.name}', {ref}, '', {self.start}, {self.speaker}, {self.text}"
        )
        yield f"SELECT {columns} {{source}} WHERE {self.condition}".replace("{row}", row)


@dataclass(frozen=True, slots=True)
class Part:
    """A text, or a list of objects with one, in the result of a stage."""

    stage: str
    name: str
    path: str
    field: str = ""
    speaker: str = ""


PARTS = (
    Part("summary", "summary", "summary"),
    Part("summary", "key_point", "key_points", "text"),
    Part("actions", "action_item", "action_items", "task", "owner"),
    Part("actions", "decision", "decisions", "text"),
    Part("actions", "question", "questions", "text", "speaker"),
    Part("agenda", "topic", "agenda_items", "topic"),
    Part("agenda", "purpose", "meeting_purpose"),
)


@dataclass(frozen=True, slots=True)
class StageSource:
    """The results of the stages: several texts in a row's JSON, wherever they are well formed."""

    name: str = "summary"
    table: str = "meetings_stageresult"
    room: str = "{row}.meeting_id"
    ref: str = "{row}.name"
    condition: str = "{row}.name IN ('summary', 'actions', 'agenda')"
    watched: tuple[str, ...] = ("name", "result")

    def selects(self, row: str, vendor: str) -> Iterator[str]:
        read = read_sqlite if vendor == "sqlite" else read_postgres
        for part in PARTS:
            items, start, speaker, text = read(part)
            columns = f"{{row}}.meeting_id, 'summary', {{row}}.name, '{part.name}'"
            yield (
                f"SELECT {columns}, {start}, {speaker}, {text} {{source}} {items} "
                f"WHERE {{row}}.name = '{part.stage}' AND {text} <> ''"
            ).replace("{row}", row)


def read_sqlite(part: Part) -> tuple[str, str, str, str]:
    """What to read from, start, speaker and text; an item that is no object gives no text."""
    items = f"{{comma}} json_each({{row}}.result, '$.{part.path}') AS item"
    if not part.field:
        return items, "NULL", "''", "CASE item.type WHEN 'text' THEN item.value END"
    seconds = "coalesce({evidence}, {own})".format(
        evidence=pick_sqlite("evidence[0].start"), own=pick_sqlite("start")
    )
    start = f"CAST(min(max(round({seconds} * 1000), 0), {LATEST_MS}) AS integer)"
    speaker = f"coalesce({pick_sqlite(part.speaker)}, '')" if part.speaker else "''"
    return items, start, speaker, pick_sqlite(part.field)


def pick_sqlite(path: str) -> str:
    # json_extract raises where its first argument is a plain string.
    return f"CASE item.type WHEN 'object' THEN json_extract(item.value, '$.{path}') END"


def read_postgres(part: Part) -> tuple[str, str, str, str]:
    """The same; a lax path finds nothing where the JSON has another shape."""
    if not part.field:
        items = f"{{comma}} jsonb_path_query({{row}}.result, '$.{part.path}') AS item"
        text = "CASE jsonb_typeof(item) WHEN 'string' THEN item #>> '{}' END"
        return items, "NULL::bigint", "''", text
    items = f"{{comma}} jsonb_path_query({{row}}.result, '$.{part.path}[*]') AS item"
    seconds = "coalesce(item #> '{evidence,0,start}', item -> 'start')"
    start = (
        f"CASE jsonb_typeof({seconds}) WHEN 'number' THEN "
        f"least(greatest(round(({seconds})::numeric * 1000), 0), {LATEST_MS})::bigint END"
    )
    speaker = f"coalesce(item ->> '{part.speaker}', '')" if part.speaker else "''"
    return items, start, speaker, f"item ->> '{part.field}'"


SOURCES: tuple[Source | StageSource, ...] = (
    Source(
        "segment",
        "meetings_segment",
        room="{row}.meeting_id",
        ref="{row}.key",
        text="{row}.text",
        condition="{row}.kind = 'speech' AND {row}.text <> ''",
        watched=("key", "kind", "start_ms", "speaker", "text"),
        start="{row}.start_ms",
        speaker="{row}.speaker",
    ),
    Source(
        "draft",
        "meetings_audiochunk",
        room="{row}.meeting_id",
        ref='{row}."index"',
        text="{row}.text",
        condition="{row}.text <> ''",
        watched=("text",),
    ),
    Source(
        "speaker",
        "meetings_speaker",
        room="{row}.meeting_id",
        ref="{row}.label",
        text="{row}.name",
        condition="{row}.name <> ''",
        watched=("label", "name"),
        speaker="{row}.name",
    ),
    Source(
        "title",
        "chat_conversation",
        room="{row}.id",
        ref="''",
        text="{row}.title",
        condition="{row}.title <> ''",
        watched=("title",),
    ),
    Source(
        "message",
        "chat_message",
        room="{row}.conversation_id",
        ref="{row}.id",
        text="{row}.content",
        condition="{row}.role <> 'system' AND {row}.deleted_at IS NULL AND {row}.content <> ''",
        watched=("content", "role", "deleted_at", "user_id", "at_ms"),
        start="{row}.at_ms",
        speaker="{row}.user_id",
    ),
    StageSource(),
)
