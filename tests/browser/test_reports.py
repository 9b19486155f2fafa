"""An auditor reads a report, narrows it down and takes it away; and looks at the log."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with
from tests import kinds

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]


def enter(page, home: str, person: User) -> None:
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{home}/"}])


def rows_of(download) -> list[dict[str, str]]:
    with Path(download.path()).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_an_auditor_reads_narrows_down_and_downloads(in_process, make_person, javascript):
    auditor, bob = make_person("audrey"), make_person("bob")
    make_person("eve")
    auditor.groups.add(*groups_with([Duty.READ_AND_AUDIT]))
    kinds.allow("email")
    kinds.register(bob)
    window = in_process(java_script_enabled=javascript)
    page = window.open()
    enter(page, window.home, User.objects.get(pk=auditor.pk))

    page.goto("/admin/")
    page.get_by_role("link", name="Reports").first.click()
    page.get_by_role("row", name="Capable of sign-in").get_by_role("link").click()
    assert page.locator(".people-table tbody tr").count() == 1
    page.get_by_label("Name").fill("bo")
    page.get_by_role("button", name="Show").click()
    with page.expect_download() as people:
        page.get_by_role("link", name="Download CSV").click()
    page.get_by_role("link", name="Over time").click()
    assert page.get_by_role("img", name="People registered for sign-in").is_visible()

    page.goto("/admin/audit/event/")
    page.locator("#search_person").fill("bob")
    page.locator(".audit-search [type=submit]").click()
    with page.expect_download() as events:
        page.get_by_role("link", name="Download CSV").click()

    assert [row["user_name"] for row in rows_of(people.value)] == ["bob"]
    assert {row["person"] for row in rows_of(events.value)} == {"bob"}
    taken = Event.objects.filter(tag="export.downloaded", actor=auditor.public_id)
    assert [event.facts["report"] for event in taken.order_by("pk")] == ["people", "events.csv"]
    assert not window.complaints
