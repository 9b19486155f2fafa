"""What waits too long: expired codes, ended leases, and messages that no worker was told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from securityinfo.messaging import outbox
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Message, Reason, State

# How long a published message may wait in the broker before it is taken for lost.
PATIENCE = {Category.CODE: timedelta(seconds=5), Category.NOTICE: timedelta(seconds=45)}


def tidy() -> None:
    """End what is too late, then take back what its worker did not finish."""
    outbox.end_late(Message.objects.unfinished())
    _take_back()


def due() -> list[Message]:
    """Messages to publish, codes first; a batch of each category, so that none waits behind."""
    return [message for category in PATIENCE for message in _due(category)]


def mark_published(ids: Iterable[UUID]) -> None:
    Message.objects.filter(pk__in=ids, state=State.PENDING).update(published_at=Now())


def _due(category: Category) -> list[Message]:
    waiting = Message.objects.unfinished().filter(
        Q(published_at=None) | Q(published_at__lte=Now() - PATIENCE[category]),
        category=category,
        state=State.PENDING,
        next_try_at__lte=Now(),
    )
    return list(waiting.only("pk", "job").order_by("next_try_at")[: outbox.BATCH])


@transaction.atomic
def _take_back() -> None:
    """A lease that ended: a paid message being handed over is unclear, the others wait again."""
    begun = Message.objects.unfinished().filter(state__in=(State.CLAIMED, State.CALLING))
    ended = begun.filter(lease_until__lte=Now())
    unclear = ended.filter(state=State.CALLING).exclude(channel=Channel.EMAIL)
    outbox.end_all(unclear, State.UNKNOWN, Reason.LOST)
    repeatable = ended.filter(Q(state=State.CLAIMED) | Q(channel=Channel.EMAIL))
    outbox.end_all(repeatable.filter(faults__gte=outbox.MAX_FAULTS - 1), State.FAILED, Reason.LOST)
    _wait_again(repeatable.filter(faults__lt=outbox.MAX_FAULTS - 1))


def _wait_again(messages: models.QuerySet[Message]) -> None:
    messages.update(
        state=State.PENDING,
        reason=Reason.LOST,
        faults=F("faults") + 1,
        lease_until=None,
        next_try_at=Now(),
        published_at=None,
    )
