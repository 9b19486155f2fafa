"""The journey of one browser over HTTP: from the first sign-in to the list."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from accounts.models import User
from methods.models import Challenge, Registration
from tests.cast import PASSWORD


def code_of(user: User) -> str:
    """The code of the newest open challenge: what the person reads in the message."""
    challenge = Challenge.objects.filter(user=user, closed_at=None).latest("issued_at")
    return challenge.prompt({}).code


def test_a_new_person_is_led_to_the_list(bob):
    browser = Client()

    password = {"name": "bob", "password": PASSWORD}
    asked = browser.post(reverse("accounts:sign-in"), password, follow=True)
    address = {"address": "bob@example.net"}
    typed = browser.post(
        reverse("accounts:keep-secure-set-up", args=["email"]), address, follow=True
    )
    proved = browser.post(
        reverse("accounts:keep-secure-verify", args=["email"]), {"code": code_of(bob)}, follow=True
    )
    done = browser.post(reverse("accounts:keep-secure-summary"), follow=True)

    assert asked.redirect_chain[-1][0] == reverse("accounts:keep-secure")
    assert b"bob@example.net" in typed.content
    assert proved.redirect_chain[-1][0] == reverse("accounts:keep-secure-summary")
    assert done.redirect_chain[-1][0] == reverse("methods:list")
    assert Registration.objects.of(bob).confirmed().get().is_default
