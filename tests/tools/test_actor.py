"""Who acts, and from where."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.test import RequestFactory

from accounts.models import User
from securityinfo.actor import SYSTEM, Actor, Origin

HERE = Origin(request_id="0123456789abcdef", address="203.0.113.9", browser="Firefox on Linux")


def request_of(user, session_key: str = ""):
    request = RequestFactory().get("/")
    request.user, request.origin, request.session = user, HERE, SessionBase(session_key)
    return request


def test_a_visitor_is_nobody_from_somewhere():
    actor = Actor.of(request_of(AnonymousUser()))

    assert (actor.person, actor.role, actor.origin) == (None, "", HERE)


def test_a_signed_in_person_acts_with_role_and_session():
    bob = User(username="bob")

    actor = Actor.of(request_of(bob, "a session's key"))

    assert (actor.person, actor.role, actor.origin) == (bob.public_id, "person", HERE)
    assert actor.session == "a session's key"


def test_the_key_of_a_session_is_never_shown():
    """R125"""
    actor = Actor.of(request_of(User(username="bob"), "a session's key"))

    assert "a session's key" not in repr(actor)


def test_before_a_session_is_anybodys_a_flow_knows_who_acts():
    bob = User(username="bob")

    actor = Actor.of(request_of(AnonymousUser())).acting_as(bob)

    assert (actor.person, actor.origin, actor.session) == (bob.public_id, HERE, "")


def test_the_system_is_no_person():
    assert SYSTEM.person is None
    assert SYSTEM.origin == Origin()


def test_an_actor_cannot_be_changed():
    with pytest.raises(AttributeError):
        SYSTEM.role = "administrator"
