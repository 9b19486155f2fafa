"""Required registration: what is missing at sign-in, and how long it may wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from securityinfo.policy.settings_table import Settings


class NeededState(StrEnum):
    NOT_NEEDED = "not_needed"
    FIRST_METHOD = "first_method"  # no sign-in method at all: asked right after the password
    MORE_METHODS = "more_methods"  # fewer channels than required: may wait until `due`
    NOTHING_POSSIBLE = "nothing_possible"  # as FIRST_METHOD, but the policy leaves no kind


@dataclass(frozen=True)
class Needed:
    """What required registration asks of one person at one moment."""

    state: NeededState
    channels: int = 0  # usable ones that count
    required: int = 0  # how many there should be, never more than the policy lets this person have
    due: datetime | None = None  # until when the rest may wait
    overdue: bool = False
    may_skip: bool = False  # "Skip for now"
    days_left: int = 0  # begun days, while it may be skipped
    skips_left: int = 0

    @classmethod
    def nothing(cls, channels: int, required: int = 0) -> Needed:
        return cls(NeededState.NOT_NEEDED, channels, required)

    @property
    def must_register(self) -> bool:
        """The wizard opens and can't be put off."""
        return self.blocks_sign_in and not self.may_skip

    @property
    def blocks_sign_in(self) -> bool:
        """The wizard opens at sign-in, skippable or not."""
        first = (NeededState.FIRST_METHOD, NeededState.NOTHING_POSSIBLE)
        return self.state in first or self.overdue

    def __bool__(self) -> bool:
        return self.state != NeededState.NOT_NEEDED


def registration_needed(
    settings: Settings,
    *,
    privileged: bool,
    channels: int,
    has_sign_in_method: bool,
    had_sign_in_method: bool,
    reachable: int,
    since: datetime,
    grace_started: datetime,
    skips_used: int,
    now: datetime,
) -> Needed:
    """The pure decision behind `Ruleset.registration_needed`, which says what the values mean."""
    required = min(settings.methods_to_register, reachable)
    # Whatever the settings say: staff never sign in with the password alone (SI10), and a method
    # that is no longer allowed opens the account once more, so that another one takes its place.
    must_have_one = (privileged or had_sign_in_method) and not has_sign_in_method
    if not settings.registration_required and not must_have_one:
        return Needed.nothing(channels, required)
    if not has_sign_in_method:
        days_left, skips_left = _grace_left(settings, grace_started, skips_used, now=now)
        return Needed(
            NeededState.FIRST_METHOD if reachable else NeededState.NOTHING_POSSIBLE,
            channels,
            required=max(required, 1),
            may_skip=not must_have_one and days_left > 0 and skips_left > 0,
            days_left=days_left,
            skips_left=skips_left,
        )
    if channels >= required:
        return Needed.nothing(channels, required)
    due = since + timedelta(days=settings.more_methods_days)
    return Needed(NeededState.MORE_METHODS, channels, required, due=due, overdue=now >= due)


def _grace_left(
    settings: Settings, started: datetime, skips_used: int, *, now: datetime
) -> tuple[int, int]:
    """Days and skips left; 0 in either setting means that skipping is not possible."""
    if not settings.grace_days or not settings.grace_skips:
        return 0, 0
    ends = started + timedelta(days=settings.grace_days)
    days_left = max(0, math.ceil((ends - now) / timedelta(days=1)))
    return days_left, max(0, settings.grace_skips - skips_used)
