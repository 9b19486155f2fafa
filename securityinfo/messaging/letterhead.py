"""What every message says of the organization, provided by whoever knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

# A text has 160 characters: a longer host leaves no room for the words.
LONGEST_BOUND_HOST = 40


@dataclass(frozen=True)
class Letterhead:
    """The organization as messages name it; empty texts are left out."""

    organization_name: str = ""
    short_name: str = ""
    helpdesk_text: str = ""
    helpdesk_phone: str = ""
    helpdesk_email: str = ""
    helpdesk_url: str = ""
    helpdesk_hours: str = ""
    default_language: str = ""
    time_zone: str = ""

    @property
    def name(self) -> str:
        return self.organization_name or public_host()

    @property
    def helpdesk(self) -> str:
        """On one line: "IT helpdesk (020 123 4567, help@example.org, weekdays 9–17)"."""
        who = self.helpdesk_text or gettext("your IT helpdesk")
        ways = [self.helpdesk_phone, self.helpdesk_email, self.helpdesk_url, self.helpdesk_hours]
        listed = ", ".join(way for way in ways if way)
        return f"{who} ({listed})" if listed else who


Provider = Callable[[], Letterhead]
_providers: list[Provider] = [Letterhead]


def use(provider: Provider) -> None:
    """Ask `provider` from now on; called once, when the apps are ready."""
    _providers[:] = [provider]


def current() -> Letterhead:
    return _providers[0]()


def public_host() -> str:
    """The host of the public address, without port."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
