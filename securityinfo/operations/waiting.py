"""What waits for a worker, and what was given up."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from securityinfo.messaging.models import Category, Message, MessageQuerySet, State

# A worker takes a code within a second; one that a provider refuses for now was tried.
TOO_LONG = timedelta(seconds=60)
LATELY = timedelta(hours=24)


def oldest_code() -> timedelta | None:
    """The age of the oldest code that no worker has tried to send; None if none waits."""
    return oldest(Message.objects.filter(category=Category.CODE, tries=0))


def oldest(messages: MessageQuerySet) -> timedelta | None:
    """How long the one that is due for the longest time has waited."""
    due = messages.unfinished().filter(state=State.PENDING, next_try_at__lte=Now())
    times = due.order_by("next_try_at").annotate(now=Now()).values_list("next_try_at", "now")
    since, now = times.first() or (None, None)
    return now - since if since and now else None


def dead_letters() -> int:
    """Notices that were given up in the last day."""
    ended = Message.objects.filter(category=Category.NOTICE, state=State.FAILED)
    return ended.filter(finished_at__gt=Now() - LATELY).count()
