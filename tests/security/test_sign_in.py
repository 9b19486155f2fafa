"""The requirements on signing in, as far as passwords go."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import replace
from itertools import count

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import destinations, passwords
from accounts.models import Session, User
from securityinfo.audit.models import Event
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    has_method,
    is_signed_in,
    main_of,
    post_sign_in,
    set_up_email,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

REFUSED = "Check your user name and password, then try again."
TOO_MANY = "Too many tries"
BY_BOTH = limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS[-1].hits
FREE_OF_HOLD = limits.PASSWORD_HOLD.free


@pytest.fixture
def compared(monkeypatch) -> list[str]:
    """What was typed whenever a password was really compared."""
    seen: list[str] = []
    matches = passwords.matches

    def noted(user, typed):
        seen.append(typed)
        return matches(user, typed)

    monkeypatch.setattr(passwords, "matches", noted)
    return seen


def without_what_differs(response, name: str) -> str:
    """The page without its form token and without what was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return page.replace(name, "NAME")


def example_of(converter, name):
    """By what the address takes, or else by what it is called."""
    examples = {"kind": "email", "uuid": "0b8f7f0e-6f0e-4d51-8d5c-2f5b4a9d8a11"}
    return examples.get(converter) or examples.get(name, "1")


def addresses(pattern=None, prefix=""):
    """Every route of the project with example values, as far as examples are known."""
    for each in (pattern or get_resolver()).url_patterns:
        route = prefix + str(each.pattern).replace("^", "").replace("$", "")
        if isinstance(each, URLResolver):
            yield from addresses(each, route)
        elif isinstance(each, URLPattern):
            path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: example_of(*m.groups()), route)
            if "(" not in path:
                yield each, f"/{path}"


# --- R060, R061: nothing is open between the password and the last step --------------------------


def test_a_half_signed_in_browser_opens_nothing_but_the_steps(client, bob):
    """R060."""
    post_sign_in(client, "bob")
    crawled = 0

    for pattern, address in addresses():
        if not getattr(pattern.callback, "login_required", True):
            continue
        response = client.get(address)
        crawled += 1
        assert response.status_code in (302, 405), address
        if response.status_code == 302:
            assert response["Location"].startswith((SIGN_IN, "/admin/")), address

    assert crawled > 10
    assert not Session.objects.exclude(user=None).exists()


def test_registration_at_sign_in_is_closed_to_an_account_that_has_a_method(client, bob):
    """R060: also when the method was added elsewhere in the meantime."""
    post_sign_in(client, "bob")
    has_method(bob)

    for address in (KEEP_SECURE, "/keep-secure/email/", SUMMARY, "/keep-secure/skip/"):
        response = client.post(address, {"address": "eves@example.net"})
        assert response["Location"] == SIGN_IN, address

    assert bob.registration_set.count() == 1
    assert not is_signed_in(client)


def test_the_session_begins_in_one_place():
    """R061: one call of login() in the whole project."""
    from django.conf import settings

    calls = [
        path.name
        for folder in ("accounts", "methods", "securityinfo")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if "tests" not in path.parts
        for _ in re.findall(r"\bauth\.login\(|auth import .*\blogin\b", path.read_text())
    ]

    assert calls == ["signin.py"]


def test_the_administration_has_no_door_of_its_own(client, ada):
    """R061."""
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(SIGN_IN)

    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert not Session.objects.exclude(user=None).exists()


def test_djangos_own_authentication_lets_nobody_in(client, bob):
    """R061: a login form of another package finds no backend that says yes."""
    assert not client.login(username="bob", password=PASSWORD)


# --- R062: one answer and one duration ------------------------------------------------------------


@pytest.fixture
def failures(bob, make_person) -> dict[str, str]:
    """Typed names for every way in which a right-looking sign-in can fail."""
    make_person("disab", is_active=False)
    User.objects.filter(pk=make_person("nopwd").pk).update(password="!unusable")
    make_person("wrong")
    return {"unknown": "ghost", "disabled": "disab", "passwordless": "nopwd", "wrong": "wrong"}


VISITOR = Client()  # one for all: a new one loads every middleware first


def attempt(name: str, address: str = "192.0.2.1"):
    """The disabled person knows the password; nobody else does."""
    password = PASSWORD if name == "disab" else "not the password"
    VISITOR.cookies.clear()
    return post_sign_in(VISITOR, name, password, REMOTE_ADDR=address)


def test_all_failures_read_the_same(failures):
    """R062, SI1."""
    answers = {reason: attempt(name) for reason, name in failures.items()}

    assert {answer.status_code for answer in answers.values()} == {422}
    pages = {without_what_differs(answer, failures[why]) for why, answer in answers.items()}
    assert len(pages) == 1
    assert REFUSED in pages.pop()


def test_waiting_reads_the_same_whether_or_not_the_account_exists(failures):
    """R062: locked and unknown are told apart by nothing."""
    answers = {}
    for reason, name in failures.items():
        for _ in range(BY_BOTH):
            attempt(name)
        answers[reason] = attempt(name)

    assert {answer.status_code for answer in answers.values()} == {429}
    assert all(int(answer["Retry-After"]) > 0 for answer in answers.values())
    pages = {
        re.sub(r"<time.*?</time>", "", without_what_differs(answer, failures[why]))
        for why, answer in answers.items()
    }
    assert len(pages) == 1


@pytest.mark.slow
@pytest.mark.once  # the time is that of the hash; the next test counts what the database is asked
def test_all_failures_take_the_same_time(failures, settings):
    """R062: medians of interleaved samples, in this thread's own time: others share the machine.

    The first samples warm up. 300 of each say the same, and take minutes.
    """
    settings.PASSWORD_HASHERS = ["accounts.hashers.CappedArgon2Hasher"]
    User.objects.filter(password__startswith="argon2").update(password=make_password(PASSWORD))
    spent: dict[str, list[float]] = {reason: [] for reason in failures}
    number = count(1)

    for _ in range(40):
        for reason, name in failures.items():
            Counter.objects.all().delete()
            began = time.thread_time()
            attempt(name, f"10.0.{next(number) // 250}.{next(number) % 250}")
            spent[reason].append(time.thread_time() - began)

    medians = {reason: statistics.median(times[5:]) for reason, times in spent.items()}
    usual = statistics.median(medians.values())
    assert all(abs(each - usual) <= max(0.005, 0.05 * usual) for each in medians.values()), medians


def test_all_failures_ask_the_database_the_same(failures, django_assert_num_queries):
    """R062: what a stopwatch can't see on a busy machine."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked = set()
    for name in failures.values():
        Counter.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            attempt(name)
        asked.add(len(queries))

    assert len(asked) == 1


def test_the_log_knows_why(failures, bob):
    """What the page hides, the administrator can find."""
    for name in failures.values():
        attempt(name)

    refusals = Event.objects.filter(tag="sign_in.password_refused").order_by("id")
    assert [event.reason for event in refusals] == ["unknown", "inactive", "wrong", "wrong"]
    assert [event.subject is None for event in refusals] == [True, False, False, False]
    assert not any("ghost" in str(event.__dict__) for event in refusals)


# --- R063: while an account is held back ----------------------------------------------------------


@pytest.fixture(autouse=True)
def long_waits(monkeypatch):
    """The first wait is a second: on a busy machine it would be over before the next try."""
    waits = tuple(60 + each for each in limits.PASSWORD_HOLD.waits)
    monkeypatch.setattr(limits, "PASSWORD_HOLD", replace(limits.PASSWORD_HOLD, waits=waits))


def hold_back(name: str) -> None:
    """Wrong passwords from many addresses, until the account has to wait."""
    for number in range(FREE_OF_HOLD + 1):
        attempt(name, f"198.51.100.{number}")


def held_until() -> int:
    return Counter.objects.get(key__startswith="password-hold").hold_until


def test_while_held_back_right_and_wrong_read_the_same_and_nothing_is_compared(bob, compared):
    """R063."""
    hold_back("bob")
    compared.clear()

    right = post_sign_in(Client(), "bob", PASSWORD, REMOTE_ADDR="203.0.113.1")
    wrong = post_sign_in(Client(), "bob", "wrong", REMOTE_ADDR="203.0.113.1")

    assert (right.status_code, wrong.status_code) == (429, 429)
    assert main_of(right) == main_of(wrong)
    assert TOO_MANY in main_of(right)
    assert compared == []


def test_the_wait_does_not_grow_while_it_lasts(bob):
    """R063."""
    hold_back("bob")
    before = held_until()
    hits = dict(Counter.objects.values_list("key", "hits"))

    for _ in range(5):
        post_sign_in(Client(), "bob", "wrong", REMOTE_ADDR="198.51.100.1")

    assert held_until() == before
    assert dict(Counter.objects.values_list("key", "hits")) == hits


def test_the_beginning_of_a_wait_is_recorded(bob):
    hold_back("bob")

    assert Event.objects.filter(tag="sign_in.waiting_started", subject=bob.public_id).exists()


# --- R064: policy is read afresh ------------------------------------------------------------------


def test_policy_is_read_afresh_at_each_sign_in(client, bob):
    """R064."""
    from tests.accounts.doors import policy

    policy(registration_required=False)
    assert post_sign_in(Client(), "bob")["Location"] == HOME

    policy(registration_required=True)
    assert post_sign_in(Client(), "bob")["Location"] == KEEP_SECURE


# --- R091 to R093: the limits ---------------------------------------------------------------------


def test_one_account_from_one_address_is_limited(bob, monkeypatch):
    """R091: account and address, the others far away."""
    monkeypatch.setattr(limits, "PASSWORD_HOLD", replace(limits.PASSWORD_HOLD, free=1000))

    answers = [attempt("bob").status_code for _ in range(BY_BOTH + 1)]

    assert answers == [422] * BY_BOTH + [429]
    assert attempt("bob", "192.0.2.2").status_code == 422


def test_one_account_from_many_addresses_is_held_back(bob):
    """R091: account."""
    answers = [
        attempt("bob", f"198.51.100.{number}").status_code for number in range(FREE_OF_HOLD + 2)
    ]

    assert answers == [422] * (FREE_OF_HOLD + 1) + [429]


def test_one_address_trying_many_accounts_is_limited(bob, monkeypatch):
    """R091: address. The limit is lowered: a hundred hashes prove no more than five."""
    monkeypatch.setattr(limits, "PASSWORD_BY_ADDRESS", limits.Limit("password-address", 5, 300))

    answers = [attempt(f"nobody{number}").status_code for number in range(6)]

    assert answers == [422] * 5 + [429]
    assert attempt("bob", "192.0.2.99").status_code == 422


def test_a_flood_from_one_address_stops_before_it_spends_the_owners_tries(bob, monkeypatch):
    """R091: the order of the limits."""
    monkeypatch.setattr(limits, "PASSWORD_BY_ADDRESS", limits.Limit("password-address", 3, 300))

    for _ in range(20):
        attempt("bob")

    assert Counter.objects.get(key__startswith="password-hold").hits == 3


@pytest.mark.parametrize("spelling", ["BOB", " bob ", "bob@example.org", "Bob@Example.org"])
def test_all_spellings_of_a_name_share_their_limits(bob, spelling):
    """R091: neither case nor the other name of the account gives further tries."""
    for _ in range(BY_BOTH):
        attempt("bob")

    assert attempt(spelling).status_code == 429


def test_which_names_belong_together_is_not_told(bob, make_person):
    """R062: a user name and an address that is built otherwise have counters of their own."""
    make_person("zw99", work_address="sandra.somers@example.org")
    for _ in range(BY_BOTH):
        attempt("zw99")

    assert attempt("sandra.somers@example.org").status_code == 422


def test_ipv6_neighbours_share_one_limit(bob, monkeypatch):
    """R091: a /64 belongs to one customer."""
    monkeypatch.setattr(limits, "PASSWORD_BY_ADDRESS", limits.Limit("password-address", 3, 300))

    answers = [attempt(f"n{n}", f"2001:db8::{n + 1:x}").status_code for n in range(4)]

    assert answers == [422, 422, 422, 429]


def test_forwarding_headers_of_a_client_make_no_other_address(bob, monkeypatch):
    """R094."""
    monkeypatch.setattr(limits, "PASSWORD_BY_ADDRESS", limits.Limit("password-address", 3, 300))

    answers = [
        post_sign_in(
            Client(),
            f"n{number}",
            "wrong",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
            HTTP_X_REAL_IP=f"203.0.113.{number}",
            HTTP_FORWARDED=f"for=203.0.113.{number}",
        ).status_code
        for number in range(4)
    ]

    assert answers == [422, 422, 422, 429]


def test_no_stranger_ends_a_session_or_locks_an_account_for_good(bob):
    """R092: sessions are untouched, and a wait ends by itself."""
    owner = Client()
    owner.force_login(bob)
    hold_back("bob")

    assert is_signed_in(owner)
    Counter.objects.filter(key__startswith="password-hold").update(hold_until=1)
    has_method(bob)
    assert post_sign_in(Client(), "bob", REMOTE_ADDR="203.0.113.1")["Location"] == HOME


def test_a_success_gives_back_its_own_hit_and_no_other(bob, monkeypatch):
    """R093: own successes between failures don't lift the limit of the address."""
    monkeypatch.setattr(limits, "PASSWORD_BY_ADDRESS", limits.Limit("password-address", 8, 300))
    has_method(bob)
    answers = []

    for number in range(12):
        answers.append(attempt(f"victim{number}", "127.0.0.1").status_code)
        if number % 4 == 3:
            answers.append(post_sign_in(Client(), "bob").status_code)

    failed = [answer for answer in answers if answer != 302]
    assert failed == [422] * 8 + [429] * (len(failed) - 8)


def test_a_success_leaves_no_trace_in_the_counters(bob):
    """R093: only what was sent is counted."""
    has_method(bob)

    for _ in range(3):
        post_sign_in(Client(), "bob")

    kept = Counter.objects.exclude(key__startswith="sends")
    assert set(kept.values_list("hits", flat=True)) == {0}


def test_a_try_that_found_the_server_busy_is_not_counted(bob, monkeypatch):
    from accounts.hashers import Busy

    def busy(user, typed):
        raise Busy

    monkeypatch.setattr(passwords, "matches", busy)

    response = attempt("bob")

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert set(Counter.objects.values_list("hits", flat=True)) == {0}


def test_names_and_addresses_are_counted_as_fingerprints(bob):
    attempt("bob", "192.0.2.7")

    keys = " ".join(Counter.objects.values_list("key", flat=True))
    assert "bob" not in keys
    assert "192.0.2.7" not in keys


# --- R121, R123: forms and redirects --------------------------------------------------------------


@pytest.mark.parametrize("address", [SIGN_IN, "/sign-out/", "/keep-secure/email/", SUMMARY])
def test_a_form_without_token_or_with_a_foreign_one_is_refused(bob, address):
    """R121: signing in included."""
    strict = Client(enforce_csrf_checks=True)
    strict.get(SIGN_IN)
    stranger = Client(enforce_csrf_checks=True)
    foreign = re.search(
        r'csrfmiddlewaretoken" value="(\w+)"', stranger.get(SIGN_IN).content.decode()
    )[1]

    assert strict.post(address).status_code == 403
    assert strict.post(address, {"csrfmiddlewaretoken": foreign}).status_code == 403


def test_a_form_from_another_origin_is_refused(bob):
    """R121."""
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(SIGN_IN).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "name": "bob", "password": PASSWORD}

    assert strict.post(SIGN_IN, form, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert strict.post(SIGN_IN, form, HTTP_ORIGIN="http://testserver").status_code == 302


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "//evil.example/security-info/",
    "//evil.example\\@testserver/",
    "//testserver@evil.example/",
    "http://evil.example",
    "https://evil.example/security-info/",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "https:\\\\evil.example",
    "HTTP://evil.example",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "http://testserver/security-info/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "mailto:x@evil.example",
    "ftp://evil.example",
    "evil.example",
    "./evil",
    "../../evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/security-info/..//evil.example",
    "/security-info\r\nLocation: //evil.example",
    "/security-info/\u2028//evil.example",
    "/.evil.example",
    "/nothing-here/",
    "/sign-out/",
    "/sign-in/",
    "/demo/phone/",
    "?next=//evil.example",
    "#//evil.example",
    "/security-info/\x00",
    "/" + "a" * 5000,
]


@pytest.mark.parametrize("asked", ELSEWHERE)
def test_no_address_leads_anywhere_but_to_pages_of_ours(bob, asked):
    """R123: at sign-in, when signed in already, and after confirming."""
    has_method(bob)
    client = Client()

    assert post_sign_in(client, "bob", to=asked)["Location"] == HOME
    assert client.get(SIGN_IN, {"next": asked})["Location"] == HOME
    confirmed = client.post("/confirm/", {"password": PASSWORD, "next": asked})
    assert confirmed["Location"] == HOME


@pytest.mark.parametrize(
    "asked", ["/security-info/", "/security-info/add/", "/security-info/activity/?page=2"]
)
def test_pages_of_ours_are_followed(asked):
    """R123, SI8."""
    assert destinations.after(asked) == asked


def test_nothing_of_a_page_address_but_path_and_query_is_followed():
    assert destinations.after("/security-info/?page=2#top") == "/security-info/?page=2"


def test_the_wizard_carries_the_page_that_was_asked_for(client, bob):
    post_sign_in(client, "bob", to="//evil.example")
    set_up_email(client)

    assert client.post(SUMMARY)["Location"] == HOME
