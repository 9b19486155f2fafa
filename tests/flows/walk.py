"""Every address of the project, with something real behind it, and what it answers to a post."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from methods.models import Registration
from tests.cast import PASSWORD

END_THE_SESSION = ("accounts:sign-out", "accounts:sign-out-everywhere")
NOT_OF_THE_ORGANIZATION = ("demo:",)  # the simulated phones, absent in production
# What every visit writes, and what somebody typed who says that a password is forgotten.
WRITTEN_BY_VISITS = {
    "accounts.session",
    "accounts.passwordreset",
    "throttling.counter",
    "audit.event",
    "audit.eventorigin",
}

REFUSED = (403, 404, 405)


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the project by its name."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from routes(each, inner)
        else:
            yield f"{namespace}{each.name or each.pattern}", each


class Walker:
    """Knows a person's methods and sessions, so that every address leads to something real."""

    def __init__(self, client: Client, known: dict[str, list[Any]]) -> None:
        self.client = client
        self.known = known

    def addresses(self, name: str, pattern: URLPattern) -> list[str]:
        """One for each thing that the route can be about."""
        if not pattern.name:  # what Django's administration does with all that is left
            return [f"/{name.split(':')[0]}/nowhere/"]
        kwargs = {
            each: self.known.get(f"{name} {each}") or self.known.get(each) or _any(pattern, each)
            for each in pattern.pattern.regex.groupindex
        }
        return [
            reverse(name, kwargs=dict(zip(kwargs, each, strict=True)))
            for each in itertools.product(*kwargs.values())
        ]

    @staticmethod
    def routes() -> list[tuple[str, URLPattern]]:
        """Those of the organization by name; those that end the session come last."""
        found = [each for each in routes() if not each[0].startswith(NOT_OF_THE_ORGANIZATION)]
        return sorted(found, key=lambda each: each[0] in END_THE_SESSION)

    def posted_to(self, only: Any) -> dict[str, set[str]]:
        """What each route answered to posts."""
        found: dict[str, set[str]] = {}
        for name, pattern in self.routes():
            if not only(name):
                continue
            for address in self.addresses(name, pattern):
                found.setdefault(name, set()).add(self.post(address))
        return found

    def post(self, address: str, **typed: str) -> str:
        response = self.client.post(address, plausible() | typed)
        if response.status_code in REFUSED:
            return "refused"
        if response.status_code == 302 and response["Location"].startswith("/confirm/?next=%2F"):
            return "asked"
        return f"{response.status_code} {response.get('Location', '')}".strip()


def _any(pattern: URLPattern, argument: str) -> list[str]:
    """Where nothing is known by this name."""
    converter = type(pattern.pattern.converters.get(argument)).__name__
    examples = {"UUIDConverter": str(uuid4()), "IntConverter": "1"}
    return [{"app_label": "accounts"}.get(argument) or examples.get(converter, "x")]


def plausible() -> dict[str, Any]:
    """Something for every form there is."""
    method = Registration.objects.filter(kind="email").first()
    return {
        "kind": "email",
        "address": "somebody@example.net",
        "name": "Another name",
        "method": str(method.uuid) if method else "",
        "way": str(method.uuid) if method else "",
        "code": "123456",
        "password_only": "on",
        "password": PASSWORD,
        "current_password": PASSWORD,
        "new_password": "seven green bottles",
        "new_password_again": "seven green bottles",
        "language": "nl",
        "theme": "dark",
        "post": "yes",
        "action": "deactivate",
        "_selected_action": [str(each) for each in User.objects.values_list("pk", flat=True)],
        "confirmed": "yes",
    }


def rows() -> dict[str, list[Any]]:
    """Everything that is stored, but for what every visit writes."""
    return {
        model._meta.label_lower: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label_lower not in WRITTEN_BY_VISITS and not model._meta.proxy
    }
