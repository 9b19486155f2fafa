"""Who needs attention: frozen accounts and notices that nobody got, the oldest first (HD14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.utils.translation import gettext as _

from accounts.helpdesk import people
from accounts.models import User
from securityinfo.messaging.models import Message

MOST = 50


@dataclass(frozen=True)
class Entry:
    """One person, why, and since when."""

    person: User
    why: str
    since: datetime


def needed(agent: User) -> list[Entry]:
    """Among those whom this agent may help."""
    found = chain(_frozen(agent), _untold(agent))
    return sorted(found, key=lambda each: each.since)[:MOST]


def _frozen(agent: User) -> list[Entry]:
    frozen = User.objects.helped_by(agent).filter(frozen_at__isnull=False)
    why = _("Frozen: somebody reported that it wasn't them")
    return [
        Entry(each, why, each.frozen_at)
        for each in frozen.order_by("frozen_at")[:MOST]
        if each.frozen_at
    ]


def _untold(agent: User) -> list[Entry]:
    """Once for each person, by the first of them."""
    first: dict[int, Entry] = {}
    why = _("A security notice could not be delivered")
    for message in Message.objects.undelivered_notices().select_related("user")[: 4 * MOST]:
        person: User = message.user
        if person.pk not in first and people.may_help(agent, person):
            first[person.pk] = Entry(person, why, message.created_at)
    return list(first.values())
