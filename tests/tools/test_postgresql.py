"""Points in time, as they come from PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

MOMENT = datetime(2026, 3, 29, 1, 30, 0, 120_000, UTC)


def asked(point: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [point])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam", "Asia/Kolkata", "America/St_Johns"])
def test_it_is_in_utc_whatever_the_connections_zone_is(zone):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])

    found = asked(MOMENT.isoformat())

    assert (found, found.tzinfo) == (MOMENT, UTC)


def test_the_first_and_the_last_year_can_be_read():
    first, last = "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"

    assert [asked(each).isoformat() for each in (first, last)] == [first, last]


@pytest.mark.parametrize("point", ["infinity", "12000-01-01", "0044-03-15 BC"])
def test_what_python_has_no_time_for_is_an_error_of_the_data(point):
    with pytest.raises(DataError):
        asked(point)
