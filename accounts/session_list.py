"""Where a person is signed in, as that person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Session, User
from accounts.session_limits import Limits
from securityinfo import user_agent
from securityinfo.policy.rules import Settings


@dataclass(frozen=True)
class Place:
    """One session in words."""

    public_id: UUID
    browser: str  # "Firefox on Windows"
    address: str
    last_used_at: datetime
    is_here: bool


def places_of(user: User, settings: Settings, *, here: UUID | None) -> list[Place]:
    """The sessions that are open, this one first, then the one used last."""
    limits = Limits.of(user, settings)
    rows = Session.objects.of(user).within(idle=limits.idle, total=limits.total)
    rows = rows.defer("data").order_by("-last_used_at")
    places = [_place(row, is_here=row.public_id == here) for row in rows]
    return sorted(places, key=lambda place: not place.is_here)


def _place(row: Session, *, is_here: bool) -> Place:
    return Place(
        public_id=row.public_id,
        browser=user_agent.translated(row.browser) or _("Unknown browser"),
        address=row.address or "",
        last_used_at=row.last_used_at,
        is_here=is_here,
    )
