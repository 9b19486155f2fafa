"""The requirements on trusted browsers: what ends them, what theft comes to, what is kept where."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts import browser_cookies, people, trusted_browsers
from accounts.models import Role, Session, TrustedBrowser, User
from methods.models import Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    code_sent,
    forget_what_was_sent,
    has_method,
    is_signed_in,
    main_of,
    policy,
    post_password,
)
from tests.cast import PASSWORD
from tests.security.test_session import ENDINGS, deactivate_in_sql, password_without_ending

pytestmark = pytest.mark.django_db

COOKIE = trusted_browsers.COOKIE
BY_OTHER_MEANS = (password_without_ending, deactivate_in_sql)


@pytest.fixture
def at_home(bob: User) -> Client:
    """A browser that bob trusts, in which nobody is signed in."""
    policy(trusted_browser_days=30, methods_to_register=1)
    has_method(bob)
    return trust(Client())


def trust(browser: Client, name: str = "bob") -> Client:
    forget_what_was_sent()
    post_password(browser, name)
    browser.post(VERIFY, {"code": code_sent(), "trust": "on"})
    browser.post("/sign-out/")
    return browser


def is_asked(browser: Client, name: str = "bob", **headers: str) -> bool:
    """Whether the right password leads to the second step."""
    forget_what_was_sent()
    return post_password(browser, name, **headers)["Location"] == VERIFY


def thief_of(browser: Client) -> Client:
    """Another browser, with a copy of the cookie that trusts and of no other."""
    thief = Client()
    thief.cookies[COOKIE] = browser.cookies[COOKIE].value
    return thief


def jar_of(browser: Client) -> Client:
    """Another browser, with a copy of all cookies."""
    copy = Client()
    copy.cookies = SimpleCookie({name: each.value for name, each in browser.cookies.items()})
    return copy


def replays() -> int:
    return Event.objects.filter(tag="browser.trusted_replayed").count()


def told(user: User) -> list[dict[str, object]]:
    return [message.sealed for message in Message.objects.filter(user=user, category="notice")]


# --- What ends it (SE2, R069) ---------------------------------------------------------------------


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each not in BY_OTHER_MEANS])
def test_what_ends_sessions_ends_trust(at_home, bob, ending):
    """R069, SE2."""
    ending(bob)

    assert not TrustedBrowser.objects.of(bob).exists()


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each not in BY_OTHER_MEANS])
def test_the_cookie_is_worth_nothing_after_that(at_home, bob, ending):
    """R069: also if account, role and password are afterwards as they were before."""
    before = User.objects.values("password", "role", "is_active").get(pk=bob.pk)
    ending(bob)
    User.objects.filter(pk=bob.pk).update(**before)

    assert is_asked(at_home)
    assert replays() == 0


def test_a_password_written_by_other_means_ends_it(at_home, bob):
    """R069: even the same one, newly hashed."""
    User.objects.filter(pk=bob.pk).update(password=make_password(PASSWORD))

    assert is_asked(at_home)


def test_it_opens_no_account_that_was_deactivated(at_home, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert post_password(at_home, "bob").status_code == 422


def test_adding_a_method_ends_it_and_no_session(at_home, bob, signed_in):
    """SE2."""
    kinds.allow("email")
    here = signed_in(bob)
    kinds.register(bob, "email", {"address": "another@example.net"})

    assert is_signed_in(here)
    assert not TrustedBrowser.objects.exists()
    assert is_asked(at_home)


def test_what_others_do_doesnt_end_it(at_home, bob, eve):
    policy(registration_required=False)
    people.deactivate(eve, actor=SYSTEM)

    assert not is_asked(at_home)


def test_deleting_a_method_over_http_ends_it(at_home, bob, signed_in):
    Registration.objects.update(is_default=False)
    second = has_method(bob, "second@example.net")
    trust(at_home)

    deleted = signed_in(bob).post(f"/security-info/{second.uuid}/delete/")

    assert deleted.status_code == 302
    assert not Registration.objects.filter(pk=second.pk).exists()
    assert is_asked(at_home)


def test_an_administrator_who_changes_the_role_ends_it(at_home, bob, ada, signed_in):
    """R069: over HTTP; an agent never has one, and whoever is one no longer begins anew."""
    change = reverse("admin:accounts_user_change", args=[bob.pk])
    form = {
        "username": bob.username,
        "work_address": bob.work_address,
        "full_name": bob.full_name,
        "department": bob.department,
        "role": Role.HELPDESK,
        "is_active": "on",
    }
    signed_in(ada).post(change, form)

    bob.refresh_from_db()
    assert bob.role == Role.HELPDESK
    assert not TrustedBrowser.objects.exists()


def test_a_browser_of_somebody_who_became_staff_is_asked(at_home, bob):
    """TB1: by other means than ours, with a method that agents sign in with too."""
    kinds.allow("authenticator")
    kinds.register(bob, "authenticator")
    trust(at_home)
    User.objects.filter(pk=bob.pk).update(role=Role.HELPDESK)

    assert is_asked(at_home)


def test_zero_days_end_all_there_are(at_home):
    """TB3."""
    policy(trusted_browser_days=0)

    assert is_asked(at_home)
    assert replays() == 0


def test_a_month_is_not_made_longer_by_use(at_home):
    """TB3: the days are counted from the tick, however often it was used."""
    for _ in range(3):
        assert not is_asked(at_home)
        at_home.post("/sign-out/")
        TrustedBrowser.objects.update(created_at=F("created_at") - timedelta(days=11))

    assert is_asked(at_home)


# --- What it is not (TB2, SU1) --------------------------------------------------------------------


def test_it_is_no_password(at_home):
    """TB2."""
    answer = post_password(at_home, "bob", "not the password at all")

    assert answer.status_code == 422
    assert not is_signed_in(at_home)


def test_a_wrong_password_uses_no_token_and_finds_no_theft(at_home):
    """Whoever has the cookie alone can't end it either."""
    thief = thief_of(at_home)
    for _ in range(3):
        post_password(thief, "bob", "not the password at all", REMOTE_ADDR="198.51.100.1")

    assert not is_asked(at_home)
    assert replays() == 0


def test_every_change_asks_for_a_method_all_the_same(at_home, bob):
    """SU1, TB2."""
    method = Registration.objects.get()
    post_password(at_home, "bob")
    assert is_signed_in(at_home)
    pages = ["/security-info/add/", f"/security-info/{method.uuid}/delete/"]

    answers = [at_home.get(page) for page in pages]

    assert all(each["Location"].startswith("/confirm/") for each in answers)


def test_no_contact_is_shown_in_full(at_home):
    """SU1: to whoever has a copy of the cookie, for one."""
    post_password(at_home, "bob")

    page = main_of(at_home.get(HOME))

    assert "private@example.net" not in page
    assert "p•••@example.net" in page


def test_it_opens_no_way_to_a_new_method(at_home):
    """R080: what has to be registered is registered after a proof."""
    policy(methods_to_register=2, more_methods_days=0)
    kinds.allow("authenticator")

    assert is_asked(at_home)
    assert at_home.get("/keep-secure/")["Location"] in (VERIFY, SIGN_IN)


def test_it_opens_no_way_to_a_new_password(at_home, bob):
    """SU2: while one is due, the second step stands before its page, whoever made it due."""
    User.objects.filter(pk=bob.pk).update(must_change_password=True)

    assert is_asked(at_home)


def test_a_person_without_a_method_is_never_trusted(bob):
    """There is no second step that could be skipped."""
    policy(trusted_browser_days=30, registration_required=False)
    browser = Client()
    browser.post(SIGN_IN, {"name": "bob", "password": PASSWORD, "trust": "on"})

    assert is_signed_in(browser)
    assert not TrustedBrowser.objects.exists()


def test_a_tick_beside_a_wrong_code_trusts_nobody(at_home):
    TrustedBrowser.objects.all().delete()
    assert is_asked(at_home)

    at_home.post(VERIFY, {"code": wrong_code(), "trust": "on"})

    assert not TrustedBrowser.objects.exists()
    at_home.post(VERIFY, {"code": code_sent()})
    assert is_signed_in(at_home)
    assert not TrustedBrowser.objects.exists()


def wrong_code() -> str:
    return "000000" if code_sent() != "000000" else "000001"


# --- Theft (TB3) ----------------------------------------------------------------------------------


def test_whoever_comes_second_is_asked_and_both_are_asked_from_then_on(at_home):
    """TB3: the owner was first."""
    thief = thief_of(at_home)
    assert not is_asked(at_home)
    at_home.post("/sign-out/")

    assert is_asked(thief)
    assert is_asked(at_home)
    assert replays() == 1


def test_the_owner_who_comes_second_is_asked_and_the_thief_from_then_on(at_home):
    """TB3: the thief was first, and had the right password as well."""
    thief = thief_of(at_home)
    assert not is_asked(thief)
    thief.post("/sign-out/")

    assert is_asked(at_home)
    assert is_asked(thief)
    assert replays() == 1


@pytest.mark.parametrize("first", ["owner", "thief"])
def test_a_copy_of_all_cookies_is_found_too(at_home, first):
    """TB3: the form's own cookie makes no double click of something that comes later."""
    at_home.get(SIGN_IN)
    copy = jar_of(at_home)
    one, other = (at_home, copy) if first == "owner" else (copy, at_home)
    assert not is_asked(one)
    TrustedBrowser.objects.update(last_used_at=F("last_used_at") - timedelta(minutes=10))

    assert is_asked(other)
    assert replays() == 1


def test_the_theft_is_told_to_every_contact_of_the_person(at_home, bob):
    """N9: with the network that the copy came from."""
    thief = thief_of(at_home)
    is_asked(at_home)
    Message.objects.all().delete()

    is_asked(
        thief, REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/1.0"
    )

    letters = [each for each in told(bob) if each["subject"] == "Somebody may know your password"]
    assert {each["to"] for each in letters} == {bob.work_address, "private@example.net"}
    assert {each["network"] for each in letters} == {"198.51.100.7"}
    event = Event.objects.get(tag="browser.trusted_replayed")
    assert (event.subject, event.result) == (bob.public_id, "refused")


def test_a_copy_of_what_is_over_is_no_news(at_home, bob):
    """A person who has forgotten a browser, or whose days are over, is not told of a theft."""
    thief = thief_of(at_home)
    trusted_browsers.forget_all(bob)

    assert is_asked(thief)
    assert replays() == 0
    assert not [each for each in told(bob) if each["subject"] == "Somebody may know your password"]


def test_one_browsers_theft_ends_that_one_only(at_home, bob):
    """TB3: "ends that trusted browser"."""
    office = trust(Client())
    thief = thief_of(at_home)
    is_asked(at_home)

    assert is_asked(thief)
    assert not is_asked(office)


def test_a_known_series_with_a_made_up_token_is_a_copy(at_home):
    series = at_home.cookies[COOKIE].value.split(".")[0]
    stranger = Client()
    stranger.cookies[COOKIE] = f"{series}.guessed"

    assert is_asked(stranger)
    assert not TrustedBrowser.objects.exists()
    assert replays() == 1


def test_nobody_ends_anothers_by_its_cookie(at_home, eve):
    """R092: she has a password of her own, and an old value of his cookie."""
    has_method(eve, "eve@example.net")
    hers = thief_of(at_home)
    assert not is_asked(at_home)
    at_home.post("/sign-out/")

    assert is_asked(hers, "eve")
    assert replays() == 0
    assert not is_asked(at_home)


# --- What is kept where (R002, R071, R125) --------------------------------------------------------


def test_in_production_the_cookie_is_bound_to_the_host(settings, at_home):
    """R071."""
    settings.HTTPS = True
    assert browser_cookies.name("trusted-browser") == "__Host-trusted-browser"

    cookie = trust(Client()).cookies[COOKIE]

    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_a_new_cookie_lives_no_longer_than_its_row(at_home):
    """TB3: as long as policy says today."""
    policy(trusted_browser_days=7)

    is_asked(at_home)

    assert int(at_home.cookies[COOKIE]["max-age"]) <= 7 * 24 * 60 * 60


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    handler = logging.StreamHandler(io.StringIO())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_value_of_the_cookie_is_in_any_table_or_log_line(bob, log):
    """R002, R125: of the first one, of one after a use, of a stolen one."""
    policy(trusted_browser_days=30, methods_to_register=1)
    has_method(bob)
    browser = trust(Client())
    thief = thief_of(browser)
    values = [browser.cookies[COOKIE].value]
    is_asked(browser)
    values.append(browser.cookies[COOKIE].value)
    in_tables = everything()
    is_asked(thief)
    in_tables += everything()

    parts = {part for value in values for part in value.split(".")}
    assert len(parts) == 3
    for part in parts:
        assert part not in in_tables
        assert part not in log.getvalue()


def everything() -> str:
    """All rows of all tables."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(repr(cursor.fetchall()))
    return "\n".join(found)


def test_series_and_token_have_enough_chance_in_them(at_home):
    """R067: 32 bytes each, and nothing of the one in the other."""
    series, token = at_home.cookies[COOKIE].value.split(".")

    assert len(series) >= 43
    assert len(token) >= 43
    assert series != token


def test_what_names_a_browser_on_the_page_trusts_nobody(at_home, bob, signed_in):
    """R067: page and address have an id that is no part of the cookie."""
    page = signed_in(bob).get(HOME).content.decode()
    row = TrustedBrowser.objects.get()

    assert str(row.public_id) in page
    assert row.series not in page
    assert row.token not in page
    assert not [part for part in at_home.cookies[COOKIE].value.split(".") if part in page]


def test_no_administrator_edits_or_reads_them(at_home, bob, ada, signed_in):
    """R070: a person's trusted browsers are the person's."""
    admin = signed_in(ada)

    page = admin.get(reverse("admin:accounts_user_change", args=[bob.pk]))

    assert "rusted browser" not in main_or_all(page)
    assert admin.get("/admin/accounts/trustedbrowser/").status_code == 404


def main_or_all(page) -> str:
    return main_of(page) if "<main" in page.content.decode() else page.content.decode()


# --- Forgetting one -------------------------------------------------------------------------------


def test_looking_at_the_address_forgets_nothing(at_home, bob, signed_in):
    address = f"/security-info/trusted-browsers/{TrustedBrowser.objects.get().public_id}/forget/"
    owner = signed_in(bob)

    owner.get(address)
    owner.head(address)

    assert TrustedBrowser.objects.exists()


def test_forgetting_needs_the_forms_token(at_home, bob):
    """R110."""
    address = f"/security-info/trusted-browsers/{TrustedBrowser.objects.get().public_id}/forget/"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)

    assert strict.post(address).status_code == 403
    assert TrustedBrowser.objects.exists()


def test_a_visitor_forgets_nothing(at_home):
    address = f"/security-info/trusted-browsers/{TrustedBrowser.objects.get().public_id}/forget/"

    assert Client().post(address)["Location"].startswith(SIGN_IN)
    assert TrustedBrowser.objects.exists()


def test_a_session_opened_by_trust_forgets_none_without_a_proof(at_home):
    """SU2: a thief who got in by a copy can't wipe the traces."""
    post_password(at_home, "bob")
    address = f"/security-info/trusted-browsers/{TrustedBrowser.objects.get().public_id}/forget/"

    assert at_home.post(address)["Location"].startswith("/confirm/")
    assert TrustedBrowser.objects.exists()
    assert Session.objects.count() == 1
