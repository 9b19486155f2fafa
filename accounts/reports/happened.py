"""Resets, and people who had to wait: how often of late (RE2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from securityinfo.audit import tags, tally

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LABELS: dict[str, StrOrPromise] = {
    tags.METHOD_REGISTERED: _("Methods added"),
    tags.METHOD_DELETED: _("Methods deleted"),
    tags.HELPDESK_METHOD_DELETED: _("Methods deleted by the helpdesk"),
    tags.RESET_STARTED: _("Resets begun"),
    tags.RESET_COMPLETED: _("Passwords reset"),
    tags.RESET_STOPPED: _("Resets stopped"),
    tags.SIGN_IN_WAITING_STARTED: _("Waits after wrong passwords"),
    tags.CHALLENGE_EXHAUSTED: _("Codes ended by wrong answers"),
    tags.LIMIT_REACHED: _("Limits reached"),
    tags.ACCOUNT_DISOWNED: _("Reported as “This wasn't me”"),
}


@dataclass(frozen=True)
class Line:
    """How often something happened in the last week, and in the last month."""

    label: StrOrPromise
    lately: int
    since: int


def lines(*, since: datetime, lately: datetime) -> tuple[Line, ...]:
    """Two queries."""
    counts = tally.tally(LABELS, since=since, lately=lately)
    found = []
    for tag, label in LABELS.items():
        both = [numbers for (name, _result), numbers in counts.items() if name == tag]
        found.append(Line(label, sum(each[0] for each in both), sum(each[1] for each in both)))
    return tuple(found)
