"""One trusted browser, used many times in one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from accounts.models import TrustedBrowser
from securityinfo.audit.models import Event
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    code_sent,
    has_method,
    policy,
    post_password,
)
from tests.cast import PASSWORD

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CLICKS = 8


@pytest.fixture
def trusted(bob) -> Client:
    policy(trusted_browser_days=30, methods_to_register=1)
    has_method(bob)
    client = Client()
    post_password(client, "bob")
    client.post(VERIFY, {"code": code_sent(), "trust": "on"})
    client.post("/sign-out/")
    client.get(SIGN_IN)
    return client


def click(client: Client) -> str:
    """The same form from the same browser."""
    copy = Client()
    copy.cookies = client.cookies.copy()
    try:
        return copy.post(SIGN_IN, {"name": "bob", "password": PASSWORD})["Location"]
    finally:
        connection.close()


def test_many_clicks_on_one_form_are_no_theft(trusted):
    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, [trusted] * CLICKS))

    assert answers == [HOME] * CLICKS
    assert TrustedBrowser.objects.count() == 1
    assert Event.objects.filter(tag="browser.trusted_used").count() == 1


def test_of_many_copies_in_many_browsers_one_is_let_in(trusted):
    copies = []
    for _ in range(CLICKS):
        thief = Client()
        thief.cookies = trusted.cookies.copy()
        thief.cookies.pop("csrf")
        copies.append(thief)

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, copies))

    assert answers.count(HOME) == 1
    assert not TrustedBrowser.objects.exists()
    assert Event.objects.filter(tag="browser.trusted_replayed").count() == 1
