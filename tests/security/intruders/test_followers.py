"""K9, SU4: a new method changes no older one by the box "change the other too" (CA7)."""

import pytest
from django.urls import reverse

from accounts.models import Session
from methods.models import Registration
from tests import kinds
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_a_new_method_does_not_change_an_older_one(bob, signed_in):
    for kind in ("sms", "call", "authenticator"):
        kinds.allow(kind)
    number = {"country": "NL", "number": "06 12345678"}
    old = has(bob, "call", number | {"type": "mobile"})
    assert kinds.register(bob, "authenticator").is_new()  # the stranger's
    thief = signed_in(bob)
    Session.objects.update(is_settled=False, strength=2, strongest=2)  # confirmed with it
    refused = thief.get(reverse("methods:change", args=[old.uuid]))
    assert refused["Location"].startswith("/confirm/")  # rightly: an older one
    thief.post(reverse("methods:set-up", args=["sms"]), {"proven_by": str(old.uuid), "number": ""})
    new = Registration.objects.confirmed().get(kind="sms")
    assert new.is_new()
    page = reverse("methods:change", args=[new.uuid])

    assert thief.get(page)["Location"].startswith("/confirm/")
