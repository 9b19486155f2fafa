"""The requirements on sessions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import password_change, people, sessions
from accounts.middleware import MARK_EVERY
from accounts.models import Role, Session, User
from accounts.session_store import SessionStore
from methods.models import Registration
from methods.signals import security_info_changed
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    confirm,
    has_method,
    is_signed_in,
    key,
    main_of,
    policy,
    post_sign_in,
    proved_at,
    row,
    set_up_email,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
AWAY = "You were signed out because you were away. Nothing was changed."


@pytest.fixture
def in_session(bob) -> Client:
    """Bob, signed in through the door."""
    has_method(bob)
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0; rv:128.0) Firefox/128.0")
    post_sign_in(client, "bob")
    return client


def age(client: Client, *, idle: timedelta = timedelta(), total: timedelta = timedelta()) -> None:
    """As if that much time had passed; the clock that judges is the database's."""
    Session.objects.filter(pk=row(client).pk).update(
        last_used_at=F("last_used_at") - idle, created_at=F("created_at") - total
    )


# --- R067 -----------------------------------------------------------------------------------------


def test_a_cookie_fixed_before_signing_in_is_dead_afterwards(bob):
    """R067: after the password as well as after the last step."""
    visitor = SessionStore()  # begun by somebody else, who has planted its id here
    visitor["anything"] = "of theirs"
    visitor.save()
    planted = visitor.session_key
    client = Client()
    client.cookies["session"] = planted
    post_sign_in(client, "bob")
    half_way = key(client)
    set_up_email(client)
    client.post(SUMMARY)

    assert is_signed_in(client)
    assert len({planted, half_way, key(client)}) == 3
    for dead in (planted, half_way):
        attacker = Client()
        attacker.cookies["session"] = dead
        assert not is_signed_in(attacker)
        assert attacker.get(KEEP_SECURE)["Location"] == SIGN_IN


def test_id_and_form_token_change_when_signing_in_confirming_and_signing_out(bob):
    """R067."""
    has_method(bob)
    client = Client()
    client.get(SIGN_IN)
    seen = [(None, client.cookies["csrf"].value)]

    post_sign_in(client, "bob")
    seen.append((key(client), client.cookies["csrf"].value))
    proved_at(None)
    confirm(client)
    seen.append((key(client), client.cookies["csrf"].value))
    client.post("/sign-out/")
    seen.append((key(client), client.cookies["csrf"].value))

    assert len({identifier for identifier, _token in seen}) == 4
    assert len({token for _identifier, token in seen}) == 4


def test_session_ids_have_enough_chance_in_them(in_session):
    """R067: 32 of 64 signs are 192 bits."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", key(in_session))


# --- R068 -----------------------------------------------------------------------------------------

PEOPLE = {"idle": timedelta(minutes=60), "total": timedelta(hours=24)}
STAFF = {"idle": timedelta(minutes=15), "total": timedelta(hours=12)}


@pytest.mark.parametrize("which", ["idle", "total"])
@pytest.mark.parametrize(("role", "limits"), [(Role.PERSON, PEOPLE), (Role.HELPDESK, STAFF)])
def test_a_session_ends_a_second_after_its_limit(make_person, signed_in, role, limits, which):
    """R068: by role, on the server."""
    client = signed_in(make_person("sam", role=role))

    age(client, **{which: limits[which] - timedelta(seconds=20)})
    assert is_signed_in(client)

    age(client, **{which: timedelta(seconds=21) if which == "total" else limits[which] + SECOND})
    assert not is_signed_in(client)


def test_the_end_of_a_session_is_told_and_recorded(in_session, bob):
    age(in_session, idle=timedelta(hours=2))

    page = in_session.get("/security-info/activity/", follow=True)

    assert page.redirect_chain == [("/sign-in/?next=/security-info/activity/", 302)]
    assert AWAY in main_of(page)
    assert Event.objects.get(tag="session.expired").subject == bob.public_id
    assert not Session.objects.of(bob).exists()


def test_limits_of_the_policy_hold_at_the_next_request(in_session):
    """R097."""
    age(in_session, idle=timedelta(minutes=6))
    assert is_signed_in(in_session)
    age(in_session, idle=timedelta(minutes=6))

    policy(session_idle_minutes=5)

    assert not is_signed_in(in_session)


def test_a_promotion_shortens_a_session_at_once(in_session, bob):
    User.objects.filter(pk=bob.pk).update(role=Role.HELPDESK)
    age(in_session, idle=timedelta(minutes=16))

    assert not is_signed_in(in_session)


def test_using_a_session_renews_its_idle_time_but_not_its_end(in_session):
    """R068."""
    began = row(in_session).created_at
    age(in_session, idle=timedelta(minutes=50))
    assert is_signed_in(in_session)
    age(in_session, idle=timedelta(minutes=50))

    assert is_signed_in(in_session)
    assert row(in_session).created_at == began


def test_confirming_renews_neither_the_end_nor_another_session(in_session, bob):
    """R068."""
    other = Client()
    post_sign_in(other, "bob")
    before, others = row(in_session), row(other)

    proved_at(None)
    confirm(in_session)

    assert row(in_session).created_at == before.created_at
    assert row(in_session).fresh_at
    assert (row(other).fresh_at, row(other).last_used_at) == (None, others.last_used_at)


def test_use_is_noted_only_now_and_then(in_session):
    """One UPDATE in half a minute at most; a session may end early by that much, never late."""

    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            in_session.get(HOME)
        return sum(query["sql"].startswith("UPDATE") for query in queries)

    assert writes() == 0
    age(in_session, idle=MARK_EVERY)
    assert writes() == 1
    assert writes() == 0


def test_a_page_reads_session_and_person_in_one_query(in_session):
    with CaptureQueriesContext(connection) as queries:
        in_session.get(HOME)

    assert sum("accounts_user" in query["sql"] for query in queries) == 1
    assert sum("accounts_session" in query["sql"] for query in queries) == 1


# --- R069 -----------------------------------------------------------------------------------------


def change_password(bob: User) -> None:
    """In a browser that isn't among those of the test."""
    client = Client()
    client.force_login(bob)
    form = {"current_password": PASSWORD, "new_password": "seven otters juggle lanterns"}
    assert client.post("/security-info/password/", form).status_code == 302


def change_password_on_the_server(bob: User) -> None:
    password_change.by_operator(bob, "seven otters juggle lanterns")


def sign_out_everywhere(bob: User) -> None:
    client = Client()
    client.force_login(bob)
    assert client.post("/security-info/sign-out-everywhere/")["Location"] == SIGN_IN


def signed_out_by_an_administrator(bob: User) -> None:
    client = Client()
    client.force_login(
        User.objects.create(username="ada", work_address="ada@example.org", role="administrator")
    )
    form = {"action": "sign_out", "_selected_action": [bob.pk], "confirmed": "yes"}
    assert client.post("/admin/accounts/user/", form).status_code == 302


def password_without_ending(bob: User) -> None:
    """Written by other means than ours: the hash in the session no longer fits."""
    bob.set_password("another long enough password")
    bob.save()


def deactivate(bob: User) -> None:
    people.deactivate(bob, actor=SYSTEM)


def deactivate_in_sql(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)


def change_role(bob: User) -> None:
    bob.role = Role.HELPDESK
    people.update(bob, changed=["role"], actor=SYSTEM)


def change_method(bob: User) -> None:
    security_info_changed.send(sender=Registration, user=bob, change="changed", keep_session="")


def delete_method(bob: User) -> None:
    security_info_changed.send(sender=Registration, user=bob, change="deleted", keep_session="")


ENDINGS = [
    change_password,
    change_password_on_the_server,
    sign_out_everywhere,
    signed_out_by_an_administrator,
    password_without_ending,
    deactivate,
    deactivate_in_sql,
    change_role,
    change_method,
    delete_method,
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_all_sessions_end_at_their_next_request(bob, signed_in, ending):
    """R069: five sessions."""
    clients = [signed_in(bob) for _ in range(5)]
    assert all(is_signed_in(client) for client in clients)

    ending(bob)

    assert not any(is_signed_in(client) for client in clients)


@pytest.mark.parametrize(
    "ending", [each for each in ENDINGS if each is not password_without_ending]
)
def test_a_sign_in_under_way_ends_too(bob, ending):
    """R069: the open flow, in the middle of its wizard."""
    client = Client()
    post_sign_in(client, "bob")
    assert client.get(KEEP_SECURE).status_code == 200

    ending(bob)

    assert client.get(KEEP_SECURE)["Location"] == SIGN_IN


@pytest.mark.parametrize(
    "ending", [each for each in ENDINGS if each is not password_without_ending]
)
def test_a_sign_in_at_its_last_click_ends_too(bob, ending):
    """R069."""
    client = Client()
    post_sign_in(client, "bob")
    set_up_email(client)

    ending(bob)
    client.post(SUMMARY)

    assert not is_signed_in(client)


def test_the_session_that_changes_something_goes_on(bob, signed_in):
    acting, other = signed_in(bob), signed_in(bob)

    security_info_changed.send(
        sender=Registration, user=bob, change="deleted", keep_session=key(acting)
    )

    assert is_signed_in(acting)
    assert not is_signed_in(other)


def test_adding_a_method_ends_no_session(bob, signed_in):
    """SE2."""
    other = signed_in(bob)

    security_info_changed.send(sender=Registration, user=bob, change="added", keep_session="")

    assert is_signed_in(other)


def test_sessions_of_others_go_on(bob, eve, signed_in):
    client = signed_in(eve)

    sessions.end_all(bob)

    assert is_signed_in(client)


def test_deleting_a_method_over_http_ends_the_other_sessions(bob, signed_in):
    policy(registration_required=False)
    method = has_method(bob)
    acting, other = signed_in(bob), signed_in(bob)

    acting.post(f"/security-info/{method.uuid}/delete/", {"password_only": "on"})

    assert not Registration.objects.of(bob).exists()
    assert is_signed_in(acting)
    assert not is_signed_in(other)


def test_a_request_that_was_under_way_does_not_bring_an_ended_session_back(bob, signed_in):
    """R069: it has read the session before the end, and saves it afterwards."""
    client = signed_in(bob)
    store = SessionStore(key(client))
    store["something"] = "new"
    sessions.end_all(bob)

    with pytest.raises(UpdateError):
        store.save()

    assert not is_signed_in(client)


# --- R071 -----------------------------------------------------------------------------------------


def test_cookies_are_closed_to_scripts_and_other_sites(bob):
    """R071."""
    client = Client()
    client.get(SIGN_IN)
    post_sign_in(client, "bob")
    set_up_email(client)
    client.post(SUMMARY)
    client.get(HOME)

    assert {"session", "csrf"} <= set(client.cookies)
    for name in ("session", "csrf"):
        cookie = client.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert not client.cookies["session"]["max-age"]


def test_in_production_cookies_are_bound_to_the_host(monkeypatch):
    """R071: read from the settings as a production start makes them."""
    import json
    import os
    import subprocess
    import sys

    names = (
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_DOMAIN",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_DOMAIN",
        "MESSAGE_STORAGE",
    )
    code = (
        "import json; from django.conf import settings;"
        f"print(json.dumps([getattr(settings, name) for name in {names!r}]))"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "securityinfo.settings",
        "SECURITYINFO_TESTING": "off",
        "SECURITYINFO_PUBLIC_URL": "https://login.example.org",
        "EMAIL_URL": "smtps://mail.example.org",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [
        "__Host-session",
        True,
        None,
        "__Host-csrf",
        True,
        None,
        "django.contrib.messages.storage.session.SessionStorage",
    ]


def test_signing_out_clears_what_the_browser_kept(in_session):
    """R071."""
    response = in_session.post("/sign-out/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'


def test_pages_of_accounts_are_not_kept_by_browsers(in_session, bob):
    """R120."""
    visitor = Client()
    half_way = Client()
    post_sign_in(half_way, "bob")
    pages = [
        visitor.get(SIGN_IN),
        visitor.get("/sign-out/"),
        half_way.get(KEEP_SECURE),
        in_session.get("/confirm/"),
        in_session.get(HOME),
    ]

    assert all("no-store" in page["Cache-Control"] for page in pages)


def test_a_session_knows_where_it_came_from(in_session):
    session = row(in_session)

    assert session.address == "127.0.0.1"
    assert session.browser == "Firefox on Windows"


# --- SE1 ------------------------------------------------------------------------------------------


def test_staying_signed_in_renews_the_idle_time_and_tells_the_new_end(in_session):
    """SE1."""
    age(in_session, idle=timedelta(minutes=59))

    answer = in_session.post("/stay-signed-in/").json()
    age(in_session, idle=timedelta(minutes=59))

    assert 3590 <= answer["seconds"] <= 3601
    assert answer["may_stay"] is True
    assert is_signed_in(in_session)


def test_nothing_puts_off_the_end_of_all(in_session):
    """R068: the page then says so, and offers nothing."""
    age(in_session, total=timedelta(hours=23, minutes=30))

    answer = in_session.post("/stay-signed-in/").json()

    assert 1790 <= answer["seconds"] <= 1801
    assert answer["may_stay"] is False


def test_staying_is_for_those_who_are_signed_in_and_looking_is_no_way_to_do_it(in_session):
    assert Client().post("/stay-signed-in/")["Location"].startswith(SIGN_IN)
    assert in_session.get("/stay-signed-in/").status_code == 405


def test_pages_know_when_the_session_ends(in_session):
    """For the box that opens two minutes before."""
    page = main_of(in_session.get(HOME))

    assert 'data-session-end="36' in page or 'data-session-end="359' in page
    assert "data-may-stay" in page
    assert "data-session-end" not in Client().get(SIGN_IN).content.decode()
