"""How many messages went which way, and what became of them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Message, State


def tally(*, since: datetime) -> dict[tuple[str, str], int]:
    """How many were asked for since then, by channel and state."""
    rows = (
        Message.objects.filter(created_at__gte=since)
        .values_list("channel", "state")
        .annotate(count=Count("pk"))
        .order_by("channel", "state")
    )
    return {(channel, state): count for channel, state, count in rows}


def failures(*, since: datetime) -> dict[tuple[str, str], int]:
    """Why messages since then were not delivered, by channel; the most frequent first."""
    rows = (
        Message.objects.filter(created_at__gte=since, state=State.FAILED)
        .values_list("channel", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "channel", "reason")
    )
    return {(channel, reason): count for channel, reason, count in rows}


def by_country(*, since: datetime) -> dict[tuple[str, str], int]:
    """How many texts and calls since then a provider took, by country and channel.

    What was taken may cost, whether or not it arrived.
    """
    taken = Q(sent_at__isnull=False) | Q(state__in=(State.SENT, State.DELIVERED, State.UNKNOWN))
    rows = (
        Message.objects.filter(taken, created_at__gte=since)
        .exclude(channel=Channel.EMAIL)
        .values_list("country", "channel")
        .annotate(count=Count("pk"))
        .order_by("country", "channel")
    )
    return {(country, channel): count for country, channel, count in rows}
