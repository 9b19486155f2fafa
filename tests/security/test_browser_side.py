"""R119 to R123: what a browser is told, and what it can be made to do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from methods.models import Challenge
from tests.cast import PASSWORD
from tests.pages import crawl

pytestmark = pytest.mark.django_db

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
GOLDEN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ERRORS = ["/there-is-no-such-page/", "/forbidden/", "/too-many/", "/busy/", "/broken/"]


@pytest.fixture
def visited(client: Client, signed_in, bob: User, ada: User) -> list:
    """Every page that links lead to, for a visitor, a member and an administrator."""
    browsers = [client, signed_in(bob), signed_in(ada)]
    return [each for browser in browsers for each in crawl.crawl(browser).items()]


def assert_hardened(answer) -> None:
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CSP
    assert {name: answer.headers.get(name) for name in GOLDEN} == GOLDEN
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_the_crawl_sees_the_pages(visited):
    seen = {address for address, _ in visited}

    assert {
        reverse("accounts:sign-in"),
        reverse("methods:list"),
        reverse("methods:activity"),
    } <= seen


def test_every_answer_carries_the_golden_headers(visited):
    """R119"""
    for _, answer in visited:
        assert_hardened(answer)


@pytest.mark.urls("tests.pages.urls")
@pytest.mark.parametrize("address", ERRORS)
def test_error_pages_carry_them_too(address):
    """R119"""
    assert_hardened(Client(raise_request_exception=False).get(address))


def test_an_unknown_host_and_a_missing_token_get_them_too(client):
    """R119"""
    assert_hardened(client.get("/", headers={"host": "evil.example"}))
    assert_hardened(Client(enforce_csrf_checks=True).post("/sign-in/"))


def test_static_files_carry_them_too(client):
    """R119"""
    answer = client.get("/static/css/tokens.css")
    answer.close()

    assert_hardened(answer)


def test_no_page_has_anything_inline_or_from_elsewhere(visited):
    """R119"""
    for address, answer in visited:
        if not crawl.is_page(answer):
            continue
        page = crawl.Page(answer)
        assert page.inline == [], address
        assert [each for each in page.sources if not each.startswith("/")] == [], address


def test_every_page_has_a_title_a_language_and_one_heading(visited):
    for address, answer in visited:
        if crawl.is_page(answer) and not address.startswith("/demo/"):
            page = crawl.Page(answer)
            assert page.headings == 1, address
            assert page.title.split("–")[0].strip(), address
            assert page.language == "en", address


def test_pages_about_people_are_never_kept(visited):
    """R120"""
    for address, answer in visited:
        assert "no-store" in answer.headers["Cache-Control"], address


def test_looking_changes_nothing(signed_in, bob):
    """R120: GET every address twice, and the database is equal."""
    browser = signed_in(bob)
    first_look(browser)
    before = everything_stored()

    first_look(browser)

    assert everything_stored() == before


def first_look(browser: Client) -> None:
    crawl.crawl(browser)
    for address in crawl.addresses(ours_only=True):
        browser.get(address)


def everything_stored() -> dict[str, list]:
    """All rows but those of sessions, which say themselves when they were last used."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model is not Session and not issubclass(model, SessionBase)
    }


def test_no_address_holds_a_secret(visited, bob):
    """R120"""
    codes = [str(challenge.pk) for challenge in Challenge.objects.all()]
    for address, _ in visited:
        assert PASSWORD not in address
        assert not any(f"={code}" in address for code in codes)


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def form_addresses() -> list[str]:
    """All but the three of the demo that scripts and workers post to.

    Those below `/webhooks/` are among them: without a signature they take nothing either.
    """
    for_scripts = {
        reverse("demo:keys", args=[crawl.UUID]),
        reverse("demo:gateway-texts", args=["email"]),
        reverse("demo:gateway-calls", args=["email"]),
    }
    every = crawl.addresses()
    assert for_scripts <= set(every)
    return [each for each in every if each not in for_scripts]


def test_no_route_takes_a_form_without_token(strict):
    """R121"""
    for address in form_addresses():
        assert strict.post(address).status_code == 403, address


def test_no_route_takes_the_token_of_another_session(strict):
    """R121"""
    other = Client(enforce_csrf_checks=True)
    other.get(reverse("accounts:sign-in"))
    strict.get(reverse("accounts:sign-in"))
    stolen = {"csrfmiddlewaretoken": other.cookies["csrf"].value}

    for address in form_addresses():
        assert strict.post(address, stolen).status_code == 403, address


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example"]
)
def test_no_route_takes_a_form_from_elsewhere(strict, origin):
    """R121"""
    strict.get(reverse("accounts:sign-in"))
    own = {"csrfmiddlewaretoken": strict.cookies["csrf"].value}

    for address in form_addresses():
        answer = strict.post(address, own, headers={"origin": origin})
        assert answer.status_code == 403, address


def test_a_form_with_its_own_token_is_taken(strict):
    """Otherwise the three tests above would prove nothing."""
    strict.get(reverse("accounts:sign-in"))
    own = {"csrfmiddlewaretoken": strict.cookies["csrf"].value, "theme": "dark"}

    answer = strict.post(reverse("preferences:theme"), own, headers={"origin": "http://testserver"})

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver.evil.example", "testserver@evil.example", "127.0.0.1", "[::1]"],
)
@pytest.mark.parametrize("address", ["/", "/sign-in/", "/security-info/", "/nowhere/"])
def test_an_unknown_host_is_refused(client, host, address):
    """R122"""
    assert client.get(address, headers={"host": host}).status_code == 400


def test_what_a_proxy_claims_about_the_host_is_ignored(client):
    """R122"""
    claims = {
        "x-forwarded-host": "evil.example",
        "x-host": "evil.example",
        "forwarded": "host=evil",
    }

    answer = client.get("/sign-in/", headers=claims)

    assert answer.status_code == 200
    assert b"evil" not in answer.content


PAYLOADS = [
    "https://evil.example",
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "\t//evil.example",
    " //evil.example",
    "%2f%2fevil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/.evil.example",
    "/..//evil.example",
    "/security-info/..//evil.example",
    "@evil.example",
    "http://testserver@evil.example",
    "http://testserver:80@evil.example",
    "http://testserver.evil.example",
    "//testserver@evil.example",
    "ftp://evil.example",
    "mailto:eve@evil.example",
    "evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/there-is-no-such-page/",
    "/static/css/tokens.css",
    "/" + "a" * 5000,
    "/security-info/\x00",
    "/security-info/\u2028",
    "／／evil.example",  # full-width letters that become slashes
    "",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("form", ["preferences:theme", "preferences:language"])
def test_a_choice_in_the_footer_leads_nowhere_else(client, form, payload):
    """R123"""
    answer = client.post(reverse(form), {"next": payload, "theme": "dark", "language": "en"})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_signing_in_leads_nowhere_else(client, bob, payload):
    """R123"""
    known = set(crawl.addresses(ours_only=True))

    answer = client.post(
        reverse("accounts:sign-in"), {"name": "bob", "password": PASSWORD, "next": payload}
    )

    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        assert answer.headers["Location"].partition("?")[0] in known


@pytest.mark.parametrize("address", ["/sign-in/", "/security-info/activity/?page=2"])
def test_a_choice_in_the_footer_leads_back(client, address):
    """R123: the other half, so that the tests above don't pass by refusing everything."""
    answer = client.post(reverse("preferences:theme"), {"next": address, "theme": "dark"})

    assert answer.headers["Location"] == address
