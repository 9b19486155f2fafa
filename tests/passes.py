"""A temporary access pass as the tests issue and use it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts import passes
from accounts.models import User
from securityinfo.actor import COMMAND_LINE
from tests.accounts.doors import post_password
from tests.flows.proofs import new_browser

PASS = "/sign-in/pass/"
WRONG_PASS = "That pass isn't right or has expired. Check it or contact your IT helpdesk."


def issue(user: User, *, sets_password: bool = False) -> str:
    """The pass; by whoever may."""
    return passes.issue(user, actor=COMMAND_LINE, sets_password=sets_password).text


def type_in(client: Client, text: str) -> Any:
    return client.post(PASS, {"code": text})


def let_in(user: User) -> Client:
    """A browser in which password and pass were right."""
    client = new_browser()
    text = issue(user)
    assert post_password(client, user.username).status_code == 302
    assert type_in(client, text)["Location"] == "/keep-secure/"
    return client
