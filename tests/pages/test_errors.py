from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client, RequestFactory

from securityinfo import errors
from tests.pages.crawl import Page

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls")]


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


CASES = [
    ("/there-is-no-such-page/", 404, "There is no such page."),
    ("/forbidden/", 403, "There is no such page."),
    ("/too-many/", 429, "Too many tries"),
    ("/busy/", 503, "The service is busy."),
    ("/broken/", 500, "Something went wrong."),
    ("/without-database/", 503, "The service is busy."),
]


@pytest.mark.parametrize(("address", "status", "heading"), CASES)
def test_an_error_is_a_plain_page(browser, address, status, heading):
    answer = browser.get(address)
    page = Page(answer)

    assert answer.status_code == status
    assert page.headings == 1
    assert page.title.startswith(heading)
    assert page.inline == []
    assert "secret detail" not in answer.content.decode()


def test_a_form_of_another_browser_says_that_nothing_was_changed():
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"name": "bob"})

    assert answer.status_code == 403
    assert "This page was open too long." in answer.content.decode()
    assert "Start again" in answer.content.decode()


def test_an_unknown_host_gets_a_page_without_names(browser):
    answer = browser.get("/sign-in/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


def test_a_broken_page_names_the_request_and_nothing_else(browser):
    answer = browser.get("/broken/")

    assert "ID: <bdi" in answer.content.decode()
    assert "RuntimeError" not in answer.content.decode()


def test_a_broken_page_needs_no_database(django_db_blocker):
    with django_db_blocker.block():
        answer = errors.server_error(RequestFactory().get("/"))

    assert answer.status_code == 500


def test_too_many_tries_gives_a_clock_time_that_is_never_too_early():
    now = dt.datetime(2026, 11, 23, 14, 35, 10, tzinfo=dt.UTC)

    with time_machine.travel(now, tick=False):
        answer = Client().get("/too-many/")

    assert "14:41" in answer.content.decode()
    assert answer.headers["Retry-After"] == "300"


@pytest.mark.parametrize("address", ["/busy/", "/without-database/"])
def test_busy_says_when_to_come_back(browser, address):
    """R129."""
    assert browser.get(address).headers["Retry-After"] == "60"


def test_an_error_page_does_not_use_up_what_another_page_has_to_say(signed_in, bob):
    browser = signed_in(bob)
    browser.post("/sign-out/")
    browser.get("/favicon.ico")

    assert "You&#x27;re signed out." in browser.get("/sign-in/").content.decode()
