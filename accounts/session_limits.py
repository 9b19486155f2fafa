"""How long a session may last: without use, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Session, User
from securityinfo import times
from securityinfo.policy.rules import Settings


@dataclass(frozen=True)
class Limits:
    """How long a session may last without use, and in all."""

    idle: timedelta
    total: timedelta

    @classmethod
    def of(cls, user: User, settings: Settings) -> Limits:
        if user.is_privileged:
            minutes, hours = settings.staff_idle_minutes, settings.staff_hours
        else:
            minutes, hours = settings.session_idle_minutes, settings.session_hours
        return cls(timedelta(minutes=minutes), timedelta(hours=hours))

    def are_passed_by(self, row: Session) -> bool:
        return row.idle >= self.idle or row.age >= self.total

    def end_of(self, row: Session) -> SessionEnd:
        """When it ends if nothing more is done in it."""
        unused, whole = self.idle - row.idle, self.total - row.age
        return SessionEnd(at=row.read_at + min(unused, whole), may_stay=unused < whole)


@dataclass(frozen=True)
class SessionEnd:
    at: datetime  # by the database's clock
    may_stay: bool  # using it puts the end off

    @property
    def words(self) -> str:
        return times.clock(self.at)
