"""R066, R117: who sees a whole address, and how a code is asked for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from tests import kinds
from tests.accounts.doors import has_method, post_sign_in
from tests.pages import crawl

pytestmark = pytest.mark.django_db

ADDRESS = "canary-5a7e@private.example"


def shows(client: Client) -> list[str]:
    """Pages with the whole address, of all that links lead to."""
    found = crawl.crawl(client).items()
    return [page for page, answer in found if ADDRESS in answer.content.decode(errors="replace")]


def test_an_administrator_sees_masks_only(signed_in, ada: User, bob: User) -> None:
    """R117, K5."""
    has_method(bob, ADDRESS)
    admin = signed_in(ada)

    pages = [
        f"accounts/user/{bob.pk}/change/",
        "accounts/user/",
        "methods/registration/",
        f"methods/registration/{bob.registration_set.get().pk}/change/",
        "methods/challenge/",
        "audit/event/",
    ]

    assert shows(admin) == []
    for page in pages:
        assert ADDRESS not in admin.get(f"/admin/{page}").content.decode(), page
    assert "c•••@private.example" in admin.get(f"/admin/{pages[0]}").content.decode()


def test_the_owner_sees_it_only_freshly_proved(signed_in, bob: User) -> None:
    """R117, K5."""
    has_method(bob, ADDRESS)
    owner = signed_in(bob)

    assert reverse("methods:list") in shows(owner)
    Session.objects.update(fresh_at=None)
    assert shows(owner) == []


def test_before_the_last_step_there_is_not_even_a_mask(client: Client, bob: User) -> None:
    """R117: nobody learns by name alone which methods somebody has."""
    has_method(bob, ADDRESS)

    answer = post_sign_in(client, "bob", "not the password")

    assert "private.example" not in answer.content.decode()
    assert shows(client) == []


def test_the_page_of_a_code_asks_once_and_lets_phones_fill_it_in(signed_in, bob: User) -> None:
    """R066: one field, pasting allowed, a button that can be seen, the end of its time stated."""
    browser = signed_in(bob)
    browser.post(reverse("methods:set-up", args=["email"]), {"address": ADDRESS})

    page = browser.get(reverse("methods:verify", args=["email"])).content.decode()

    assert page.count('name="code"') == 1
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "onpaste" not in page
    assert "<time" in page
    assert '<button class="button button-main" type="submit">' in page


def test_what_one_browser_has_typed_is_shown_in_no_other(bob, signed_in):
    """K5: the other one may know no more than the password. "Call me instead" works in its own."""
    kinds.allow("sms")
    kinds.allow("call")
    own, other = signed_in(bob), signed_in(bob)
    own.post(reverse("methods:set-up", args=["sms"]), {"country": "NL", "number": "0687654321"})

    pages = [
        browser.get(reverse("methods:set-up", args=["call"])).content.decode()
        for browser in (own, other)
    ]

    assert ["06 87654321" in page for page in pages] == [True, False]
