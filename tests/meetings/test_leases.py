import time

import pytest
from pytest_django import Settings

from meetings import leases, services
from meetings.models import Meeting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row() -> leases.LeasedQuerySet:
    return Meeting.objects.filter(pk=services.start_meeting().pk)


def test_one_of_two_gets_the_row(row: leases.LeasedQuerySet) -> None:
    assert row.claim()
    assert not row.claim()
    assert row.get().attempts == 1


def test_a_lease_that_nobody_extends_ends(row: leases.LeasedQuerySet, settings: Settings) -> None:
    settings.LEASE_SECONDS = 0
    first = row.claim()
    time.sleep(0.01)
    second = row.claim()
    assert second
    assert not row.release(first)
    assert row.release(second)


def test_a_row_that_waits_for_its_retry_is_not_free(row: leases.LeasedQuerySet) -> None:
    row.release(row.claim(), retry_seconds=60)
    assert not row.claim()


def test_a_held_lease_outlives_its_length(row: leases.LeasedQuerySet, settings: Settings) -> None:
    settings.LEASE_SECONDS = 0.4
    token = row.claim()
    with leases.kept(row, token) as is_ours:
        time.sleep(0.8)
        assert not row.claim()
        assert is_ours()


def test_who_lost_the_lease_is_told(row: leases.LeasedQuerySet, settings: Settings) -> None:
    settings.LEASE_SECONDS = 0.2
    with leases.kept(row, row.claim()) as is_ours:
        row.update(lease_token="another's")
        time.sleep(0.3)
        assert not is_ours()
