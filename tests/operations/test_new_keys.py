"""R116, F17: nobody notices that the keys change, neither half-way nor afterwards."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts import new_keys
from accounts.models import TrustedBrowser
from methods import courier, fingerprints, lookup, registrations, registry, undeliverable
from methods.admission import AlreadyAdded
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo import crypto
from securityinfo.messaging.models import Message, State
from securityinfo.operations import rotation
from securityinfo.policy import service as policies
from tests import kinds
from tests.accounts.doors import (
    HOME,
    VERIFY,
    code_sent,
    forget_what_was_sent,
    has_method,
    policy,
    post_password,
)
from tests.flows import reset_steps
from tests.flows.steps import lands

pytestmark = pytest.mark.django_db

OLD = "t1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEW = "t2:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture
def keys(settings):
    """`keys(NEW, OLD)`: what every process has from here on, the current one first."""

    def change(*pairs: str) -> None:
        settings.ENCRYPTION_KEYS = list(pairs)

    return change


@pytest.fixture(params=["half-way", "afterwards", "without the old key"])
def change_keys(request, keys):
    """The new key takes over; perhaps everything is rotated; perhaps the old one is dropped."""

    def change() -> None:
        keys(NEW, OLD)
        if request.param != "half-way":
            rotation.rotate()
        if request.param == "without the old key":
            keys(NEW)

    return change


def begin_again(user, kind: str):
    method = registry.get(kind)
    enrolment = method.enrol(user, kinds.fill_in(user, method))
    return registrations.draft(user, method, enrolment)


def test_a_code_on_its_way_is_right_while_the_keys_change(bob, keys):
    """The page asked for it before, the answer comes afterwards."""
    has_method(bob)
    browser = Client()
    post_password(browser, "bob")
    browser.get(VERIFY)
    code = code_sent()

    keys(NEW, OLD)

    assert lands(browser.post(VERIFY, {"code": code}), HOME)


def test_a_code_that_a_worker_sends_later_is_the_one_that_is_expected(bob, keys):
    """Page and worker may restart one after the other, as long as both have both keys."""
    has_method(bob)
    browser = Client()
    post_password(browser, "bob")
    browser.get(VERIFY)
    keys(NEW, OLD)
    sent = code_sent()
    keys(OLD, NEW)

    assert lands(browser.post(VERIFY, {"code": sent}), HOME)


def test_a_new_challenge_has_the_new_key(bob, keys):
    has_method(bob)
    browser = Client()
    keys(NEW, OLD)
    post_password(browser, "bob")
    browser.get(VERIFY)
    code = code_sent()

    challenge = Challenge.objects.get()
    assert code == crypto.derived_code(challenge.pk, bytes(challenge.nonce), 0, key_id="t2")
    assert code != crypto.derived_code(challenge.pk, bytes(challenge.nonce), 0, key_id="t1")


def test_a_reset_goes_on_while_the_keys_change(client, bob, registered, keys):
    for kind in ("email", "authenticator"):
        reset_steps.settled_method(registered, kind)
    reset_steps.identify(client)
    reset_steps.choose(client, "email")
    reset_steps.work()
    code = reset_steps.code_on_the_way()

    keys(NEW, OLD)
    answer = client.post(reset_steps.CODE, {"code": code})

    assert answer["Location"] == reset_steps.CHECK_2


def test_the_same_value_is_still_the_same(bob, registered, change_keys):
    kinds.allow("email")
    registered("email")
    kinds.pass_time(hours=1)
    change_keys()

    with pytest.raises(AlreadyAdded):
        kinds.begin(bob, registry.get("email"))


def test_a_text_and_a_call_to_one_number_are_still_one_channel(bob, registered, change_keys):
    """Two checks on one number would be one."""
    kinds.allow("sms")
    kinds.allow("call")
    text = registered("sms")
    change_keys()

    call = begin_again(bob, "call")

    assert call.channel == Registration.objects.get(pk=text.pk).channel


def test_the_helpdesk_still_finds_a_number(bob, registered, change_keys):
    kinds.allow("sms")
    found = registered("sms")
    number = found.method.full_value(found.details)
    change_keys()

    assert [each.pk for each in lookup.find(number)] == [found.pk]


def test_a_number_typed_for_a_reset_is_still_that_of_its_owner(bob, registered, change_keys):
    kinds.allow("sms")
    found = registered("sms")
    line = found.channel
    change_keys()

    again = Registration.objects.get(pk=found.pk)

    assert lookup.is_on(again, lookup.channel_of(again.method, again.details["number"]))
    assert not lookup.is_on(again, line[::-1])


def test_a_code_stays_answerable_when_its_fingerprints_are_made_anew(bob, registered, keys):
    registered("email")
    kinds.pass_time(hours=1)
    browser = Client()
    post_password(browser, "bob")
    browser.get(VERIFY)
    code = code_sent()
    keys(NEW, OLD)

    rotation.rotate()

    assert lands(browser.post(VERIFY, {"code": code}), HOME)


def test_a_code_asked_for_in_the_moment_of_the_new_fingerprint_is_sent_and_right(
    bob, registered, keys
):
    """The page had read the old one, and stored it when the new one was there."""
    method = registered("email")
    kinds.pass_time(hours=1)
    keys(NEW, OLD)
    browser = Client()
    post_password(browser, "bob")
    browser.get(VERIFY)
    rotation.rotate()
    asked = Challenge.objects.filter(closed_at=None)
    asked.update(destination=method.fingerprint)

    code = code_sent()
    courier.deliver(Message.objects.get(reference=asked.get().pk).pk)

    assert Message.objects.get(reference=asked.get().pk).state == State.SENT
    assert lands(browser.post(VERIFY, {"code": code}), HOME)


@pytest.mark.parametrize("kind", ["email", "authenticator"])
def test_an_answer_is_judged_while_its_fingerprint_is_made_anew(bob, registered, keys, kind):
    """Read by the page before, compared by it afterwards."""
    kinds.allow(kind)
    method = registered(kind)
    kinds.pass_time(hours=1)
    Registration.objects.update(last_counter=-1)
    challenge = kinds.ask(Registration.objects.get(pk=method.pk), purpose="sign_in")
    right = kinds.right(challenge)
    keys(NEW, OLD)

    rotation.rotate()

    assert kinds.confirm(challenge, right)


def test_another_address_than_it_was_sent_to_answers_nothing_while_the_keys_change(
    bob, registered, keys
):
    method = registered("email")
    kinds.pass_time(hours=1)
    challenge = kinds.ask(Registration.objects.get(pk=method.pk), purpose="sign_in")
    right = kinds.right(challenge)
    keys(NEW, OLD)

    Challenge.objects.update(destination=crypto.fingerprint("identity:email", "eve@example.net"))

    assert not kinds.confirm(challenge, right)


def test_a_number_that_cannot_be_reached_stays_so(bob, registered, keys):
    kinds.allow("sms")
    found = registered("sms")
    sent = Message.objects.filter(channel="text", destination=found.channel)
    sent.update(state=State.FAILED, reason="undeliverable", finished_at=Now())
    keys(NEW, OLD)

    rotation.rotate()

    channel = Registration.objects.get(pk=found.pk).channel
    assert channel != found.channel
    assert undeliverable.remembered("text", channel) == "undeliverable"


def test_a_trusted_browser_stays_trusted(bob, registered, change_keys):
    policy(trusted_browser_days=14, methods_to_register=1)
    registered("email")
    kinds.pass_time(hours=1)
    home = Client()
    post_password(home, "bob")
    home.get(VERIFY)
    assert lands(home.post(VERIFY, {"code": code_sent(), "trust": "on"}), HOME)
    home.post("/sign-out/")
    change_keys()
    forget_what_was_sent()

    assert lands(post_password(home, "bob"), HOME)
    assert TrustedBrowser.objects.count() == 1


def test_trust_that_had_ended_does_not_come_back(bob, registered, keys):
    """TB4: bound to other methods than there are."""
    policy(trusted_browser_days=14, methods_to_register=1)
    registered("email")
    TrustedBrowser.objects.create(user=bob, series="s", token="t", bound_to="another state")
    keys(NEW, OLD)

    new_keys.renew(bob)

    assert TrustedBrowser.objects.get().bound_to == "another state"


def test_one_value_under_two_keys_is_told_and_left(bob, registered, keys):
    """Only its owner can say which of the two is to go."""
    first = registered("email")
    keys(NEW)  # too early: nobody could see that it is the same
    enrolment = first.method.enrol(bob, kinds.fill_in(bob, first.method))
    second = registrations.draft(bob, first.method, enrolment)
    second.confirmed = True
    second.save()
    keys(NEW, OLD)

    result = rotation.rotate()

    assert result.damaged == [f"user {bob.pk} has the same value twice under two keys"]
    assert Registration.objects.get(pk=first.pk).fingerprint == first.fingerprint


def test_damaged_details_keep_their_fingerprint(bob, registered, keys):
    found = registered("email")
    Registration.objects.filter(pk=found.pk).update(details=has_method_of_somebody(found))
    keys(NEW, OLD)

    assert fingerprints.renew(bob) == 0
    assert Registration.objects.get(pk=found.pk).fingerprint == found.fingerprint


def has_method_of_somebody(found: Registration):
    """A sealed value that belongs to another row."""
    other = Registration(user=found.user, kind=found.kind, details={"address": "x@example.net"})
    return Registration._meta.get_field("details").seal(other, other.details)


def test_what_is_usable_stays_usable(bob, registered, change_keys):
    for kind in ("email", "authenticator"):
        kinds.allow(kind)
        registered(kind)
    change_keys()

    standing = Standing.of(bob, policies.current_for(bob))

    assert {each.kind for each in standing.usable} == {"email", "authenticator"}
