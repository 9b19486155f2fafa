"""What every page may name: the organization, its helpdesk, languages and appearance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from securityinfo.policy import service as policy
from securityinfo.policy.settings_table import DEFAULT_ACCENT, Settings

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Organization:
    """How pages name and color themselves."""

    name: str
    short_name: str
    logo_url: str  # empty without a logo
    accent_url: str  # empty while the accent is the one of tokens.css

    @classmethod
    def of(cls, rules: Settings) -> Organization:
        return cls(
            name=rules.organization_name,
            short_name=rules.short_name,
            logo_url=reverse("branding:logo") if rules.has_logo else "",
            accent_url="" if rules.accent == DEFAULT_ACCENT else accent_url(rules.accent),
        )


@dataclass(frozen=True)
class Footer:
    privacy_url: str
    legal_text: str

    @classmethod
    def of(cls, rules: Settings) -> Footer:
        return cls(privacy_url=rules.privacy_url, legal_text=rules.legal_text)


def accent_url(color: str) -> str:
    """With the color as its version: another color is another address."""
    return f"{reverse('branding:accent')}?v={color.removeprefix('#').lower()}"


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor; what a page doesn't name costs it nothing."""
    return {
        "organization": SimpleLazyObject(lambda: Organization.of(policy.current())),
        "helpdesk": SimpleLazyObject(lambda: policy.current().helpdesk),
        "footer": SimpleLazyObject(lambda: Footer.of(policy.current())),
        "languages": SimpleLazyObject(lambda: languages(policy.current())),
        "theme": theme_of(request),
        "is_demo": settings.DEMO,
        "session_end": getattr(request, "session_end", None),  # only of a person who is signed in
        "form": None,  # every layout asks for its errors
        # What header and footer depend on apart from the person: they are made once for each.
        "shell_key": f"{get_language()} {policy.token()}",
    }


def languages(rules: Settings) -> list[tuple[str, str]]:
    """Code and own name of each language that the organization offers."""
    return [(code, name) for code, name in settings.LANGUAGES if code in rules.languages]
