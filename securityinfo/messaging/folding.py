"""The same event again: told at once the first time, then counted into one further message (NO4).

Nothing is ever suppressed: what happens after the further message is on its way, or when its
quarter of an hour is over, is told at once again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from securityinfo.crypto import fingerprint
from securityinfo.messaging import service
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message, State

if TYPE_CHECKING:
    from accounts.models import User

FOR = timedelta(minutes=15)
_SAME = ("subject", "sentences", "about", "kind")  # what makes two events the same to their reader


def queue(user: User, contact: Contact, *, reference: UUID, facts: Mapping[str, Any]) -> Message:
    """The message that tells this contact of it. In the caller's transaction."""
    topic = _topic(contact, facts)
    about = Message.objects.about(user, topic)
    first = about.filter(folds=0, created_at__gt=Now() - FOR).order_by("-created_at").first()
    if first is None:
        return _queued(user, contact, reference, facts, topic)
    counted = _counted(user, topic)
    if counted:
        return counted
    try:
        with transaction.atomic():
            since = {"since": first.created_at.isoformat()}
            due = first.created_at + FOR
            return service.queue_notice(
                user,
                channel=contact.channel,
                reference=reference,
                destination=contact.destination,
                sealed={**facts, **since, "until": due.isoformat(), "to": contact.value},
                masked=contact.masked,
                topic=topic,
                folds=2,
                due=due,
            )
    except IntegrityError:  # somebody else began the same further message in this moment
        return _counted(user, topic) or _queued(user, contact, reference, facts, topic)


def _counted(user: User, topic: str) -> Message | None:
    """The further message with one more in it; None if there is none that still waits.

    What a worker has claimed is not touched any more.
    """
    waiting = Message.objects.about(user, topic).filter(
        folds__gt=0, state=State.PENDING, tries=0, next_try_at__gt=Now()
    )
    found = waiting.first()
    if found is None or not waiting.filter(pk=found.pk).update(folds=F("folds") + 1):
        return None
    return found


def _queued(
    user: User, contact: Contact, reference: UUID, facts: Mapping[str, Any], topic: str
) -> Message:
    return service.queue_notice(
        user,
        channel=contact.channel,
        reference=reference,
        destination=contact.destination,
        sealed={**facts, "to": contact.value},
        masked=contact.masked,
        topic=topic,
    )


def _topic(contact: Contact, facts: Mapping[str, Any]) -> str:
    """Keyed, so that the row says nothing about what is told, and to whom."""
    same = [facts[name] for name in _SAME]
    told = json.dumps([contact.channel, contact.value.lower(), *same])
    return fingerprint("topic of a notice", told)
