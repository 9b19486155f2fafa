"""C6, N9: one wrong call is one wrong answer."""

import pytest

from methods import calls
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import VERIFY
from tests.flows.proofs import has, newest, proving

pytestmark = pytest.mark.django_db


def test_one_wrong_call_is_one_wrong_answer(bob):
    kinds.allow("call")
    has(bob, "call")
    stranger = proving(bob)  # knows the password; the phone rings, nobody answers it
    challenge = newest()
    message = Message.objects.get(reference=challenge.pk)
    calls.keys_pressed(message, "")
    before = Event.objects.filter(tag="limit.reached").count()
    for _ in range(60):
        stranger.post(VERIFY, {"go_on": "yes"})
    reached = Event.objects.filter(tag="limit.reached").count() - before

    assert not reached
