"""Who does something, and from where: handed from the view to every service that records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol, cast
from uuid import UUID

from django.http import HttpRequest


class Person(Protocol):
    """What an actor takes from a user."""

    public_id: UUID
    role: str


@dataclass(frozen=True)
class Origin:
    """Where a request came from."""

    request_id: str = ""
    address: str = ""  # the client's IP address, see network.client_ip
    browser: str = ""  # browser and system in words: "Firefox on Windows"


@dataclass(frozen=True)
class Actor:
    """The person who acts; `person` is None for visitors and for the system itself."""

    person: UUID | None = None
    role: str = ""
    origin: Origin = Origin()
    # Key of the session that acts, so that a change can end all others: a secret, not for repr.
    session: str = field(default="", repr=False)
    # Names the browser if this person has signed in there before: it has counters of its own, which
    # nobody fills who merely knows the password.
    known_browser: str = field(default="", repr=False)

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """The signed-in person of this request, or an anonymous visitor."""
        visitor = cls(origin=getattr(request, "origin", Origin()))
        if not request.user.is_authenticated:
            return visitor
        key = request.session.session_key or ""
        return replace(visitor.acting_as(cast(Person, request.user)), session=key)

    def acting_as(self, user: Person) -> Actor:
        """The same origin with a known person: in a flow whose session is nobody's yet."""
        return Actor(person=user.public_id, role=user.role, origin=self.origin)


SYSTEM = Actor(role="system")
COMMAND_LINE = Actor(role="command line")  # whoever may run manage.py
