"""The front door of messaging: queue a code or a notice, deliver it, ask what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation

from securityinfo.messaging import letterhead, outbox, status, tasks, trial
from securityinfo.messaging.content import Contact
from securityinfo.messaging.delivery import Expired, Held, Refused, Stale, deliver
from securityinfo.messaging.models import Category, Message
from securityinfo.messaging.status import DeliveryState, DeliveryStatus

if TYPE_CHECKING:
    from accounts.models import User

__all__ = [
    "DeliveryState",
    "DeliveryStatus",
    "Expired",
    "Held",
    "Refused",
    "Stale",
    "deliver",
    "forget_before",
    "queue_code",
    "queue_notice",
    "queue_trial",
    "status_of",
]


def queue_code(
    user: User,
    *,
    channel: str,
    reference: UUID,
    generation: int,
    expires_at: datetime,
    masked: str = "",
    destination: str = "",
    country: str = "",
    task: str = "methods.deliver",
) -> Message:
    """A delivery row for a code that `task` derives when it sends it; `masked` says where to.

    In the caller's transaction; workers hear of it when that is committed. `destination` is a
    keyed fingerprint, by which it is remembered how the delivery went.
    """
    return _queue(
        Message(
            user=user,
            job=task,
            category=Category.CODE,
            channel=channel,
            reference=reference,
            generation=generation,
            destination=destination,
            country=country,
            expires_at=expires_at,
            masked=masked,
            language=language_of(user),
        )
    )


def queue_notice(
    user: User,
    *,
    channel: str,
    reference: UUID,
    sealed: dict[str, Any],
    masked: str = "",
    destination: str = "",
    country: str = "",
    topic: str = "",
    folds: int = 0,
    due: datetime | None = None,
) -> Message:
    """A delivery row for a notice; `sealed` is kept encrypted until it is sent.

    `topic` and `folds`: see folding.py. `due`: when it is to be sent, if not at once.
    """
    message = Message(
        user=user,
        job=tasks.SEND_NOTICE,
        category=Category.NOTICE,
        channel=channel,
        reference=reference,
        destination=destination,
        country=country,
        topic=topic,
        folds=folds,
        expires_at=(due or Now()) + outbox.NOTICE_LIFE,
        sealed=sealed,
        masked=masked,
        language=language_of(user),
    )
    return _queue_for(message, due) if due else _queue(message)


def queue_trial(user: User, contact: Contact) -> Message:
    """A test message to this contact, in the person's language."""
    language = language_of(user)
    with translation.override(language):
        return _queue(trial.row(user, contact, language=language))


def status_of(reference: UUID, generation: int) -> DeliveryStatus | None:
    """What became of the code of this challenge and generation; None if nothing was sent."""
    message = Message.objects.codes_for(reference, generation).first()
    return status.of(message) if message else None


def language_of(user: User) -> str:
    """The person's own choice, or else the organization's."""
    for language in (user.language, letterhead.current().default_language):
        if language and translation.check_for_language(language):
            return language
    return settings.LANGUAGE_CODE


def forget_before(age: timedelta) -> int:
    """Delete what came to its end longer ago than `age`; the number of messages."""
    return Message.objects.filter(finished_at__lt=Now() - age).delete()[0]


def _queue_for(message: Message, due: datetime) -> Message:
    """For later: the sweeper publishes it then."""
    message.next_try_at, message.published_at = due, None
    message.save(force_insert=True)
    return message


def _queue(message: Message) -> Message:
    message.save(force_insert=True)
    transaction.on_commit(partial(tasks.publish_or_note, message.job, message.pk), robust=True)
    return message
