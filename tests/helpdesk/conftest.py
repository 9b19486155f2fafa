"""An agent at the desk, and a caller with methods."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.helpdesk.steps import open_case


@pytest.fixture
def agent(carol, signed_in) -> Client:
    """Carol's browser."""
    return signed_in(carol)


@pytest.fixture
def dave(make_person) -> User:
    """A member who lost his phone."""
    return make_person("dave", full_name="Dave Dune", employee_number="E-77")


@pytest.fixture
def methods_of_dave(dave) -> dict[str, Registration]:
    """By kind: an app and a number on the lost phone, and an address."""
    found = {}
    for kind in ("authenticator", "sms", "email"):
        kinds.allow(kind)
        found[kind] = kinds.register(dave, kind)
    # As if all of it had been long ago: nothing is new, no step of the app's clock is used up.
    Registration.objects.update(trusted_from=None, last_counter=-1)
    Message.objects.all().delete()
    Challenge.objects.all().delete()  # or nothing could be sent yet
    Counter.objects.all().delete()
    return found


@pytest.fixture
def case(agent, dave, methods_of_dave) -> Client:
    """Carol's browser with an open case for dave."""
    open_case(agent, dave)
    return agent
