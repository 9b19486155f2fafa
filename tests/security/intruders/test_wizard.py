"""K9: a new method of the wizard doesn't make the session settled."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from methods.models import Challenge, Registration
from tests import kinds
from tests.accounts.doors import VERIFY, code_sent, policy, post_password
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_a_new_method_of_the_wizard_deletes_no_older_one(bob):
    """Password and mailbox. The text method can't be reached for now, so one is missing."""
    for kind in ("email", "sms", "authenticator"):
        kinds.allow(kind)
    _mail, text = has(bob, "email"), has(bob, "sms")
    Registration.objects.filter(pk=text.pk).update(
        undeliverable="undeliverable", undeliverable_at=timezone.now()
    )
    policy(more_methods_days=0)
    thief = Client()
    assert post_password(thief, "bob")["Location"] == VERIFY
    assert thief.post(VERIFY, {"code": code_sent()})["Location"] == "/keep-secure/"
    page = reverse("accounts:keep-secure-set-up", args=["authenticator"])
    thief.get(page)
    thief.post(page, kinds.right(Challenge.objects.filter(purpose="register").latest("created_at")))
    thief.post("/keep-secure/summary/")
    assert Registration.objects.get(kind="authenticator").is_new()
    row = Session.objects.get(user=bob)
    assert (row.strength, row.is_settled) != (2, True), (
        "proved strongly and settled, by a method one minute old"
    )


def test_and_so_it_deletes_an_older_one(bob):
    for kind in ("email", "sms", "authenticator"):
        kinds.allow(kind)
    _mail, text = has(bob, "email"), has(bob, "sms")
    Registration.objects.filter(pk=text.pk).update(
        undeliverable="undeliverable", undeliverable_at=timezone.now()
    )
    policy(more_methods_days=0)
    thief = Client()
    post_password(thief, "bob")
    thief.post(VERIFY, {"code": code_sent()})
    page = reverse("accounts:keep-secure-set-up", args=["authenticator"])
    thief.get(page)
    thief.post(page, kinds.right(Challenge.objects.filter(purpose="register").latest("created_at")))
    thief.post("/keep-secure/summary/")
    answer = thief.post(reverse("methods:delete", args=[text.uuid]))
    assert Registration.objects.filter(pk=text.pk).exists(), answer["Location"]
