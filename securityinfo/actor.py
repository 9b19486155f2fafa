"""Who does something, and from where: handed from the view to every service that records."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest


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
    session: str = ""  # key of the session that acts, so that a change can end all others

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """The signed-in person of this request, or an anonymous visitor."""
        user = request.user
        if not user.is_authenticated:
            return cls(origin=request.origin)
        return cls(
            person=user.public_id,
            role=user.role,
            origin=request.origin,
            session=request.session.session_key or "",
        )

    def acting_as(self, user: object) -> Actor:
        """The same origin with a known person: in a flow whose session is nobody's yet."""
        return Actor(person=user.public_id, role=user.role, origin=self.origin)


SYSTEM = Actor(role="system")
