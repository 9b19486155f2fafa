"""SI2: the page of the new password compares with the current one, without any limit."""

import pytest
from django.test import Client

from accounts import passwords
from tests import kinds
from tests.accounts.doors import policy
from tests.flows import reset_steps as steps
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_guessing_the_current_password_in_a_reset_is_limited(bob, monkeypatch):
    kinds.allow("email")
    has(bob, "email")
    policy(methods_to_reset=1, methods_to_register=1)
    visitor = Client()
    steps.first_by_email(visitor)
    seen = []
    monkeypatch.setattr(passwords, "matches", lambda user, typed: seen.append(typed) or True)
    for number in range(120):
        visitor.post(steps.PASSWORD_PAGE, {"new_password": f"a guess of a password {number}"})
    assert len(seen) <= 50, f"{len(seen)} guesses compared with the current password, none refused"
