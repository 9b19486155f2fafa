"""What a new password has to be, and that every way to choose one asks."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import password_rules, passwords
from accounts.models import User
from accounts.password_rules import Refused
from securityinfo.audit.models import Event
from tests.accounts.doors import policy
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

SHORT, LONG = "Use at least 15 characters.", "Use at most 256 characters."
COMMON = "This password is too common. Choose another one."
NAME = "Don't use your name or Example Org in it."
GOOD = "seven otters juggle lanterns"


@pytest.fixture(autouse=True)
def organization(db) -> None:
    policy(organization_name="Example Org", blocked_words=["skyline", "hq42", "then"])


def refusal(password: str, user: User | None) -> str:
    try:
        password_rules.check(password, user)
    except Refused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", SHORT),
        ("otters juggle", SHORT),
        ("seven otters go", ""),
        (GOOD, ""),
        ("correct horse battery staple", ""),
        ("🦦" * 64, ""),
        ("пароль состоит из букв", ""),
        ("        seven otters        ", ""),
        ("293847561029384756", ""),
        ("x" * 9 + "seven otters juggle" * 13, ""),
        ("seven otters " * 20, LONG),
        ("otter" * 2_000, LONG),
        ("ﷺ" * 20, LONG),  # 360 letters for everybody who reads it
        ("password123456789", COMMON),
        ("123456789password", COMMON),
        ("P@ssw0rd!!!!!!!!!!", COMMON),
        ("PassWordPassWordPass", COMMON),
        ("iloveyou iloveyou", COMMON),
        ("$unshine1234567890", COMMON),
        ("aaaaaaaaaaaaaaaa", COMMON),
        ("abcabcabcabcabcabc", COMMON),
        ("123456789012345", COMMON),
        ("qwertyuiopasdfgh", COMMON),
        ("zyxwvutsrqponmlk2026", COMMON),
        ("Baker likes juggling otters", NAME),
        ("b4ker likes juggling otters", NAME),
        ("example org juggles otters", NAME),
        ("seven-exampleorg-otters", NAME),
        ("seven robert.b otters", NAME),
        ("over the SKYLINE otters go", "Don't use the word 'skyline' in it."),
        ("over the 5kyl1ne otters go", "Don't use the word 'skyline' in it."),
        ("seven otters in HQ42", "Don't use the word 'hq42' in it."),
        ("the nice otters juggle", ""),  # "then" is in no word of it
        ("seven-example.org-otters", NAME),
    ],
)
def test_a_new_password_is_refused_with_the_reason_or_taken(make_person, password, reason):
    """R079, PR10."""
    person = make_person("robert.b", full_name="Bo Baker")

    assert refusal(password, person) == reason


def test_names_of_three_letters_may_stand_in_a_password(bob):
    """Bob may keep bobsleighs."""
    assert refusal("seven bobsleighs in july", bob) == ""


def test_the_length_is_the_one_of_the_policy(bob):
    """R079."""
    policy(password_min_length=20)

    assert refusal("seven otters juggle", bob) == "Use at least 20 characters."
    assert "At least 20 characters." in password_rules.guidance()


def test_a_long_password_of_common_words_takes_no_time(bob):
    """Whoever types 10 kB orders no work."""
    import time

    started = time.perf_counter()
    for password in ("a1" * 128, "!1" * 128, "a" * 255 + "b", "x" * 10_240):
        refusal(password, bob)

    assert time.perf_counter() - started < 1


def test_the_current_password_is_no_new_one(bob):
    """R079."""
    with pytest.raises(Refused, match="This is your current password."):
        password_rules.check_new(PASSWORD, bob)

    password_rules.check_new(GOOD, bob)


@pytest.mark.parametrize("password", ["password123456789", PASSWORD, "bobby baker juggles"])
def test_djangos_own_question_gets_our_answer(bob, password):
    """AUTH_PASSWORD_VALIDATORS."""
    with pytest.raises(ValidationError):
        validate_password(password, bob)

    validate_password(GOOD, bob)


# --- The command line -----------------------------------------------------------------------------


def test_an_administrator_is_not_created_with_a_common_password(monkeypatch):
    """R079: not even with --noinput, which asks no validator."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password123456789")
    options = {"username": "root", "work_address": "root@example.org", "interactive": False}

    with pytest.raises(CommandError, match="too common"):
        call_command("createsuperuser", **options)
    assert not User.objects.exists()

    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    call_command("createsuperuser", **options, stdout=StringIO())
    assert passwords.matches(User.objects.get(), GOOD)


def test_nobody_talks_the_command_into_a_common_password(monkeypatch):
    """R079: Django asks "create user anyway?"."""
    typed = iter(["password123456789"] * 2)
    monkeypatch.setattr(createsuperuser.getpass, "getpass", lambda *_: next(typed))
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    options = {"username": "root", "work_address": "root@example.org", "interactive": True}
    terminal = type("Terminal", (), {"isatty": lambda self: True})()

    with pytest.raises(CommandError, match="too common"):
        call_command("createsuperuser", **options, stdin=terminal, stderr=StringIO())

    assert not User.objects.exists()


def test_an_operator_changes_a_password_by_the_same_rules(bob, signed_in, monkeypatch):
    client = signed_in(bob)
    typed = iter(["password123456789"] * 2 + [GOOD, "other"] + [GOOD] * 2)
    monkeypatch.setattr("getpass.getpass", lambda *_: next(typed))
    said = StringIO()

    call_command("changepassword", "bob", stdout=StringIO(), stderr=said)

    assert "too common" in said.getvalue()
    bob.refresh_from_db()
    assert passwords.matches(bob, GOOD)
    assert bob.must_change_password  # AC7: the operator knows it too
    assert client.get("/security-info/").status_code == 302
    event = Event.objects.get(tag="password.changed")
    assert (event.actor_role, event.subject) == ("command line", bob.public_id)


def test_an_operator_gives_up_after_three_tries(bob, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda *_: "short")

    with pytest.raises(CommandError, match="3 attempts"):
        call_command("changepassword", "bob", stdout=StringIO(), stderr=StringIO())

    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)


def test_an_operator_who_names_nobody_is_told(db):
    with pytest.raises(CommandError, match="nobody"):
        call_command("changepassword", "nobody-here")
