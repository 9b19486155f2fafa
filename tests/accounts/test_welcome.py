"""The first administrator: a link, a password, a strong method, and nothing open before that."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from accounts import first_administrator, passwords, people, tasks, welcome
from accounts.models import Role, Session, User, Welcome
from methods.models import Challenge
from securityinfo.actor import COMMAND_LINE, Actor
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.logs import OneLineFormatter
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds

pytestmark = pytest.mark.django_db

NEW = "a sentence that nobody else has thought of"


def create(name: str = "root", address: str = "root@example.org") -> str:
    """The path of the link."""
    said = StringIO()
    call_command("create_administrator", name, address, stdout=said)
    return re.search(r"http://testserver(/welcome/\S+/)", said.getvalue())[1]


def choose(client: Client, link: str, password: str = NEW, **changes: str):
    form = {"new_password": password, "new_password_again": password} | changes
    return client.post(link, form)


# --- Making one -----------------------------------------------------------------------------------


def test_the_command_makes_an_administrator_who_may_edit_the_policy():
    create("root", "Root@Example.org")

    root = User.objects.get()
    assert (root.role, root.work_address) == (Role.ADMINISTRATOR, "root@example.org")
    assert root.duties == set(Duty)
    assert not root.has_usable_password()
    assert [(event.tag, event.actor_role) for event in Event.objects.order_by("id")] == [
        ("account.created", COMMAND_LINE.role),
        ("account.invited", COMMAND_LINE.role),
    ]


def test_only_the_digest_of_the_token_is_kept():
    token = create().split("/")[2]

    row = Welcome.objects.get()
    assert token not in str(row.__dict__)
    assert not any(token in str(event.__dict__) for event in Event.objects.all())
    assert timedelta(minutes=59) < row.expires_at - timezone.now() <= timedelta(hours=1)


def test_other_administrators_are_told(ada):
    create()

    told = Message.objects.get(user=ada)
    assert "root is an administrator now." in str(told.sealed)
    assert "root may edit the policy now." in str(told.sealed)


def test_createsuperuser_tells_them_too_and_opens_nothing_by_its_password(ada, client, monkeypatch):
    """AC6, SI10."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)
    OrgPolicy.objects.update(registration_required=False)

    call_command(
        "createsuperuser", interactive=False, username="root", work_address="root@example.org"
    )

    assert "root is an administrator now." in str(Message.objects.get(user=ada).sealed)
    answer = client.post("/sign-in/", {"name": "root", "password": NEW})
    assert answer["Location"] == "/keep-secure/"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/keep-secure/"


@pytest.mark.parametrize("name", ["bob", "bob@example.org", "BOB", "ada"])
def test_nobody_who_is_here_is_given_a_link(bob, ada, name):
    with pytest.raises(CommandError, match="emergency_pass"):
        create(name)

    assert not Welcome.objects.exists()


@pytest.mark.parametrize(
    ("name", "address"),
    [("r oot", "root@example.org"), ("root", "nobody"), ("root", "bob@example.org")],
)
def test_what_can_not_be_a_name_or_an_address_is_said(bob, name, address):
    with pytest.raises(CommandError):
        create(name, address)

    assert list(User.objects.all()) == [bob]


# --- The link -------------------------------------------------------------------------------------


def test_looking_at_the_link_uses_nothing_up(client):
    link = create()

    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert "root" in page.content.decode()

    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    assert Welcome.objects.exists()


def test_after_the_password_nothing_is_open_before_a_strong_method_is_registered(client):
    link = create()

    answer = choose(client, link)

    assert answer["Location"] == "/keep-secure/"
    root = User.objects.get()
    assert passwords.matches(root, NEW)
    assert not Session.objects.filter(user=root).exists()
    for page in ("/admin/", "/security-info/", "/security-info/add/"):
        assert client.get(page, follow=True).redirect_chain[-1][0] == "/keep-secure/"
    assert "authenticator app" in client.get("/keep-secure/").content.decode().lower()


def test_the_first_administrator_arrives_in_the_administration(client):
    """From the command to the start page, as a browser goes there; required: one method only."""
    kinds.allow("authenticator")
    OrgPolicy.objects.update(methods_to_register=1)
    choose(client, create())

    client.get("/keep-secure/authenticator/")
    right = kinds.right(Challenge.objects.get(purpose="register"))
    client.post("/keep-secure/authenticator/verify/", right)
    done = client.post("/keep-secure/summary/")

    assert done["Location"] == "/admin/"
    page = client.get("/admin/")
    assert {app["app_label"] for app in page.context["app_list"]} >= {"accounts", "policy", "audit"}
    assert client.get("/admin/policy/orgpolicy/1/change/").status_code == 200


@pytest.mark.parametrize("required", [True, False])
def test_the_password_alone_never_signs_in_whatever_the_policy_says(client, required):
    """SI10, R106: also for whoever has left before the method was there."""
    OrgPolicy.objects.update(registration_required=required, grace_days=90, grace_skips=20)
    choose(client, create())
    other = Client()

    answer = other.post("/sign-in/", {"name": "root", "password": NEW})

    assert answer["Location"] == "/keep-secure/"
    assert other.post("/keep-secure/skip/").status_code != 200
    assert not Session.objects.exclude(user=None).exists()


def test_the_link_works_once(client):
    link = create()
    choose(client, link)

    again = choose(Client(), link, "another sentence that nobody knows")

    assert again.status_code == 410
    assert passwords.matches(User.objects.get(), NEW)
    assert Client().get(link).status_code == 410


def test_a_second_call_ends_the_first_link(client):
    first, second = create(), create("ROOT", "root@example.com")

    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    root = User.objects.get()
    assert root.work_address == "root@example.com"
    assert Event.objects.filter(tag="account.invited").count() == 2


def test_a_link_ends_after_an_hour(client):
    link = create()
    Welcome.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(link).status_code == 410
    assert choose(client, link).status_code == 410
    assert not User.objects.get().has_usable_password()
    tasks.purge()
    assert not Welcome.objects.exists()


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "../admin"])
def test_a_made_up_link_is_as_good_as_an_old_one(client, token):
    assert client.get(f"/welcome/{token}/").status_code in (404, 410)


def test_the_link_of_a_deactivated_account_is_dead(ada, client):
    link = create()

    people.deactivate(User.objects.get(username="root"), actor=Actor())

    assert client.get(link).status_code == 410


def test_whoever_has_come_in_otherwise_needs_no_link(client):
    """By `changepassword`, say: the link must not replace what was chosen."""
    link = create()
    root = User.objects.get()
    root.set_password(NEW)
    root.save()

    assert choose(client, link, "another sentence that nobody knows").status_code == 410
    assert passwords.matches(User.objects.get(), NEW)


def test_a_password_that_breaks_the_rules_comes_back_and_the_link_stays(client):
    link = create()

    short = choose(client, link, "short")
    different = choose(client, link, new_password_again="something else entirely")

    assert (short.status_code, different.status_code) == (422, 422)
    assert client.get(link).status_code == 200


def test_whoever_was_signed_in_in_this_browser_is_not_any_more(bob, signed_in):
    client = signed_in(bob)

    choose(client, create())

    assert client.get("/security-info/")["Location"].startswith("/sign-in/")


def test_the_owner_is_told_and_it_is_recorded(client):
    choose(client, create())

    root = User.objects.get()
    event = Event.objects.get(tag="account.welcomed")
    assert (event.actor, event.subject) == (root.public_id, root.public_id)
    assert Message.objects.filter(user=root).exists()


def test_no_line_of_the_log_holds_a_token():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Gone: /welcome/abc.DEF-1/", None, None)

    line = OneLineFormatter().format(record)

    assert "/welcome/…/" in line
    assert "abc" not in line


# --- From the environment -------------------------------------------------------------------------


@pytest.fixture
def named(settings, monkeypatch):
    settings.FIRST_ADMINISTRATOR = ("root", "root@example.org")
    monkeypatch.setattr(first_administrator.connections, "close_all", lambda: None)


@pytest.mark.usefixtures("named")
def test_at_start_a_link_is_written_to_the_console_and_nowhere_else(capsys, caplog, client):
    first_administrator.at_start()

    written = capsys.readouterr()
    link = re.search(r"http://testserver(/welcome/\S+/)", written.err)[1]
    assert client.get(link).status_code == 200
    assert "/welcome/" not in written.out + caplog.text
    assert User.objects.get().duties == set(Duty)


@pytest.mark.usefixtures("named")
def test_a_restart_leaves_a_link_that_works_and_replaces_one_that_does_not(capsys):
    first_administrator.at_start()
    first_administrator.at_start()
    assert capsys.readouterr().err.count("/welcome/") == 1

    Welcome.objects.update(expires_at=timezone.now())
    first_administrator.at_start()

    assert capsys.readouterr().err.count("/welcome/") == 1
    assert User.objects.count() == 1


@pytest.mark.usefixtures("named")
def test_nothing_is_made_where_somebody_administers_already(ada, capsys):
    first_administrator.at_start()

    assert "/welcome/" not in capsys.readouterr().err
    assert list(User.objects.all()) == [ada]


@pytest.mark.usefixtures("named")
def test_a_name_that_is_taken_stops_no_start(make_person, caplog):
    make_person("root")

    first_administrator.at_start()

    assert "somebody else has that name" in caplog.text
    assert not Welcome.objects.exists()


def test_without_the_variables_nobody_is_made(capsys):
    first_administrator.at_start()

    assert not User.objects.exists()


# --- Nobody by default ----------------------------------------------------------------------------


def test_no_installation_brings_an_account():
    """R106: outside the demo, whatever the migrations make."""
    assert not User.objects.exists()


def test_a_waiting_administrator_does_not_sign_in_without_the_link(client):
    create()

    for password in ("", "!", "root", "admin"):
        client.post("/sign-in/", {"name": "root", "password": password})

    assert not Session.objects.exclude(user=None).exists()
    assert welcome.is_waiting(User.objects.get())
