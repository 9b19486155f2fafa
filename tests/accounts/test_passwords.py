"""One form of a password, one comparison."""

from __future__ import annotations

import pytest

from accounts import passwords
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_right_password_matches(bob):
    assert passwords.matches(bob, PASSWORD)


def test_a_wrong_one_does_not(bob):
    assert not passwords.matches(bob, PASSWORD + "x")


def test_nobody_has_no_password():
    assert not passwords.matches(None, PASSWORD)


def test_an_account_without_a_password_matches_nothing(bob):
    bob.set_unusable_password()

    assert not passwords.matches(bob, bob.password)
    assert not passwords.matches(bob, "")


def test_keyboards_that_compose_letters_differently_type_the_same_password(bob):
    bob.set_password("caf\u00e9 terrasse")

    assert passwords.matches(bob, "cafe\u0301 terrasse")


def test_a_password_longer_than_the_longest_is_wrong_even_if_its_beginning_is_right(bob):
    bob.set_password("x" * passwords.LONGEST)

    assert passwords.matches(bob, "x" * passwords.LONGEST)
    assert not passwords.matches(bob, "x" * (passwords.LONGEST + 1))


@pytest.mark.parametrize("user", ["somebody", None])
def test_one_hash_is_computed_for_everybody(bob, user, monkeypatch):
    computed = []
    verify = passwords.check_password
    monkeypatch.setattr(
        passwords, "check_password", lambda *given: computed.append(given) or verify(*given)
    )

    passwords.matches(bob if user else None, "wrong")

    assert len(computed) == 1


def test_generated_passwords_are_long_and_differ():
    made = {passwords.generated() for _ in range(50)}

    assert len(made) == 50
    assert all(len(password.replace("-", "")) == 20 for password in made)
