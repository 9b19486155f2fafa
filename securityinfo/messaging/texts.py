"""Makes the notices that go out as text messages: one segment each, without names and links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securityinfo import times
from securityinfo.messaging import letterhead
from securityinfo.messaging.content import TextContent
from securityinfo.messaging.models import Message

Check = Callable[[Message], None]


class About(StrEnum):
    """What a notice is about, as far as a text message says so."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    PASSWORD = "password"  # noqa: S105 - no password
    OTHER = "other"


# Each with the helpdesk's number, and without one.
_WORDS: dict[About, tuple[Promise, Promise]] = {
    About.ADDED: (
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s (%(kind)s added). "
            "Not you? Call the helpdesk: %(phone)s"
        ),
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s (%(kind)s added). "
            "Not you? Contact the helpdesk."
        ),
    ),
    About.CHANGED: (
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s "
            "(%(kind)s changed). Not you? Call the helpdesk: %(phone)s"
        ),
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s "
            "(%(kind)s changed). Not you? Contact the helpdesk."
        ),
    ),
    About.DELETED: (
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s "
            "(%(kind)s deleted). Not you? Call the helpdesk: %(phone)s"
        ),
        _(
            "%(sender)s: your security info was changed on %(date)s at %(time)s "
            "(%(kind)s deleted). Not you? Contact the helpdesk."
        ),
    ),
    About.PASSWORD: (
        _(
            "%(sender)s: your password was changed on %(date)s at %(time)s. "
            "Not you? Call the helpdesk: %(phone)s"
        ),
        _(
            "%(sender)s: your password was changed on %(date)s at %(time)s. "
            "Not you? Contact the helpdesk."
        ),
    ),
    About.OTHER: (
        _(
            "%(sender)s: there is a security notice about your account. "
            "Check your email or call the helpdesk: %(phone)s"
        ),
        _(
            "%(sender)s: there is a security notice about your account. "
            "Check your email or contact the helpdesk."
        ),
    ),
}


_checks: list[Check] = []


def before_notice(check: Check) -> None:
    """Let `check` look at each notice before it is texted; registered when apps are ready.

    It raises what a composer may raise: Stale, Held or Refused of messaging.delivery.
    """
    _checks[:] = [check]


def check(message: Message) -> None:
    """Raises what `before_notice` says."""
    for each in _checks:
        each(message)


def notice(message: Message) -> TextContent:
    """The text of a notice, from the facts that were sealed when it was queued."""
    facts: dict[str, Any] = message.sealed
    sender = letterhead.current()
    with_phone, without = _WORDS[About(facts.get("about", About.OTHER))]
    at = timezone.localtime(datetime.fromisoformat(facts["at"]))
    text = (with_phone if sender.helpdesk_phone else without) % {
        "sender": sender.short_name,
        "date": times.without_year(at),
        "time": date_format(at, "H:i"),
        "kind": facts.get("kind", ""),
        "phone": sender.helpdesk_phone,
    }
    return TextContent(to=facts["to"], text=text)
