"""Limits on how often something may be tried, counted atomically in the database."""

from __future__ import annotations

from securityinfo.throttling.limits import Hold, Limit
from securityinfo.throttling.service import (
    Throttled,
    charge,
    check,
    check_hold,
    clear,
    clear_all,
    free_at,
    give_back,
    held,
    held_until,
    hit,
    hit_all,
    hold_back,
    is_counted,
    purge,
    refuse_again,
    wanted,
)
from securityinfo.throttling.statements import Hit, Try

__all__ = [
    "Hit",
    "Hold",
    "Limit",
    "Throttled",
    "Try",
    "charge",
    "check",
    "check_hold",
    "clear",
    "clear_all",
    "free_at",
    "give_back",
    "held",
    "held_until",
    "hit",
    "hit_all",
    "hold_back",
    "is_counted",
    "purge",
    "refuse_again",
    "wanted",
]
