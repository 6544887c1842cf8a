"""Which entries hold every word of a query: the part that each database does its own way."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from meetings.models import SearchEntry
from meetings.search.query import Phrase, fold
from meetings.search.schema import STEMMED, STEMS, WORDS
from meetings.search.sources import ENTRIES


def match_entries(
    entries: QuerySet[SearchEntry], phrases: Sequence[Phrase]
) -> QuerySet[SearchEntry]:
    """Those of the entries with every phrase in them."""
    match = match_sqlite if connection.vendor == "sqlite" else match_postgres
    return match(entries, phrases)


def match_sqlite(
    entries: QuerySet[SearchEntry], phrases: Sequence[Phrase]
) -> QuerySet[SearchEntry]:
    wanted = write_fts5(phrases)
    is_typing = any(phrase.is_prefix for phrase in phrases)
    tables = (STEMS, WORDS) if is_typing else (STEMS,)
    sql = " UNION ".join(f"SELECT rowid FROM {table} WHERE {table} MATCH %s" for table in tables)  # noqa: S608 - constants
    return entries.filter(pk__in=RawSQL(sql, [wanted] * len(tables)))  # noqa: S611 - constants and parameters


def write_fts5(phrases: Sequence[Phrase]) -> str:
    """Everything in quotes, so that no word is an operator."""
    return " ".join(
        f'"{" ".join(phrase.words)}"' + (" *" if phrase.is_prefix else "") for phrase in phrases
    )


def match_postgres(
    entries: QuerySet[SearchEntry], phrases: Sequence[Phrase]
) -> QuerySet[SearchEntry]:
    wanted = write_tsquery(phrases)
    query = f"(to_tsquery('{STEMMED}', %s) || to_tsquery('simple', %s))"
    # By key: within another query the table of the entries has another name.
    sql = f"SELECT id FROM {ENTRIES} WHERE search @@ {query}"  # noqa: S608 - constants
    return entries.filter(pk__in=RawSQL(sql, [wanted] * 2))  # noqa: S611 - constants and parameters


def write_tsquery(phrases: Sequence[Phrase]) -> str:
    return " & ".join(
        " <-> ".join(f"'{fold(word)}'" for word in phrase.words)
        + (":*" if phrase.is_prefix else "")
        for phrase in phrases
    )
