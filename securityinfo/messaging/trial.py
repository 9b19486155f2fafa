"""A test message, so that an administrator sees what a provider makes of it (DE9)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from securityinfo import clock
from securityinfo.messaging import letterhead, letters
from securityinfo.messaging.calls import TRIAL
from securityinfo.messaging.content import (
    CallContent,
    CallScript,
    Channel,
    Contact,
    Outgoing,
    TextContent,
)
from securityinfo.messaging.models import Category, Message

if TYPE_CHECKING:
    from accounts.models import User

LIFE = timedelta(minutes=10)  # as a code: whoever asked for it is looking


def row(user: User, contact: Contact, *, language: str) -> Message:
    """Of a test; not stored yet. Like a code it ends at once where only the operator can help."""
    return Message(
        user=user,
        job=TRIAL,
        category=Category.CODE,
        channel=contact.channel,
        reference=uuid.uuid4(),
        masked=contact.masked,
        country=contact.country,
        language=language,
        expires_at=Now() + LIFE,
        sealed={"to": contact.value, **_facts()},
    )


def _facts() -> dict[str, Any]:
    """As of a notice: by mail it is one."""
    return {
        "subject": _("Test message"),
        "sentences": [_("An administrator has sent this to see whether messages arrive.")],
        "at": clock.now().isoformat(),
        "by": _("you"),
        "browser": "",
        "network": "",
    }


def compose(message: Message) -> Outgoing:
    """Its only words: that it is a test."""
    to = (message.sealed or {})["to"]
    sender = letterhead.current()
    if message.channel == Channel.EMAIL:
        return letters.notice(message)
    text = _("%(sender)s: this is a test message.") % {"sender": sender.short_name}
    if message.channel == Channel.TEXT:
        return TextContent(to=to, text=text)
    bye = _("Thank you. The test is over. Goodbye.")
    ask = _("Hello. This is %(sender)s. This is a test. Key in any number, then press pound.")
    script = CallScript(
        ask=ask % {"sender": sender.short_name},
        right=bye,
        wrong=bye,
        silence=_("No number was keyed in. Goodbye."),
        reported=bye,
        over=bye,
    )
    return CallContent(to=to, extension="", script=script, language=get_language() or "en")
