"""The full-text index and the triggers that keep it in step, for SQLite and Postgres.

Triggers, so that no code path can forget the index, and a text is found as soon as it is
committed. Two forms of each text are indexed: the words as they stand, for the beginning of a
word while it is typed, and their stems (Porter 1980) in both databases alike.

A migration that remakes a watched table drops its triggers on SQLite: call ``install`` at its end.
One that remakes the table of entries fails while there are triggers: ``uninstall`` first.
"""

# ruff: noqa: S608 - every name in these statements is a constant of ours
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from meetings.search.sources import COLUMNS, ENTRIES, SOURCES, Source, StageSource

STEMS, WORDS = "meetings_searchstems", "meetings_searchwords"  # FTS5 tables of SQLite
STEMMED = "meetings_stems"  # text search configuration of Postgres
FOLD = "meetings_search_fold"
LONGEST_TEXT = 100_000  # characters; Postgres refuses a vector of more than a megabyte
WATCHED_MEETING = "meetings_meeting"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What is done after each row that an INSERT, UPDATE or DELETE touches, if ``condition``."""

    name: str
    table: str
    event: str
    statements: str
    condition: str = ""

    @property
    def head(self) -> str:
        when = f" WHEN ({self.condition})" if self.condition else ""
        return f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} FOR EACH ROW{when}"


def install(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The index and its triggers, made anew and filled from the rows there are."""
    uninstall(apps, editor)
    vendor = editor.connection.vendor
    if vendor != "sqlite":  # a large library takes longer than a request may
        editor.execute("SET LOCAL statement_timeout = 0", None)
    for statement in (
        *(build_sqlite() if vendor == "sqlite" else build_postgres()),
        *(fill for source in SOURCES for fill in build_fill(source, vendor)),
        f"DELETE FROM {ENTRIES} WHERE kind = 'draft' AND conversation_id IN "
        f"(SELECT conversation_id FROM {WATCHED_MEETING} WHERE status = 'completed')",
    ):
        editor.execute(statement, None)


def uninstall(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The table of entries stays, empty."""
    is_sqlite = editor.connection.vendor == "sqlite"
    for trigger in list_triggers(editor.connection.vendor):
        on = "" if is_sqlite else f" ON {trigger.table}"
        editor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}", None)
        if not is_sqlite:
            editor.execute(f"DROP FUNCTION IF EXISTS {trigger.name}()", None)
    for statement in list(drop_sqlite() if is_sqlite else drop_postgres()):
        editor.execute(statement, None)
    editor.execute(f"DELETE FROM {ENTRIES}", None)


def list_triggers(vendor: str) -> Iterator[Trigger]:
    for source in SOURCES:
        yield from watch(source, vendor)
    yield Trigger(
        "search_completed",
        WATCHED_MEETING,
        "UPDATE",
        f"DELETE FROM {ENTRIES} WHERE kind = 'draft' AND conversation_id = NEW.conversation_id;",
        "NEW.status = 'completed' AND OLD.status <> 'completed'",
    )
    if vendor == "sqlite":
        yield from feed_sqlite()


def watch(source: Source | StageSource, vendor: str) -> Iterator[Trigger]:
    """The triggers of one source: its entries are replaced when what they show changes."""
    different = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"OLD.{name} {different} NEW.{name}" for name in source.watched)
    removed = build_removal(source)
    added = "".join(build_insert(source, vendor))
    name, table = f"search_{source.name}", source.table
    condition = source.condition.replace("{row}", "NEW")
    yield Trigger(f"{name}_added", table, "INSERT", added, condition)
    yield Trigger(f"{name}_changed", table, "UPDATE", removed + added, changed)
    yield Trigger(f"{name}_removed", table, "DELETE", removed)


def build_removal(source: Source | StageSource) -> str:
    room, ref = (text.replace("{row}", "OLD") for text in (source.room, source.ref))
    return (
        f"DELETE FROM {ENTRIES} WHERE conversation_id = {room} "
        f"AND kind = '{source.name}' AND ref = CAST({ref} AS text);"
    )


def build_insert(source: Source | StageSource, vendor: str) -> Iterator[str]:
    for select in source.selects("NEW", vendor):
        found = select.replace("{source}", "").replace("{comma}", "FROM")
        yield f"INSERT INTO {ENTRIES} ({COLUMNS}) {found};"


def build_fill(source: Source | StageSource, vendor: str) -> Iterator[str]:
    """The same for the rows that are there already."""
    for select in source.selects(source.table, vendor):
        found = select.replace("{source}", f"FROM {source.table}").replace("{comma}", ",")
        yield f"INSERT INTO {ENTRIES} ({COLUMNS}) {found}"


def build_sqlite() -> Iterator[str]:
    options = f"text, content='{ENTRIES}', content_rowid='id'"
    plain = "unicode61 remove_diacritics 2"
    yield f'CREATE VIRTUAL TABLE {STEMS} USING fts5({options}, tokenize="porter {plain}")'
    yield (
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5({options}, tokenize=\"{plain}\", prefix='2 3 4')"
    )
    for trigger in list_triggers("sqlite"):
        yield f"{trigger.head} BEGIN {trigger.statements} END"


def feed_sqlite() -> Iterator[Trigger]:
    """From the entries into the two tables of FTS5, which hold no text of their own."""
    add = "".join(
        f"INSERT INTO {table}(rowid, text) VALUES (NEW.id, NEW.text);" for table in (STEMS, WORDS)
    )
    remove = "".join(
        f"INSERT INTO {table}({table}, rowid, text) VALUES ('delete', OLD.id, OLD.text);"
        for table in (STEMS, WORDS)
    )
    yield Trigger("search_entry_added", ENTRIES, "INSERT", add)
    yield Trigger("search_entry_changed", ENTRIES, "UPDATE", remove + add)
    yield Trigger("search_entry_removed", ENTRIES, "DELETE", remove)


def drop_sqlite() -> Iterator[str]:
    for table in (STEMS, WORDS):
        yield f"DROP TABLE IF EXISTS {table}"


def build_postgres() -> Iterator[str]:
    """No stop words: what somebody said in quotes is found whatever it is made of."""
    yield (
        f"CREATE TEXT SEARCH DICTIONARY {STEMMED} (TEMPLATE = pg_catalog.snowball, "
        "Language = 'porter')"
    )
    yield f"CREATE TEXT SEARCH CONFIGURATION {STEMMED} (COPY = pg_catalog.simple)"
    yield (
        f"ALTER TEXT SEARCH CONFIGURATION {STEMMED} "
        f"ALTER MAPPING REPLACE pg_catalog.simple WITH {STEMMED}"
    )
    # The parser would take "and/or" for a file and "a.b" for a host: to us these are words.
    yield (
        f"CREATE FUNCTION {FOLD}(body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
        f"$$ SELECT regexp_replace(regexp_replace(normalize(left(body, {LONGEST_TEXT}), NFKD), "
        "'[\\u0300-\\u036f]+', '', 'g'), "
        "'[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f]+', "
        "' ', 'g') $$"
    )
    vector = (
        f"to_tsvector('{STEMMED}'::regconfig, {FOLD}(text)) || "
        f"to_tsvector('pg_catalog.simple'::regconfig, {FOLD}(text))"
    )
    yield f"ALTER TABLE {ENTRIES} ADD COLUMN search tsvector GENERATED ALWAYS AS ({vector}) STORED"
    yield f"CREATE INDEX {ENTRIES}_search ON {ENTRIES} USING gin (search)"
    for trigger in list_triggers("postgres"):
        yield (
            f"CREATE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {trigger.statements} RETURN NULL; END $$"
        )
        yield f"{trigger.head} EXECUTE FUNCTION {trigger.name}()"


def drop_postgres() -> Iterator[str]:
    yield f"ALTER TABLE {ENTRIES} DROP COLUMN IF EXISTS search"
    yield f"DROP FUNCTION IF EXISTS {FOLD}(text)"
    yield f"DROP TEXT SEARCH CONFIGURATION IF EXISTS {STEMMED}"
    yield f"DROP TEXT SEARCH DICTIONARY IF EXISTS {STEMMED}"
