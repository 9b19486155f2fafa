"""A number shared by text and call: one is changed, the other may follow with the same proof."""

from __future__ import annotations

import pytest
from django.urls import reverse

from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import MethodRule, OrgPolicy
from tests import kinds

pytestmark = pytest.mark.django_db

TEXT, CALL = "sms", "call"
OLD, NEW = "+31612345678", "+447400123456"
NUMBER = {"country": "NL", "number": "06 12345678"}
OTHER = {"country": "GB", "number": "07400 123456"}
BOXES = {
    TEXT: "Change it for text messages too",
    CALL: "Change it for phone calls too",
}


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow(TEXT)
    kinds.allow(CALL)


@pytest.fixture
def shared(bob) -> dict[str, Registration]:
    """One number for texts and for calls."""
    text = kinds.register(bob, TEXT, NUMBER)
    kinds.pass_time(hours=1)
    call = kinds.register(bob, CALL, NUMBER | {"type": "mobile"})
    kinds.pass_time(hours=1)
    return {TEXT: text, CALL: call}


def page_of(registration: Registration) -> str:
    return reverse("methods:change", args=[registration.uuid])


def filled(registration: Registration, form: dict, *followers: Registration) -> dict:
    type_ = {"type": registration.details.get("type", "")}
    return type_ | form | {f"also-{each.uuid}": "on" for each in followers}


def send(browser, registration: Registration, form: dict, *followers: Registration):
    return browser.post(page_of(registration), filled(registration, form, *followers))


def asked() -> Challenge:
    return Challenge.objects.select_related("registration").latest("created_at")


def prove(browser, registration: Registration):
    """Answer rightly, and read the page that follows."""
    url = reverse("methods:change-verify", args=[registration.uuid])
    return browser.post(url, kinds.right(asked()), follow=True).content.decode()


def numbers(user) -> dict[str, str]:
    confirmed = Registration.objects.of(user).confirmed()
    return {each.kind: each.details["number"] for each in confirmed}


@pytest.mark.parametrize(("first", "second"), [(TEXT, CALL), (CALL, TEXT)])
def test_the_box_is_there_and_ticked(bob, signed_in, shared, first, second):
    """CA7."""
    page = signed_in(bob).get(page_of(shared[first]))

    box = page.context["form"][f"also-{shared[second].uuid}"]
    assert box.label == BOXES[second]
    assert "checked" in str(box)
    assert BOXES[second] in page.content.decode()
    assert BOXES[first] not in page.content.decode()


@pytest.mark.parametrize(("first", "second"), [(TEXT, CALL), (CALL, TEXT)])
def test_one_proof_changes_both(bob, signed_in, shared, first, second):
    """CA7: each is recorded and told; nothing is sent for the second; both stay what they are."""
    browser, sent = signed_in(bob), Message.objects.filter(category="code").count()
    send(browser, shared[first], OTHER, shared[second])
    Message.objects.filter(category="notice").delete()

    page = prove(browser, shared[first])

    assert numbers(bob) == {TEXT: NEW, CALL: NEW}
    assert Message.objects.filter(category="code").count() == sent + 1
    changed = Event.objects.filter(tag="method.changed")
    assert {each.kind for each in changed} == {TEXT, CALL}
    assert page.count("was changed. We told you") == 2
    told = [each.sealed for each in Message.objects.filter(category="notice", channel="text")]
    assert {each["to"] for each in told} == {OLD, NEW}
    mails = Message.objects.filter(category="notice", channel="email")
    assert len({each.reference for each in mails}) == 2
    assert Registration.objects.of(bob).under_way().count() == 0
    for each in shared.values():
        before = each.uuid, each.is_default, each.details.get("type")
        each.refresh_from_db()
        assert (each.uuid, each.is_default, each.details.get("type")) == before
        assert each.is_new()


def test_both_work_until_the_new_number_is_proved(bob, signed_in, shared):
    """R022, CA7."""
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER, shared[CALL])
    verify = reverse("methods:change-verify", args=[shared[TEXT].uuid])

    browser.post(verify, kinds.wrong(asked()))

    assert numbers(bob) == {TEXT: OLD, CALL: OLD}
    assert not Event.objects.filter(tag="method.changed").exists()


def test_without_the_tick_only_one_is_changed(bob, signed_in, shared):
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER)

    prove(browser, shared[TEXT])

    assert numbers(bob) == {TEXT: NEW, CALL: OLD}


def test_whoever_goes_back_finds_the_box_as_it_was_left(bob, signed_in, shared):
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER)

    page = browser.get(page_of(shared[TEXT]))

    assert "checked" not in str(page.context["form"][f"also-{shared[CALL].uuid}"])


def test_the_box_of_the_second_click_counts(bob, signed_in, shared):
    """Back, ticked after all, the same number at once: no second code, but the tick is kept."""
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER)
    again = send(browser, shared[TEXT], OTHER, shared[CALL])

    prove(browser, shared[TEXT])

    assert again.status_code == 302
    assert numbers(bob) == {TEXT: NEW, CALL: NEW}


def test_another_number_has_no_box(bob, signed_in):
    text = kinds.register(bob, TEXT, NUMBER)
    kinds.register(bob, CALL, OTHER | {"type": "mobile"})

    assert "too</label>" not in signed_in(bob).get(page_of(text)).content.decode()


@pytest.mark.parametrize("whose", ["another person's", "another number's", "nobody's"])
def test_a_forged_tick_changes_nothing(bob, eve, signed_in, whose):
    """R022: only this person's methods on this very number follow."""
    text = kinds.register(bob, TEXT, NUMBER)
    kinds.pass_time(hours=1)
    landline = {"type": "office", "country": "NL", "number": "010 1234567"}
    if whose == "another person's":
        kinds.register(eve, CALL, NUMBER | {"type": "mobile"})
    elif whose == "another number's":
        kinds.register(bob, CALL, landline)
    before = numbers(eve), numbers(bob).get(CALL)
    others = Registration.objects.exclude(pk=text.pk)
    browser = signed_in(bob)
    kinds.pass_time(hours=1)
    send(browser, text, OTHER, *others)

    prove(browser, text)

    assert (numbers(eve), numbers(bob).get(CALL)) == before


def test_a_number_that_is_no_longer_shared_stays(bob, signed_in, shared):
    """Changed in another tab, after the box was ticked."""
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER, shared[CALL])
    call = shared[CALL]
    call.details = call.details | {"number": "+31687654321"}
    call.channel = "another"
    call.save()

    prove(browser, shared[TEXT])

    assert numbers(bob) == {TEXT: NEW, CALL: "+31687654321"}


def test_policy_may_have_closed_meanwhile(bob, signed_in, shared):
    """The first change stands, and the page says why the second one did not happen."""
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER, shared[CALL])
    MethodRule.objects.filter(kind=CALL).update(state="off")
    OrgPolicy.objects.update(version=99)

    page = prove(browser, shared[TEXT])

    assert numbers(bob) == {TEXT: NEW, CALL: OLD}
    assert "Phone call, ending 78, was not changed." in page
    assert "Your organization no longer allows this method." in page
    assert Registration.objects.of(bob).under_way().count() == 0


def test_the_same_number_may_be_there_already(bob, signed_in, shared):
    kinds.register(bob, CALL, OTHER | {"type": "alternate"})
    kinds.pass_time(hours=1)
    browser = signed_in(bob)
    send(browser, shared[TEXT], OTHER, shared[CALL])

    page = prove(browser, shared[TEXT])

    shared[CALL].refresh_from_db()
    assert shared[CALL].details["number"] == OLD
    assert numbers(bob)[TEXT] == NEW
    assert "Phone call, ending 78, was not changed. You&#x27;ve already added this number." in page


@pytest.mark.parametrize(
    "form",
    [
        {"country": "NL", "number": "010 1234567"},
        {"country": "GB", "number": "07400 123456", "extension": "12"},
    ],
)
def test_what_can_only_be_called_is_not_texted(bob, signed_in, form):
    """SM1: a landline, and a phone behind an extension, which was not proved without it."""
    text = kinds.register(bob, TEXT, NUMBER)
    kinds.pass_time(hours=1)
    call = kinds.register(bob, CALL, NUMBER | {"type": "office"})
    kinds.pass_time(hours=1)
    browser = signed_in(bob)
    send(browser, call, form, text)

    page = prove(browser, call)

    assert numbers(bob)[TEXT] == OLD
    assert numbers(bob)[CALL] != OLD
    assert "Text message, ending 78, was not changed. The new number can&#x27;t be used" in page


def test_a_suspended_one_is_not_offered(bob, signed_in, shared, clock):
    Registration.objects.filter(pk=shared[CALL].pk).update(suspended_at=clock.now)

    page = signed_in(bob).get(page_of(shared[TEXT])).content.decode()

    assert BOXES[CALL] not in page
