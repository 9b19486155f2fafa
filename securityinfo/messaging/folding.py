"""The same event again: told at once the first time, then counted into one further message (NO4).

Nothing is ever suppressed: what happens after the further message is on its way, or when its
quarter of an hour is over, is told at once again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from securityinfo.crypto import fingerprint
from securityinfo.messaging import service
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message

if TYPE_CHECKING:
    from accounts.models import User

FOR = timedelta(minutes=15)
# What makes two events the same to their reader. The same value registered anew is another method.
_SAME = ("subject", "sentences", "about", "kind", "method")


def queue(
    user: User, contacts: Iterable[Contact], *, reference: UUID, facts: Mapping[str, Any]
) -> list[Message]:
    """The message that tells each contact of it. In the caller's transaction."""
    by_topic = {_topic(each, facts): each for each in contacts}
    told = Message.objects.told_at_once(user, by_topic, since=Now() - FOR)
    queued = []
    for topic, contact in by_topic.items():
        news = _News(user, contact, topic, reference, facts)
        queued.append(_again(news, told[topic]) if topic in told else news.queue())
    return queued


@dataclass(frozen=True)
class _News:
    """One event as one contact is told of it."""

    user: User
    contact: Contact
    topic: str
    reference: UUID
    facts: Mapping[str, Any]

    def queue(self, **later: Any) -> Message:
        return service.queue_notice(
            self.user,
            channel=self.contact.channel,
            reference=self.reference,
            destination=self.contact.destination,
            country=self.contact.country,
            sealed={**self.facts, "to": self.contact.value},
            masked=self.contact.masked,
            topic=self.topic,
            **later,
        )


def _again(news: _News, first_at: datetime) -> Message:
    """Counted in the further message of a quarter of an hour; the second one begins it."""
    counted = _counted(news)
    if counted:
        return counted
    due = first_at + FOR
    window = {"since": first_at.isoformat(), "until": due.isoformat()}
    try:
        with transaction.atomic():
            return replace(news, facts={**news.facts, **window}).queue(folds=2, due=due)
    except IntegrityError:  # somebody else has begun it in this moment
        return _counted(news) or news.queue()


def _counted(news: _News) -> Message | None:
    """The further message with one more in it; None if there is none that still waits.

    What a worker has claimed is not touched any more.
    """
    waiting = Message.objects.folding(news.user, news.topic)
    found = waiting.first()
    if found is None or not waiting.filter(pk=found.pk).update(folds=F("folds") + 1):
        return None
    return found


def _topic(contact: Contact, facts: Mapping[str, Any]) -> str:
    """Keyed, so that the row says nothing about what is told, and to whom."""
    same = [facts[name] for name in _SAME]
    told = json.dumps([contact.channel, contact.value.lower(), *same])
    return fingerprint("topic of a notice", told)
