from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from tests.meetings.library.shelf import make_meeting

pytestmark = pytest.mark.django_db
SHA256 = "5f" * 32


@pytest.mark.parametrize(
    ("tags", "source", "kept"),
    [
        ([f"sha256:{SHA256}", "shop"], SHA256, ["shop"]),
        (["shop"], "", ["shop"]),
        (["about sha256: a talk"], "", ["about sha256: a talk"]),
    ],
)
def test_imports_known_by_a_tag_are_known_by_their_field(
    tags: list[Any], source: str, kept: list[str]
) -> None:
    meeting = make_meeting(tags=tags)
    import_module("meetings.migrations.0003_search_index").move_sources(apps, None)
    meeting.refresh_from_db()
    assert (meeting.source_sha256, meeting.tags) == (source, kept)
