"""R092: a stranger with the password stops the owner's call, in the owner's known browser."""

import pytest
from django.test import Client

from methods import calls
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import VERIFY, post_password
from tests.flows.proofs import has, newest

pytestmark = pytest.mark.django_db


def test_guesses_elsewhere_do_not_stop_the_owners_call_here(bob):
    kinds.allow("call")
    kinds.allow("authenticator")
    phone, app = has(bob, "call"), has(bob, "authenticator")
    owner = Client()
    post_password(owner, "bob")
    challenge = newest()
    number = challenge.prompt(phone.details).number
    calls.keys_pressed(Message.objects.get(reference=challenge.pk), number)
    assert owner.post(VERIFY, {"go_on": "yes"}).status_code == 302
    owner.post("/sign-out/")
    kinds.pass_time(hours=1)

    stranger = Client()
    post_password(stranger, "bob", REMOTE_ADDR="203.0.113.9")
    stranger.post("/sign-in/another-way/", {"way": str(app.uuid)})
    for _ in range(5):
        stranger.post(VERIFY, {"code": "000000"}, REMOTE_ADDR="203.0.113.9")

    kinds.pass_time(hours=1)
    post_password(owner, "bob")
    challenge = newest(registration=phone, closed_at=None)
    keyed = calls.keys_pressed(
        Message.objects.get(reference=challenge.pk), challenge.prompt(phone.details).number
    )
    assert keyed is Keyed.RIGHT, f"the owner keyed the right number: {keyed}"
