"""Texts and calls of the tests: what is sent, and how Twilio's server reaches the application."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.test import Client

from securityinfo.messaging.content import CallContent, CallScript, TextContent
from securityinfo.messaging.models import Message
from tests.servers.twilio import Answer

NUMBER = "+31612345678"
SCRIPT = CallScript(
    ask="Key in the number on your screen.",
    right="Thank you.",
    wrong="That was not the number.",
    silence="No number was keyed in.",
    reported="We have stopped this.",
    over="This call is no longer needed. Goodbye.",
)


def a_text(_message: Message | None = None) -> TextContent:
    return TextContent(NUMBER, "Example Org: 073040 is your code.", valid_for=540)


def a_call(_message: Message | None = None) -> CallContent:
    return CallContent(NUMBER, "", SCRIPT, "en")


def post_to_the_views(url: str, fields: dict[str, str], signature: str) -> Answer:
    """As the web server hands it on: host and scheme are those of the inside."""
    answer = Client(enforce_csrf_checks=True).post(
        urlsplit(url).path, fields, headers={"x-twilio-signature": signature}
    )
    return Answer(answer.status_code, answer.content.decode())
