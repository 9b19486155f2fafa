"""NO5 (ii): the same method added, deleted and added again: no mailed link suspends what stays."""

import pytest
from django.test import Client
from django.urls import reverse

from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from tests import kinds
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def add_app(thief):
    thief.get(reverse("methods:set-up", args=["authenticator"]))
    thief.post(
        reverse("methods:set-up", args=["authenticator"]),
        kinds.right(
            Challenge.objects.filter(purpose="register", closed_at=None).latest("created_at")
        )
        | {"name": "Phone"},
    )
    return Registration.objects.confirmed().get(kind="authenticator")


def test_some_link_that_was_mailed_suspends_the_strangers_method(bob, signed_in):
    kinds.allow("authenticator")
    kinds.allow("email")
    has(bob, "email")
    has(bob, "email", {"address": "second@example.net"})
    thief = signed_in(bob)
    for turn in range(3):
        app = add_app(thief)
        if turn < 2:
            assert thief.post(reverse("methods:delete", args=[app.uuid])).status_code == 302
    notices = [m.sealed for m in Message.objects.filter(category="notice") if m.sealed]
    links = {n["link"] for n in notices if n["link"]}
    owner = Client()
    for link in links:  # the owner presses every link of every mail, those still waiting too
        owner.post(
            link.partition("://")[2].partition("/")[1] + link.partition("://")[2].partition("/")[2]
        )
    app.refresh_from_db()
    bob.refresh_from_db()
    assert bob.frozen_at
    assert app.suspended_at, f"{len(links)} links pressed; the stranger's app still signs in"


def test_and_the_stranger_keeps_the_account(bob, signed_in):
    """All links pressed; then the stranger chooses the new password."""
    from tests.accounts.doors import VERIFY, is_signed_in, post_password
    from tests.flows.proofs import app_code

    kinds.allow("authenticator")
    kinds.allow("email")
    has(bob, "email")
    has(bob, "email", {"address": "second@example.net"})
    thief = signed_in(bob)
    for turn in range(3):
        app = add_app(thief)
        if turn < 2:
            thief.post(reverse("methods:delete", args=[app.uuid]))
    for link in {
        m.sealed["link"]
        for m in Message.objects.filter(category="notice")
        if m.sealed and m.sealed["link"]
    }:
        Client().post("/" + link.split("/", 3)[3])
    stranger = Client()
    kinds.pass_time(hours=1)
    assert post_password(stranger, "bob")["Location"] == VERIFY
    stranger.post("/sign-in/another-way/", {"way": str(app.uuid)})
    Registration.objects.filter(pk=app.pk).update(last_counter=-1)
    stranger.post(VERIFY, app_code(app))
    stranger.post("/sign-in/new-password/", {"new_password": "otters juggle lanterns"})
    assert not is_signed_in(stranger), (
        "signed in with the app that was disowned, under a password of the stranger's"
    )
