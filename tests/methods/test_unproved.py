"""Kinds that need no proof: what was entered counts at once, and once only."""

from __future__ import annotations

import pytest
from django.db.models.signals import post_save
from django.test import Client

from methods import registrations, registry
from methods.models import Challenge, Registration
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.accounts.doors import main_of, post_sign_in
from tests.methods import token

pytestmark = pytest.mark.django_db

START = "/security-info/add/token/"
ONE, OTHER = {"serial": "S-1234", "attempt": "one"}, {"serial": "S-5678", "attempt": "other"}


@pytest.fixture(autouse=True)
def unproved(monkeypatch):
    method = token.install(monkeypatch)
    monkeypatch.setattr(token.TokenMethod, "needs_proof", False)
    kinds.allow(token.KIND, maximum=2)
    return method


def serials(user) -> list[str]:
    found = Registration.objects.of(user).confirmed().filter(kind=token.KIND)
    return [each.details["serial"] for each in found]


def test_it_counts_recorded_and_told_without_a_challenge(bob, signed_in):
    browser = signed_in(bob)

    page = browser.post(START, ONE, follow=True)

    assert serials(bob) == ["S-1234"]
    assert "Token, ending 34, was added. We told you" in main_of(page)
    assert Event.objects.filter(tag=tags.METHOD_REGISTERED).count() == 1
    assert Message.objects.filter(user=bob).count() == 1
    assert not Challenge.objects.exists()


def test_the_form_ends_with_done_and_names_itself(bob, signed_in):
    page = main_of(signed_in(bob).get(START))

    assert ">Done</button>" in page
    assert ">Next</button>" not in page
    assert 'name="attempt"' in page


def test_a_form_with_a_proof_to_follow_does_not(bob, signed_in):
    kinds.allow("email")

    page = main_of(signed_in(bob).get("/security-info/add/email/"))

    assert ">Next</button>" in page
    assert 'name="attempt"' not in page


def test_a_second_click_adds_nothing_and_ends_on_the_same_page(bob, signed_in):
    browser = signed_in(bob)

    pages = [browser.post(START, ONE) for _ in range(2)]

    assert serials(bob) == ["S-1234"]
    assert [page["Location"] for page in pages] == ["/security-info/"] * 2
    assert Event.objects.filter(tag=tags.METHOD_REGISTERED).count() == 1


def test_a_second_click_at_the_maximum_is_no_refusal(bob, signed_in):
    kinds.allow(token.KIND, maximum=1)
    browser = signed_in(bob)

    browser.post(START, ONE)
    page = main_of(browser.post(START, ONE, follow=True))

    assert "was added." in page
    assert "You already have the most" not in page


def test_the_click_that_came_later_finds_what_the_first_one_added(bob):
    """Both have read the session before either wrote it."""
    first, second = Client(), Client()
    first.force_login(bob)
    second.cookies = first.cookies
    place = {"serial": "S-1234", "attempt": "one"}

    first.post(START, place)
    page = second.post(START, place | {"serial": "S-9999"})

    assert page.status_code == 302
    assert serials(bob) == ["S-1234"]


def test_another_form_adds_another_one(bob, signed_in):
    browser = signed_in(bob)

    for form in (ONE, OTHER):
        browser.post(START, form)

    assert serials(bob) == ["S-1234", "S-5678"]


@pytest.mark.parametrize("attempt", ["", "x" * 10_000, "é\x00"])
def test_a_form_without_a_good_name_is_taken_as_it_is(bob, signed_in, attempt):
    browser = signed_in(bob)

    for serial in ("S-1234", "S-5678"):
        browser.post(START, {"serial": serial} | ({"attempt": attempt} if not attempt else {}))
    refused = browser.post(START, {"serial": "S-0000", "attempt": attempt}, follow=True)

    assert serials(bob) == ["S-1234", "S-5678"]
    assert "You already have the most" in main_of(refused)


def test_the_same_value_is_refused_in_its_words(bob, signed_in):
    browser = signed_in(bob)
    browser.post(START, ONE)

    page = browser.post(START, ONE | {"attempt": "other"})

    assert page.status_code == 422
    assert "already added this method" in page.content.decode()
    assert serials(bob) == ["S-1234"]
    assert not Registration.objects.of(bob).under_way().exists()


def test_a_change_replaces_at_once_and_keeps_the_place(bob, signed_in):
    browser = signed_in(bob)
    browser.post(START, ONE)
    old = Registration.objects.get()
    change = f"/security-info/{old.uuid}/change/"

    pages = [browser.post(change, OTHER, follow=True) for _ in range(2)]

    new = Registration.objects.get()
    assert (new.pk, new.details["serial"]) == (old.pk, "S-5678")
    assert "Token, ending 78, was changed." in main_of(pages[0])
    assert Event.objects.filter(tag=tags.METHOD_CHANGED).count() == 1
    assert "Now:" not in main_of(browser.get(change))


def test_the_wizard_goes_on_with_it(bob, client):
    OrgPolicy.objects.update(methods_to_register=1)
    post_sign_in(client, "bob")

    done = client.post("/keep-secure/token/", ONE)
    again = client.post("/keep-secure/token/", ONE, follow=True)

    assert done["Location"] == "/keep-secure/summary/"
    assert again.redirect_chain[-1][0] == "/keep-secure/summary/"
    assert serials(bob) == ["S-1234"]
    assert Registration.objects.get().trusted_from is None


def test_there_is_nothing_to_verify(bob, signed_in):
    browser = signed_in(bob)
    browser.post(START, ONE)

    assert browser.get(START + "verify/")["Location"] == START
    assert browser.post(START + "verify/resend/")["Location"] == START
    assert browser.get(START + "verify/status/").status_code == 404


def test_it_is_added_with_its_event_and_its_notice_or_not_at_all(bob):
    """R086."""
    method = registry.get(token.KIND)
    draft = registrations.draft(bob, method, method.enrol(bob, {"serial": "S-1234"}))

    def fail(**_):
        raise RuntimeError

    post_save.connect(fail, sender=Message)
    try:
        with pytest.raises(RuntimeError):
            registrations.add_unproved(
                draft, ruleset=policy.current_for(bob), actor=kinds.actor_for(bob)
            )
    finally:
        post_save.disconnect(fail, sender=Message)

    assert not Registration.objects.exists()
    assert not Event.objects.exists()


def test_what_does_not_count_may_always_be_deleted(bob, signed_in):
    """MG6: the guard keeps what the organization asks for, and it never asked for this."""
    kinds.allow("questions")
    email, questions = kinds.register(bob), kinds.register(bob, "questions")
    browser = signed_in(bob)

    gone = browser.post(f"/security-info/{questions.uuid}/delete/", follow=True)
    kept = browser.post(f"/security-info/{email.uuid}/delete/", follow=True)

    assert "was deleted." in main_of(gone)
    assert "You need at least 2 methods." in main_of(kept)
    assert Registration.objects.get() == email
