"""How registration developed, drawn and in numbers."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.reports.charts import HEIGHT, WIDTH, Columns
from accounts.reports.over_time import PERIODS, Development
from methods.models import Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from tests import kinds

pytestmark = pytest.mark.django_db

PAGE, FILE = "/admin/reports/over-time/", "/admin/reports/over-time.csv"


@pytest.mark.parametrize(
    ("name", "today", "last", "first"),
    [
        ("day", date(2026, 3, 1), date(2026, 3, 1), date(2026, 1, 31)),
        ("week", date(2026, 3, 1), date(2026, 2, 23), date(2025, 9, 1)),
        ("week", date(2026, 3, 2), date(2026, 3, 2), date(2025, 9, 8)),
        ("month", date(2026, 3, 1), date(2026, 3, 1), date(2025, 4, 1)),
        ("month", date(2026, 1, 31), date(2026, 1, 1), date(2025, 2, 1)),
    ],
)
def test_columns_begin_where_a_day_week_or_month_does(name, today, last, first):
    days = PERIODS[name].first_days(today)

    assert (days[0], days[-1]) == (first, last)
    assert days == sorted(set(days))


def test_people_are_counted_from_their_first_method_on(bob, eve, carol, email):
    for person, days in ((bob, 40), (eve, 3)):
        kinds.register(person)
        then = timezone.now() - timedelta(days=days)
        Registration.objects.filter(user=person).update(confirmed_at=then)

    development = Development.by(PERIODS["day"])

    assert list(development.registered) == [1] * 26 + [2] * 4


def test_what_happened_is_counted_in_its_column(bob):
    for tag in (tags.METHOD_REGISTERED, tags.METHOD_REGISTERED, tags.RESET_COMPLETED):
        log.record(tag, actor=SYSTEM, subject=bob.public_id)
    log.record(tags.METHOD_REGISTERED, actor=SYSTEM, result="refused")

    development = Development.by(PERIODS["month"])

    assert list(development.counted["method.registered"]) == [0] * 11 + [2]
    assert list(development.counted["helpdesk.method_deleted"]) == [0] * 12
    assert list(development.counted["reset.completed"]) == [0] * 11 + [1]
    assert list(development.counted["reset.stopped"]) == [0] * 12


def test_a_drawing_stays_in_its_frame_and_shows_whatever_is_there():
    days = [date(2026, 1, day) for day in range(1, 4)]
    chart = Columns("any", "Any", days, [0, 1, 100_000])

    none, least, most = chart.columns
    assert none.height == 0
    assert least.height == 2
    assert (most.height, most.y) == (HEIGHT, 0)
    assert all(each.x >= 0 and each.x + each.width <= WIDTH for each in chart.columns)
    assert all(each.y + each.height == HEIGHT for each in chart.columns)


@pytest.mark.parametrize("query", [{}, {"by": "day"}, {"by": "week"}, {"by": "month"}])
def test_each_drawing_has_a_name_a_description_and_its_numbers(admin, bob, email, query):
    kinds.register(bob)

    page = admin.get(PAGE, query).content.decode()

    drawings = re.findall(r"<svg class=\"chart-columns\".*?</svg>", page, re.S)
    assert len(drawings) == 6
    for drawing in drawings:
        named, described = re.search(r'aria-labelledby="(\S+) (\S+)"', drawing).groups()
        assert f'<title id="{named}">' in drawing
        assert f'<desc id="{described}">' in drawing
        assert "style=" not in drawing
    assert "Last column: 1. Highest: 1." in page
    assert "The same in numbers" in page


def test_the_time_that_is_shown_is_the_one_that_is_chosen(admin):
    page = admin.get(PAGE).content.decode()

    assert '<option value="week" selected>26 weeks</option>' in page


def test_an_empty_organization_has_empty_drawings(admin):
    response = admin.get(PAGE)

    assert response.status_code == 200
    assert 'class="bar-part"' not in response.content.decode()


def test_an_unknown_time_is_named(admin):
    assert admin.get(PAGE, {"by": "century"}).status_code == 422


def test_the_file_has_the_same_numbers(admin, bob, email):
    kinds.register(bob)

    text = b"".join(admin.get(FILE, {"by": "month"}).streaming_content).decode()

    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 12
    assert rows[-1]["people_registered_for_sign_in"] == "1"
    assert rows[-1]["method.registered"] == "1"
    assert rows[0]["people_registered_for_sign_in"] == "0"


def test_it_takes_as_many_queries_as_ever(admin, bob, email, django_assert_max_num_queries):
    kinds.register(bob)
    admin.get(PAGE)

    with django_assert_max_num_queries(7):
        admin.get(PAGE)
