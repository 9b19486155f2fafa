"""K9, PR4: two methods added a minute ago are not enough for a new password."""

import pytest
from django.test import Client

from tests import kinds
from tests.flows import reset_steps as steps
from tests.flows.proofs import has
from tests.flows.reset_steps import CODE

pytestmark = pytest.mark.django_db


def test_new_methods_alone_reset_nothing(bob):
    kinds.allow("email")
    kinds.allow("authenticator")
    old = has(bob, "authenticator")
    mail = kinds.register(bob, "email", {"address": "stranger@example.com"})
    app = kinds.register(bob, "authenticator")
    assert mail.is_new()
    assert app.is_new()
    kinds.pass_time(minutes=5)
    stranger = Client()
    steps.identify(stranger)
    steps.choose(stranger, "email")
    steps.work()
    asked = stranger.post(CODE, {"code": steps.code_on_the_way()})

    offered = stranger.get(asked["Location"]).content.decode()

    assert str(old.uuid) in offered
    assert str(app.uuid) not in offered
