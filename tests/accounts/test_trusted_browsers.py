"""Trusted browsers: no second step there for some days, for as long as nothing changes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from accounts import sessions, tasks
from accounts.models import Role, Session, TrustedBrowser
from methods import deletion
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policies
from tests import kinds
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    code_sent,
    confirm,
    forget_what_was_sent,
    has_method,
    is_signed_in,
    main_of,
    policy,
    post_password,
    proved_at,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

COOKIE = "trusted-browser"
BOX = "Don&#x27;t ask again on this browser for 30 days"


@pytest.fixture(autouse=True)
def _thirty_days(db):
    policy(trusted_browser_days=30, methods_to_register=1)


@pytest.fixture
def client(bob) -> Client:
    """In which bob has ticked the box."""
    has_method(bob)
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0"})
    sign_in(client, trust="on")
    client.post("/sign-out/")
    return client


def sign_in(client: Client, name: str = "bob", **typed: str):
    forget_what_was_sent()
    asked = post_password(client, name)
    if asked["Location"] != VERIFY:
        return asked
    return client.post(VERIFY, {"code": code_sent()} | typed)


def is_skipped(client: Client, name: str = "bob") -> bool:
    forget_what_was_sent()
    return post_password(client, name)["Location"] != VERIFY


def tags() -> list[str]:
    return list(Event.objects.order_by("id").values_list("tag", flat=True))


def subjects() -> list[str]:
    return [each.sealed["subject"] for each in Message.objects.filter(category="notice")]


# --- The box --------------------------------------------------------------------------------------


def test_the_box_is_there_and_not_ticked(client):
    """TB1."""
    TrustedBrowser.objects.all().delete()
    forget_what_was_sent()
    post_password(client, "bob")

    page = main_of(client.get(VERIFY))

    assert BOX in page
    assert "Only on a device that nobody else uses." in page
    assert "checked" not in page


def test_it_is_off_by_default(bob, client):
    policy(trusted_browser_days=0)
    forget_what_was_sent()
    post_password(client, "bob")

    assert "again on this browser" not in main_of(client.get(VERIFY))
    client.post(VERIFY, {"code": code_sent(), "trust": "on"})
    assert TrustedBrowser.objects.count() == 1  # the old one, which is worth nothing


def test_staff_never_see_it(carol):
    """TB1."""
    kinds.allow("authenticator")
    app = kinds.register(carol, "authenticator")
    Registration.objects.update(last_counter=0)
    staff = Client()
    post_password(staff, "carol")
    assert "again on this browser" not in main_of(staff.get(VERIFY))

    staff.post(VERIFY, kinds.right(app.challenges.get(purpose="sign_in")) | {"trust": "on"})

    assert Session.objects.filter(user=carol).exists()
    assert not TrustedBrowser.objects.exists()


def test_a_browser_that_was_not_ticked_is_not_trusted(bob):
    has_method(bob)
    client = Client()
    sign_in(client)
    client.post("/sign-out/")

    assert not TrustedBrowser.objects.exists()
    assert not is_skipped(client)


def test_it_is_recorded_and_told_by_mail(client):
    """N10."""
    assert "browser.trusted_added" in tags()
    assert "A trusted browser was added" in subjects()


def test_the_cookie_is_for_our_pages_alone(client):
    cookie = client.cookies[COOKIE]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert int(cookie["max-age"]) == 30 * 24 * 60 * 60


# --- Using it -------------------------------------------------------------------------------------


def test_there_the_password_is_enough(client):
    response = post_password(client, "bob")

    assert response["Location"] == HOME
    assert is_signed_in(client)
    assert tags()[-2:] == ["browser.trusted_used", "sign_in.completed"]


def test_never_without_the_password(client):
    """TB2."""
    assert post_password(client, "bob", "wrong").status_code == 422


def test_it_proves_nobody(client):
    """SU1: a change asks for a method all the same."""
    post_password(client, "bob")

    response = client.get("/security-info/add/")

    assert response["Location"].startswith("/confirm/")
    assert Session.objects.get().strongest == Session.NEVER_PROVED


def test_it_is_of_no_use_to_somebody_else(client, eve):
    has_method(eve, "eve@example.net")

    assert not is_skipped(client, "eve")
    assert TrustedBrowser.objects.count() == 1
    assert "browser.trusted_replayed" not in tags()


def test_a_made_up_cookie_is_nothing(bob):
    has_method(bob)
    for value in ("", ".", "a.b", "a", "." * 5_000, "x" * 50 + ".y"):
        client = Client()
        client.cookies[COOKIE] = value
        assert not is_skipped(client)


def test_each_use_has_a_token_of_its_own(client):
    """TB3."""
    before = client.cookies[COOKIE].value
    sign_in(client)

    after = client.cookies[COOKIE].value

    assert before != after
    assert before.split(".")[0] == after.split(".")[0]


def test_an_old_token_ends_the_series_and_tells_the_person(client):
    """TB3: whoever has a copy of the cookie is found when either of the two comes back."""
    thief = Client()
    thief.cookies[COOKIE] = client.cookies[COOKIE].value
    assert is_skipped(thief)
    Message.objects.all().delete()

    assert not is_skipped(client)

    assert not TrustedBrowser.objects.exists()
    assert "browser.trusted_replayed" in tags()
    assert "Somebody may know your password" in subjects()
    thief.post("/sign-out/")
    assert not is_skipped(thief)


def test_a_second_click_is_no_theft(client, bob):
    """The same form from the same browser: both clicks get the same next token."""
    client.get(SIGN_IN)
    other = Client()
    other.cookies = client.cookies.copy()
    form = {"name": "bob", "password": PASSWORD}

    first = client.post(SIGN_IN, form)
    second = other.post(SIGN_IN, form)

    assert (first["Location"], second["Location"]) == (HOME, HOME)
    assert client.cookies[COOKIE].value == other.cookies[COOKIE].value
    assert TrustedBrowser.objects.count() == 1


def test_what_has_to_be_registered_asks_for_the_second_step(client):
    """A cookie must not open the way to a new method."""
    policy(methods_to_register=2, more_methods_days=0)
    kinds.allow("authenticator")

    assert not is_skipped(client)
    assert client.post(VERIFY, {"code": code_sent()})["Location"] == "/keep-secure/"


def test_ten_at_the_most(client, bob):
    """TB2: the oldest goes."""
    oldest = TrustedBrowser.objects.get()
    for _ in range(10):
        sign_in(Client(), trust="on")

    assert TrustedBrowser.objects.count() == 10
    assert not TrustedBrowser.objects.filter(pk=oldest.pk).exists()


def test_ticking_it_again_here_keeps_one(client, bob):
    policy(trusted_browser_days=0)
    forget_what_was_sent()
    post_password(client, "bob")
    policy(trusted_browser_days=30)
    client.post(VERIFY, {"code": code_sent(), "trust": "on"})

    assert TrustedBrowser.objects.count() == 1


# --- Its end --------------------------------------------------------------------------------------


def test_it_ends_after_its_days(client):
    TrustedBrowser.objects.update(created_at=F("created_at") - timedelta(days=30, seconds=1))

    assert not is_skipped(client)
    assert "browser.trusted_replayed" not in tags()


def test_fewer_days_shorten_those_there_are(client):
    """TB3."""
    TrustedBrowser.objects.update(created_at=F("created_at") - timedelta(days=8))
    policy(trusted_browser_days=7)
    assert not is_skipped(client)
    client.cookies.pop("session", None)
    policy(trusted_browser_days=9)
    assert is_skipped(client)


def test_a_person_who_became_an_agent_is_asked(client, bob):
    bob.role = Role.HELPDESK
    bob.save()

    assert not is_skipped(client)


@pytest.mark.parametrize(
    "change",
    [
        "password",
        "value",
        "added in the database",
        "deleted in the database",
    ],
)
def test_it_is_bound_to_password_and_methods(client, bob, change):
    """However they came to change."""
    if change == "password":
        bob.set_password(PASSWORD)
        bob.save()
    elif change == "value":
        Registration.objects.update(fingerprint="another")
    elif change == "added in the database":
        Registration.objects.update(is_default=False)
        has_method(bob, "second@example.net")
    else:
        Registration.objects.update(is_default=False)
        second = has_method(bob, "second@example.net")
        TrustedBrowser.objects.all().delete()
        sign_in(client, trust="on")
        client.post("/sign-out/")
        second.delete()

    assert not is_skipped(client)


def test_adding_a_method_ends_trust_and_no_session(client, bob, signed_in):
    """SE2."""
    kinds.allow("email")
    here = signed_in(bob)
    kinds.register(bob, "email", {"address": "another@example.net"})

    assert not TrustedBrowser.objects.exists()
    assert is_signed_in(here)


def test_deleting_a_method_ends_trust(client, bob):
    Registration.objects.update(is_default=False)
    second = has_method(bob, "second@example.net")

    ruleset = policies.current_for(bob)
    deletion.delete(second, ruleset=ruleset, actor=kinds.actor_for(bob))

    assert not TrustedBrowser.objects.exists()


def test_ending_all_sessions_ends_trust(client, bob):
    sessions.sign_out_everywhere(bob, actor=kinds.actor_for(bob))

    assert not TrustedBrowser.objects.exists()


def test_signing_out_keeps_it(client):
    sign_in(client)
    client.post("/sign-out/")

    assert is_skipped(client)


def test_what_no_policy_can_keep_is_cleared_away(client):
    TrustedBrowser.objects.update(created_at=F("created_at") - timedelta(days=366))

    tasks.purge()

    assert not TrustedBrowser.objects.exists()


# --- The list -------------------------------------------------------------------------------------


@pytest.fixture
def owner(client, bob, signed_in) -> Client:
    return signed_in(bob)


def forget_url() -> str:
    browser = TrustedBrowser.objects.get()
    return f"/security-info/trusted-browsers/{browser.public_id}/forget/"


def test_it_is_listed_with_browser_and_dates(owner):
    """TB4."""
    page = main_of(owner.get(HOME))

    assert "<h2>Trusted browsers</h2>" in page
    assert "Firefox on Linux" in page
    assert "Added " in page
    assert "Forget Firefox on Linux" in page


def test_without_any_there_is_no_list(owner):
    TrustedBrowser.objects.all().delete()

    assert "Trusted browsers" not in main_of(owner.get(HOME))


def test_forgetting_one_ends_it(owner, client):
    response = owner.post(forget_url())

    assert response["Location"] == HOME
    assert "That browser is forgotten." in main_of(owner.get(HOME))
    assert not is_skipped(client)
    assert "browser.trusted_forgotten" in tags()


def test_forgetting_one_needs_a_proof(owner):
    proved_at(None)

    response = owner.post(forget_url())

    assert response["Location"].startswith("/confirm/")
    assert TrustedBrowser.objects.exists()
    assert confirm(owner, to=forget_url())["Location"] == forget_url()
    assert "Forget this trusted browser?" in main_of(owner.get(forget_url()))
    assert TrustedBrowser.objects.exists()


def test_somebody_elses_looks_like_none(owner, eve, signed_in):
    assert signed_in(eve).post(forget_url()).status_code == 404
    assert TrustedBrowser.objects.exists()


def test_sign_out_everywhere_says_how_many_it_forgets(owner):
    """SE3."""
    page = main_of(owner.get("/security-info/sign-out-everywhere/"))

    assert (
        "This ends 1 session and forgets 1 trusted browser, this browser included. "
        "Your methods stay." in page
    )


# --- What is stored -------------------------------------------------------------------------------


def test_no_value_of_the_cookie_is_stored(client):
    """R002's canary, for this cookie."""
    series, token = client.cookies[COOKIE].value.split(".")
    dump = StringIO()

    call_command("dumpdata", "accounts", "audit", "messaging", stdout=dump)

    assert series not in dump.getvalue()
    assert token not in dump.getvalue()
