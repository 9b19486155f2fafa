"""A visit to every page, in the states in which it shows different texts."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from methods.models import Challenge, Registration
from securityinfo.demo import organization

# Stock Django pages with texts of their own; answers without words.
NOT_OUR_PAGES = ("admin:", "branding:", "preferences:")
ADDRESS = "private@example.net"
KIND = "email"


class Visitor:
    """A browser whose every answer is kept."""

    def __init__(self, language: str) -> None:
        self.client = Client(headers={"accept-language": language})
        self.answers: list[tuple[str, HttpResponse]] = []

    def get(self, address: str) -> HttpResponse:
        return self._keep("GET", address, self.client.get(address))

    def post(self, address: str, **data: str) -> HttpResponse:
        """Posts, and looks at the page that it leads to."""
        answer = self._keep("POST", address, self.client.post(address, data))
        if answer.status_code in (301, 302, 303):
            self.get(answer["Location"])
        return answer

    def sign_in(self, username: str) -> None:
        self.post(reverse("accounts:sign-in"), name=username, password=organization.PASSWORD)

    def _keep(self, verb: str, address: str, answer: HttpResponse) -> HttpResponse:
        self.answers.append((f"{verb} {address} {answer.status_code}", answer))
        return answer


def all_page_names() -> set[str]:
    """The names of all addresses but those of `NOT_OUR_PAGES`."""
    return {name for name in _names(get_resolver()) if not name.startswith(NOT_OUR_PAGES)}


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}"
        else:
            yield from _names(
                each, f"{namespace}{each.namespace}:" if each.namespace else namespace
            )


def visit_everything(language: str) -> list[tuple[str, HttpResponse]]:
    """The answers of a tour as several people, with what was asked for."""
    User.objects.update(language=language)
    tours = (_as_nobody, _as_alice, _as_bob)
    answers = []
    for tour in tours:
        visitor = Visitor(language)
        tour(visitor)
        answers += visitor.answers
    return answers


def _as_nobody(visitor: Visitor) -> None:
    for name in ("home", "accounts:sign-in", "accounts:sign-out", "demo:phone", "demo:phone-json"):
        visitor.get(reverse(name))
    visitor.get(reverse("demo:phone") + "?person=alice")
    visitor.get("/there-is-no-such-page/")
    sign_in = reverse("accounts:sign-in")
    visitor.post(sign_in)
    visitor.post(sign_in, name="alice", password="wrong")


def _as_alice(visitor: Visitor) -> None:
    """Registration that sign-in demands, with every mistake that can be made."""
    visitor.sign_in("alice")
    for name in ("keep-secure", "keep-secure-choose"):
        visitor.get(reverse(f"accounts:{name}"))
    visitor.post(reverse("accounts:keep-secure-choose"))
    visitor.post(reverse("accounts:keep-secure-skip"))
    pages = {
        name: reverse(f"accounts:keep-secure-{name}", args=[KIND])
        for name in ("set-up", "verify", "resend", "status")
    }
    _set_up(visitor, pages)
    visitor.get(reverse("accounts:keep-secure-summary"))
    visitor.post(reverse("accounts:keep-secure-summary"))


def _set_up(visitor: Visitor, pages: dict[str, str]) -> None:
    visitor.get(pages["set-up"])
    for address in ("", "no address", "alice@example.org", "somebody@example.org"):
        visitor.post(pages["set-up"], address=address)
    visitor.post(pages["set-up"], address=ADDRESS)
    visitor.get(pages["set-up"])
    visitor.get(pages["verify"])
    visitor.get(pages["status"])
    visitor.post(pages["resend"])
    right = _code()
    for code in ("", "12", _wrong(right)):
        visitor.post(pages["verify"], code=code)
    visitor.post(pages["verify"], code=right)


def _code() -> str:
    challenge = Challenge.objects.latest("issued_at")
    return challenge.prompt(challenge.registration.details, "").code


def _wrong(right: str) -> str:
    return "000000" if right != "000000" else "000001"


def _as_bob(visitor: Visitor) -> None:
    """A person who has a method looks at it, adds, changes and deletes."""
    visitor.sign_in("bob")
    registration = Registration.objects.confirmed().get(user__username="bob")
    own = [str(registration.uuid)]
    visitor.get(reverse("accounts:confirm"))
    visitor.post(reverse("accounts:confirm"))
    visitor.post(reverse("accounts:confirm"), password="wrong")
    visitor.post(reverse("accounts:confirm"), password=organization.PASSWORD)
    for name in ("list", "add", "default", "activity"):
        visitor.get(reverse(f"methods:{name}"))
    visitor.post(reverse("methods:add"))
    visitor.get(reverse("methods:change", args=own))
    visitor.get(reverse("methods:delete", args=own))
    visitor.post(reverse("methods:delete", args=own))
    visitor.post(reverse("methods:default"))


def is_html(answer: HttpResponse) -> bool:
    return answer.get("Content-Type", "").startswith("text/html")


def seeded_names() -> set[str]:
    """What stands on the pages in no language: the people and the organization."""
    people = {
        part
        for person in organization.PEOPLE
        for part in (person.full_name, person.username, person.department)
    }
    languages = {name for _, name in settings.LANGUAGES}
    return people | languages | {organization.NAME, organization.PASSWORD}
