"""R125: one line a record, and nothing secret in it."""

from __future__ import annotations

import copy
import io
import logging
import logging.config
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from securityinfo import logs
from tests.accounts.doors import code_sent, post_sign_in, set_up_email
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [\w.]+ \[(?:-|[0-9a-f]{16})\] .*")
CANARY = "canary-9b2e"


@pytest.fixture
def log(settings, request) -> Iterator[io.StringIO]:
    """What the console would show, by the filters of the settings, in one of their forms."""
    logging_settings = copy.deepcopy(settings.LOGGING)  # the configurator takes it apart
    form = logs.FORMATTERS[getattr(request, "param", "line")]
    logging_settings["formatters"]["ours"] = {"()": form}
    console = logging_settings["handlers"]["console"]
    configurator = logging.config.DictConfigurator(logging_settings)
    formatter = configurator.configure_formatter(
        logging_settings["formatters"][console["formatter"]]
    )
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter)
    for name in console["filters"]:
        handler.addFilter(configurator.configure_filter(logging_settings["filters"][name]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "path", ["/nope%0a2026-01-01 CRITICAL forged/", "/nope%0d/", "/n%e2%80%a8/"]
)
def test_an_address_with_line_breaks_is_one_line(log, path):
    """R125"""
    Client().get(path)

    lines = log.getvalue().splitlines()
    assert lines
    assert all(LINE.fullmatch(line) for line in lines)


def test_a_refused_request_is_logged_with_its_id(log):
    Client().get("/nope/")

    (line,) = [line for line in log.getvalue().splitlines() if "/nope/" in line]
    assert re.search(r"\[[0-9a-f]{16}\]", line)


def test_an_exception_with_line_breaks_is_one_line(log):
    """R125"""
    try:
        raise ValueError(f"first\nsecond\r\n{CANARY}")
    except ValueError:
        logging.getLogger("tests").exception("It failed")

    (line,) = log.getvalue().splitlines()
    assert LINE.fullmatch(line)
    assert CANARY in line


@pytest.mark.parametrize("log", list(logs.FORMATTERS), indirect=True)
def test_passwords_codes_cookies_and_addresses_are_in_no_line(log, bob):
    """R125: sign-in, registration and their failures, with every logger at its most talkative."""
    browser = Client()
    post_sign_in(browser, "bob", f"wrong {CANARY}")
    post_sign_in(browser, "bob")
    set_up_email(browser, f"{CANARY}@example.net")
    browser.get(f"/security-info/{CANARY}/")

    written = log.getvalue().replace(f"/security-info/{CANARY}/", "")
    secret = [CANARY, PASSWORD, code_sent(), *(cookie.value for cookie in browser.cookies.values())]
    assert written
    for each in filter(None, secret):
        assert each not in written
