"""What required registration lets people add after which second step (SU2, EM7)."""

from __future__ import annotations

import pytest

from accounts.models import Session
from methods.models import Challenge, Registration
from securityinfo.policy.rules import Strength
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    VERIFY,
    code_sent,
    has_method,
    policy,
    post_password,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue(bob):
    """Three methods are due; there are an authenticator app and a mailbox."""
    kinds.allow("email")
    kinds.allow("authenticator")
    policy(methods_to_register=3, more_methods_days=0, home_country="US")
    kinds.register(bob, "authenticator")
    Registration.objects.update(is_default=False)
    has_method(bob)


def test_a_mailbox_does_not_add_a_second_app(client, bob, overdue):
    post_password(client, "bob")
    response = client.post(VERIFY, {"code": code_sent()})
    assert response["Location"] == KEEP_SECURE

    page = client.get("/keep-secure/authenticator/")

    assert page["Location"] == KEEP_SECURE
    assert "authenticator" not in client.get("/keep-secure/choose/").content.decode()


def test_a_person_who_can_add_nothing_by_this_proof_is_let_in_all_the_same(client, bob, overdue):
    kinds.allow("email", maximum=1)
    post_password(client, "bob")

    response = client.post(VERIFY, {"code": code_sent()})

    assert response["Location"] == HOME
    assert Session.objects.get(user=bob).strongest == Strength.WEAK


def test_a_mailbox_that_is_all_there_is_adds_an_app(client, bob):
    """Whoever has nothing stronger can't be asked for it."""
    kinds.allow("authenticator")
    policy(more_methods_days=0)
    has_method(bob)
    post_password(client, "bob")

    response = client.post(VERIFY, {"code": code_sent()})

    assert response["Location"] == KEEP_SECURE
    assert client.get("/keep-secure/authenticator/").status_code == 200


def test_what_is_added_beside_another_method_is_not_trusted_at_once(client, bob):
    """K9: whoever has the mailbox and the password must not have a trusted app a minute later."""
    kinds.allow("authenticator")
    policy(more_methods_days=0)
    has_method(bob)
    post_password(client, "bob")
    client.post(VERIFY, {"code": code_sent()})
    client.get("/keep-secure/authenticator/")
    client.post(
        "/keep-secure/authenticator/", kinds.right(Challenge.objects.get(purpose="register"))
    )

    app = Registration.objects.get(kind="authenticator", confirmed=True)

    assert app.is_new()
    assert not app.is_default


def test_what_the_first_registration_sets_up_is_trusted_at_once(client, bob):
    kinds.allow("authenticator")
    post_password(client, "bob")
    client.get("/keep-secure/authenticator/")
    client.post(
        "/keep-secure/authenticator/", kinds.right(Challenge.objects.get(purpose="register"))
    )

    app = Registration.objects.get(kind="authenticator", confirmed=True)

    assert not app.is_new()
    assert app.is_default
