"""How many messages went which way, and what became of them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from securityinfo.messaging.models import Message


def tally(*, since: datetime) -> dict[tuple[str, str], int]:
    """How many were asked for since then, by channel and state."""
    rows = (
        Message.objects.filter(created_at__gte=since)
        .values_list("channel", "state")
        .annotate(count=Count("pk"))
        .order_by("channel", "state")
    )
    return {(channel, state): count for channel, state, count in rows}
