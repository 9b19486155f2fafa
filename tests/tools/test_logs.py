"""One line a record, whatever is in it."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
from types import SimpleNamespace

import pytest
from django.test import Client

from securityinfo import celery, logs


def line(message: str, *args: object, exc_info: object = None, form: str = "line") -> str:
    record = logging.LogRecord("tests", logging.WARNING, __file__, 1, message, args, exc_info)
    logs.RequestIdFilter().filter(record)
    return logs.FORMATTERS[form]().format(record)


def test_a_line_has_time_level_name_and_request_id():
    def within_a_request():
        logs.bind_request_id("0123456789abcdef")
        return line("Signed in")

    text = contextvars.copy_context().run(within_a_request)

    assert text.endswith("Z WARNING tests [0123456789abcdef] Signed in")


def test_outside_of_a_request_there_is_no_id():
    text = contextvars.Context().run(line, "Started")

    assert "[-] Started" in text


def test_a_formatter_without_the_filter_still_writes():
    record = logging.LogRecord("tests", logging.INFO, __file__, 1, "Started", (), None)

    assert "[-] Started" in logs.OneLineFormatter().format(record)


@pytest.mark.parametrize(
    ("sign", "escape"),
    [
        ("\n", r"\n"),
        ("\r", r"\r"),
        ("\x00", r"\x00"),
        ("\x1b", r"\x1b"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_could_forge_a_line_is_encoded(sign, escape):
    """R125"""
    text = line("Refused: %s", f"a{sign}b")

    assert text.endswith(f"Refused: a{escape}b")
    assert text.isprintable()


def test_letters_of_every_script_stay_readable():
    assert line("Zoë, 東京, مرحبا 🙂").endswith("Zoë, 東京, مرحبا 🙂")


def test_an_exception_is_one_line_too():
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        text = line("It failed", exc_info=sys.exc_info())

    assert text.isprintable()
    assert r"It failed\nTraceback" in text
    assert text.endswith(r"ValueError: first\nsecond")


def test_in_json_a_record_is_one_object():
    def within_a_request():
        logs.bind_request_id("0123456789abcdef")
        return line("Signed in: %s", "Zoë", form="json")

    said = json.loads(contextvars.copy_context().run(within_a_request))

    assert said.pop("time").endswith("Z")
    assert said == {
        "level": "WARNING",
        "logger": "tests",
        "request": "0123456789abcdef",
        "message": "Signed in: Zoë",
    }


def test_in_json_a_record_is_one_line_whatever_is_in_it():
    """R125"""
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        text = line("a\nb\u2028c\u202ed\x1be", exc_info=sys.exc_info(), form="json")

    assert text.isprintable()
    assert text.isascii()
    assert json.loads(text)["exception"].endswith("ValueError: first\nsecond")


@pytest.mark.parametrize("form", list(logs.FORMATTERS))
def test_addresses_that_open_something_are_blotted_out(form):
    text = line("Not Found: %s", "/not-me/hunter2/", form=form)

    assert "hunter2" not in text


def test_a_task_carries_the_id_of_the_request_it_comes_from():
    told: list[str] = []

    def within_a_request():
        logs.bind_request_id("0123456789abcdef")
        headers: dict[str, str] = {}
        celery.hand_on_request_id(headers=headers)
        return headers

    def within_a_worker(headers):
        celery.take_request_id(task=SimpleNamespace(request=headers))
        told.append(logs.request_id())

    headers = contextvars.copy_context().run(within_a_request)
    contextvars.copy_context().run(within_a_worker, headers)
    contextvars.copy_context().run(within_a_worker, {})

    assert told == ["0123456789abcdef", ""]


def test_a_refused_form_is_no_news_and_a_missing_page_is(bob, caplog):
    browser = Client()

    refused = browser.post("/sign-in/", {"name": "bob", "password": "not this", "next": ""})
    missing = browser.get("/no-such-page/")

    assert (refused.status_code, missing.status_code) == (422, 404)
    assert [each.status_code for each in caplog.records if each.name == "django.request"] == [404]


@pytest.mark.parametrize(("problem", "is_said"), [(None, False), (OSError("gone"), True)])
def test_being_busy_is_no_news_unless_something_broke(problem, is_said):
    about = (type(problem), problem, None) if problem else None
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "503", (), about)
    record.status_code = 503

    assert logs.AnswerFilter().filter(record) is is_said


def test_a_record_with_fields_is_one_object():
    """AD5"""
    record = logging.LogRecord("tests", logging.INFO, __file__, 1, "for people", (), None)
    record.fields = {"name": "method.added", "who": "a\nb\u2028\u202e", "number": 7}

    text = logs.OneLineFormatter().format(record)

    assert text.isascii()
    assert text.isprintable()
    found = json.loads(text)
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "INFO",
        "logger": "tests",
        "request": "-",
        "name": "method.added",
        "who": "a\nb\u2028\u202e",
        "number": 7,
    }
