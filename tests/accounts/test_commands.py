"""What operators do to accounts on the command line is recorded like everything else."""

from __future__ import annotations

import getpass
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from accounts.models import Session, User
from securityinfo.audit import log
from securityinfo.audit.models import Event

pytestmark = pytest.mark.django_db

NEW = "a sentence that nobody else has thought of"


@pytest.fixture
def types(monkeypatch):
    """`types("one", "other")`: what the operator answers, one after the other."""

    def answer(*words: str) -> None:
        left = list(words)
        monkeypatch.setattr(getpass, "getpass", lambda _prompt="": left.pop(0))

    return answer


def change(name: str) -> str:
    said = StringIO()
    call_command("changepassword", name, stdout=said, stderr=said)
    return said.getvalue()


def test_a_new_administrator_is_recorded(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)

    call_command(
        "createsuperuser", interactive=False, username="root", work_address="root@example.org"
    )

    event = Event.objects.get(tag="account.created")
    assert event.subject == User.objects.get(username="root").public_id
    assert (event.actor, event.actor_role) == (None, "command line")
    assert event.facts["role"] == "administrator"


def test_no_administrator_without_the_event(monkeypatch):
    """AD1: in the same transaction as its effect."""

    def fails(*_args, **_kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(log, "record", fails)

    with pytest.raises(OSError, match="full"), transaction.atomic():
        User.objects.create_superuser("root", "root@example.org", NEW)

    assert not User.objects.filter(username="root").exists()


def test_a_new_password_is_recorded_and_ends_what_was_begun(bob, signed_in, types):
    signed_in(bob)
    types(NEW, NEW)

    said = change("bob")

    bob.refresh_from_db()
    event = Event.objects.get(tag="password.changed")
    assert "successfully" in said
    assert bob.check_password(NEW)
    assert (event.subject, event.actor_role) == (bob.public_id, "command line")
    assert not Session.objects.of(bob).exists()
    assert NEW not in str(event.facts)


def test_a_mistyped_password_changes_nothing(bob, types):
    types(NEW, "something else", NEW, NEW)

    assert "do not match" in change("bob")
    assert User.objects.get(pk=bob.pk).check_password(NEW)


def test_after_three_bad_passwords_it_gives_up(bob, types):
    types(*["one", "other"] * 3)

    with pytest.raises(CommandError, match="3 attempts"):
        change("bob")

    assert not Event.objects.filter(tag="password.changed").exists()


def test_nobody_by_that_name_has_no_password(types):
    with pytest.raises(CommandError, match="nobody called"):
        change("nobody")
