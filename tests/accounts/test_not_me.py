"""This wasn't me: the link, the page, and what a press does (NO5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.signing import TimestampSigner
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import disown
from accounts.models import Disowning, Session, TrustedBrowser, User
from methods.models import Challenge, Registration
from securityinfo import disown_links
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import (
    HOME,
    VERIFY,
    is_signed_in,
    main_of,
    policy,
    post_password,
    post_sign_in,
)
from tests.flows.steps import text_of

pytestmark = pytest.mark.django_db

GONE = "This link no longer works. If something is wrong, contact your IT helpdesk."


def event_about(user: User, tag: str = tags.SIGN_IN_COMPLETED, **facts: object) -> Event:
    return log.record(tag, actor=kinds.actor_for(user), subject=user.public_id, **facts)


def link(event: Event) -> str:
    return disown_links.page_for(event.pk)


@pytest.fixture
def added(bob, registered) -> tuple[Registration, Event]:
    """A method that somebody has added to bob's, and the event of it."""
    kinds.allow("email")
    registered(form={"address": "bob@example.net"})
    registration = registered(form={"address": "stranger@example.com"})
    kinds.pass_time(minutes=5)
    return registration, Event.objects.filter(tag=tags.METHOD_REGISTERED).latest("pk")


@pytest.fixture
def visitor() -> Client:
    return Client()


def state_of(user: User) -> tuple[object, ...]:
    user.refresh_from_db()
    return (
        user.frozen_at,
        user.must_change_password,
        user.access_epoch,
        Session.objects.of(user).count(),
        Event.objects.count(),
        Message.objects.count(),
        Disowning.objects.count(),
        list(Registration.objects.of(user).values_list("suspended_at", flat=True)),
    )


# --- The link -------------------------------------------------------------------------------------


def test_the_page_says_what_happened_and_what_a_press_will_do(visitor, bob, added):
    _registration, event = added

    page = visitor.get(link(event))

    assert page.status_code == 200
    words = text_of(page)
    assert "Email, s•••@example.com was added" in words
    assert (
        "If you go on: everybody is signed out of your account, the method is suspended, changes "
        "and password reset are frozen until the helpdesk has talked to you, and you choose a new "
        "password when you next sign in." in words
    )
    assert "Protect my account" in words
    assert "stranger@example.com" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_looking_changes_nothing(visitor, bob, added):
    """A mail program that opens every link protects nobody, and locks nobody out."""
    before = state_of(bob)

    visitor.get(link(added[1]))
    visitor.head(link(added[1]))

    assert state_of(bob) == before


def test_the_link_works_once(visitor, bob, added):
    address = link(added[1])

    done = visitor.post(address, follow=True)
    again = visitor.get(address)

    assert "Your account is protected. Contact your IT helpdesk now." in text_of(done)
    assert again.status_code == 410
    assert GONE in text_of(again)


def test_the_second_click_of_two_is_told_that_it_is_done(visitor, bob, added):
    address = link(added[1])

    answers = [visitor.post(address) for _ in range(2)]

    assert [each["Location"] for each in answers] == [f"{address}done/"] * 2
    assert Event.objects.filter(tag=tags.ACCOUNT_DISOWNED).count() == 1
    protected = [each.sealed["subject"] for each in _notices_of(bob)]
    assert protected.count("Your account is protected") == 3  # contacts


def _notices_of(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user, category="notice"))


def test_the_link_works_for_ten_days(visitor, bob):
    event = event_about(bob)
    address = link(event)

    with time_machine.travel(timezone.now() + timedelta(days=9, hours=23)):
        assert visitor.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=10, seconds=2)):
        late = visitor.get(address)
        assert late.status_code == 410
        assert GONE in text_of(late)
        assert visitor.post(address).status_code == 410

    assert not Disowning.objects.exists()


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "2" + token,
        lambda token: TimestampSigner(salt="another", sep=".").sign(token.split(".")[0]),
        lambda token: disown_links.token_for(99_999_999),
        lambda token: "x",
    ],
    ids=["signature", "another event", "signed for something else", "no such event", "nonsense"],
)
def test_a_forged_link_does_nothing(visitor, bob, forge):
    token = disown_links.token_for(event_about(bob).pk)
    forged = f"/security-info/activity/not-me/{forge(token)}/"
    before = state_of(bob)

    answers = [visitor.get(forged), visitor.post(forged), visitor.get(f"{forged}done/")]

    assert [each.status_code for each in answers] == [410, 410, 410]
    assert all(GONE in text_of(each) for each in answers)
    assert state_of(bob) == before


def test_the_done_page_of_an_event_that_nobody_disowned_promises_nothing(visitor, bob):
    assert visitor.get(f"{link(event_about(bob))}done/").status_code == 410


def test_an_event_about_nobody_has_no_page_that_breaks(visitor):
    event = log.record(tags.POLICY_SAVED, actor=Actor(role="administrator"))

    assert visitor.post(link(event)).status_code == 410


def test_a_form_of_another_site_protects_nothing(bob):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(link(event_about(bob))).status_code == 403
    assert not Disowning.objects.exists()


def test_eve_who_opens_bobs_link_freezes_bob_and_stays_signed_in(bob, eve, signed_in):
    """The link is the owner's word, whoever is signed in where it is opened."""
    hers = signed_in(eve)

    hers.post(link(event_about(bob)))

    bob.refresh_from_db()
    eve.refresh_from_db()
    assert (bob.frozen_at is None, eve.frozen_at is None) == (False, True)
    assert is_signed_in(hers)


def test_it_was_me_leads_back_and_changes_nothing(visitor, bob, signed_in):
    event = event_about(bob)

    assert 'href="/sign-in/"' in main_of(visitor.get(link(event)))
    assert 'href="/security-info/activity/"' in main_of(signed_in(bob).get(link(event)))


def test_presses_are_counted_by_the_address_they_come_from(visitor, bob):
    for _ in range(limits.DISOWNINGS_BY_ADDRESS.hits):
        visitor.post(link(event_about(bob)))
    another = link(event_about(bob))

    refused = visitor.post(another)
    elsewhere = visitor.post(another, REMOTE_ADDR="198.51.100.7")

    assert (refused.status_code, elsewhere.status_code) == (429, 302)


def test_every_entry_of_recent_activity_has_it(bob, eve, signed_in):
    event, hers = event_about(bob), event_about(eve)

    page = main_of(signed_in(bob).get("/security-info/activity/"))

    assert f"/not-me/{event.pk}." in page
    assert f"/not-me/{hers.pk}." not in page


# --- What a press does ----------------------------------------------------------------------------


def test_five_sessions_and_a_sign_in_under_way_are_over_at_the_next_request(bob, added, signed_in):
    """R069."""
    browsers = [signed_in(bob) for _ in range(5)]
    half_way = Client()
    assert post_password(half_way, "bob")["Location"] == VERIFY

    disown.protect(added[1], Actor())

    assert [is_signed_in(each) for each in browsers] == [False] * 5
    assert half_way.get(VERIFY)["Location"] == "/sign-in/"


def test_trusted_browsers_are_forgotten(bob):
    TrustedBrowser.objects.create(user=bob, series="s", token="t", bound_to="b")

    disown.protect(event_about(bob), Actor())

    assert not TrustedBrowser.objects.exists()


def test_whoever_presses_while_signed_in_is_signed_out(bob, signed_in):
    client = signed_in(bob)

    done = client.post(link(event_about(bob)), follow=True)

    assert done.status_code == 200
    assert not is_signed_in(client)


def test_the_method_that_was_added_is_suspended_and_its_codes_end(bob, added):
    registration, event = added
    challenge = kinds.ask(registration)

    disown.protect(event, Actor())

    registration.refresh_from_db()
    assert registration.suspended_at is not None
    assert Challenge.objects.get(pk=challenge.pk).closed_at is not None
    others = Registration.objects.of(bob).confirmed().exclude(pk=registration.pk)
    assert [each.suspended_at for each in others] == [None]
    assert Event.objects.filter(tag=tags.METHOD_SUSPENDED, kind="email").count() == 1


def test_the_method_that_was_changed_is_suspended(bob, added, registered):
    registration, _event = added
    kinds.register(bob, form={"address": "bobby@example.com"}, replaces=registration)

    disown.protect(Event.objects.get(tag=tags.METHOD_CHANGED), Actor())

    registration.refresh_from_db()
    assert registration.suspended_at is not None


@pytest.mark.parametrize("tag", [tags.METHOD_RENAMED, tags.METHOD_DELETED, tags.SIGN_IN_COMPLETED])
def test_what_brought_no_method_suspends_none(bob, added, tag):
    registration, _event = added

    disown.protect(event_about(bob, tag, method=registration.uuid), Actor())

    assert not Registration.objects.exclude(suspended_at=None).exists()


def test_the_event_of_one_person_never_suspends_the_method_of_another(bob, eve, added):
    registration, _event = added

    disown.protect(event_about(eve, tags.METHOD_REGISTERED, method=registration.uuid), Actor())

    registration.refresh_from_db()
    assert registration.suspended_at is None


def test_the_account_is_frozen_and_a_new_password_is_due(bob):
    disown.protect(event_about(bob), Actor())

    bob.refresh_from_db()
    assert bob.frozen_at is not None
    assert bob.must_change_password


def test_it_is_recorded_step_by_step(bob, added):
    disown.protect(added[1], Actor())

    found = Event.objects.filter(pk__gt=added[1].pk).order_by("pk").values_list("tag", flat=True)
    assert list(found) == [tags.ACCOUNT_DISOWNED, tags.METHOD_SUSPENDED, tags.ACCOUNT_FROZEN]
    assert Event.objects.get(tag=tags.ACCOUNT_DISOWNED).facts == {"event": added[1].pk}


def test_links_of_two_events_both_work_and_the_account_is_frozen_once(bob, added):
    first = event_about(bob)
    disown.protect(first, Actor())
    bob.refresh_from_db()
    since = bob.frozen_at

    assert disown.protect(added[1], Actor())

    bob.refresh_from_db()
    added[0].refresh_from_db()
    assert bob.frozen_at == since
    assert added[0].suspended_at is not None
    assert Event.objects.filter(tag=tags.ACCOUNT_FROZEN).count() == 1
    assert Event.objects.filter(tag=tags.ACCOUNT_DISOWNED).count() == 2


def test_every_contact_is_told_the_suspended_one_too(bob, added):
    """N15."""
    Message.objects.all().delete()

    disown.protect(added[1], Actor())

    messages = Message.objects.filter(user=bob)
    assert {each.sealed["to"] for each in messages} == {
        "bob@example.org",
        "bob@example.net",
        "stranger@example.com",
    }
    assert {each.sealed["subject"] for each in messages} == {"Your account is protected"}
    assert {each.sealed["link"] for each in messages} == {""}


def test_every_administrator_is_told_by_mail(bob, ada, make_person):
    """N15."""
    make_person("adam", role="administrator", is_active=False)

    disown.protect(event_about(bob), Actor())

    (message,) = Message.objects.exclude(user=bob)
    assert message.user == ada
    assert message.sealed["to"] == "ada@example.org"
    assert "The account of bob is protected and frozen." in message.sealed["sentences"]


def test_all_of_it_happens_or_nothing(bob, added, monkeypatch):
    """R086: a fault in the last step."""

    def fault(*_args: object, **_named: object) -> None:
        raise RuntimeError

    before = state_of(bob)
    monkeypatch.setattr(alarms, "account_disowned", fault)

    with pytest.raises(RuntimeError), transaction.atomic():
        disown.protect(added[1], Actor())

    assert state_of(bob) == before


# --- Signing in afterwards ------------------------------------------------------------------------


def test_a_method_that_is_left_still_signs_in_and_a_new_password_is_chosen(bob, added, client):
    disown.protect(added[1], Actor())

    step = post_sign_in(client, "bob")
    page = client.post(step["Location"], {"new_password": "otters juggle lanterns"})

    assert step["Location"] == "/sign-in/new-password/"
    assert (page.status_code, page["Location"]) == (302, HOME)
    assert is_signed_in(client)


@pytest.mark.parametrize("required", [True, False])
def test_with_no_method_that_is_left_nobody_signs_in_by_password(bob, client, required):
    """RR11: and nothing is registered either."""
    policy(registration_required=required)
    disown.protect(event_about(bob), Actor())

    page = client.get(post_password(client, "bob")["Location"])

    assert "You can't sign in with your methods right now." in text_of(page)
    assert client.get("/keep-secure/").status_code == 302
    assert not is_signed_in(client)


def test_a_suspended_method_alone_signs_nobody_in(bob, client, registered):
    kinds.allow("email")
    registered()
    disown.protect(Event.objects.get(tag=tags.METHOD_REGISTERED), Actor())

    page = client.get(post_password(client, "bob")["Location"])

    assert "You can't sign in with your methods right now." in text_of(page)


def test_a_method_that_policy_has_taken_away_opens_no_frozen_account(bob, client, registered):
    kinds.allow("email")
    registered()
    kinds.allow("email", state="off")
    disown.protect(event_about(bob), Actor())

    page = client.get(post_password(client, "bob")["Location"])

    assert "You can't sign in with your methods right now." in text_of(page)


def test_too_few_methods_hold_nobody_up_while_the_account_is_frozen(bob, added, client):
    policy(methods_to_register=3, more_methods_days=0)
    disown.protect(added[1], Actor())
    step = post_sign_in(client, "bob")

    page = client.post(step["Location"], {"new_password": "otters juggle lanterns"})

    assert page["Location"] == HOME
