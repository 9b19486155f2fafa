"""Registering a phone: the text's page and the call's, which goes on once the number was keyed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from methods.models import Challenge, Registration
from securityinfo.messaging import calls
from securityinfo.messaging.models import Message
from tests import kinds

pytestmark = pytest.mark.django_db(transaction=True)

START = "/security-info/add/call/"


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow("sms")
    kinds.allow("call")


@pytest.fixture
def window(in_process, bob, signed_in, javascript):
    """A window of bob's, who is signed in."""
    window = in_process(java_script_enabled=javascript, viewport={"width": 360, "height": 740})
    cookies = signed_in(bob).cookies
    window.context.add_cookies(
        [{"name": name, "value": each.value, "url": window.home} for name, each in cookies.items()]
    )
    return window


def key_in_the_number(challenge: Challenge) -> None:
    number = challenge.prompt(challenge.registration.details).number
    message = Message.objects.get(reference=challenge.pk)
    assert calls.keys_pressed(message, number) is calls.Keyed.RIGHT


def ask_for_a_call(page: Page, home: str) -> Challenge:
    page.goto(home + START)
    page.get_by_label("Office phone").check()
    page.get_by_label("Phone number").fill("010 123 4567")
    page.get_by_label("Extension (optional)").fill("123")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Answer your phone")).to_be_visible()
    return Challenge.objects.select_related("registration").get()


def test_a_call_is_answered(window, bob, javascript):
    """CA6: the page goes on by itself, or with its button."""
    page = window.open()
    challenge = ask_for_a_call(page, window.home)
    expect(page.get_by_text("We're calling +31 10 123 4567, extension 123.")).to_be_visible()
    number = challenge.prompt(challenge.registration.details).number
    expect(page.get_by_text(number, exact=True)).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("We haven't received the number yet.")

    key_in_the_number(challenge)
    if not javascript:
        page.get_by_role("button", name="Done").click()

    expect(page.get_by_text("Phone call, ending 67, was added.")).to_be_visible()
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert window.complaints == []


def test_a_text_is_read(window, bob):
    page = window.open()
    page.goto(window.home + "/security-info/add/sms/")
    page.get_by_label("Phone number").fill("06 12345678")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()
    expect(page.get_by_text("We sent a code to +31 6 12345678.")).to_be_visible()

    page.get_by_label("Enter code").fill(kinds.right(Challenge.objects.get())["code"])
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_text("Text message, ending 78, was added.")).to_be_visible()
    assert window.complaints == []


@pytest.mark.parametrize("javascript", [True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_for_everybody(window, axe, scheme):
    page = window.open()
    page.emulate_media(color_scheme=scheme)
    for path in (START, "/security-info/add/sms/"):
        page.goto(window.home + path)
        axe(page)
    ask_for_a_call(page, window.home)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


NUMBER = {"country": "NL", "number": "06 12345678"}


@pytest.fixture
def shared(bob):
    """One number for texts and for calls."""
    text = kinds.register(bob, "sms", NUMBER)
    kinds.pass_time(hours=1)
    kinds.register(bob, "call", NUMBER | {"type": "mobile"})
    kinds.pass_time(hours=1)
    return text


def test_one_proof_changes_a_shared_number(window, shared):
    """CA7."""
    page = window.open()
    page.goto(f"{window.home}/security-info/{shared.uuid}/change/")
    expect(page.get_by_label("Change it for phone calls too")).to_be_checked()
    page.get_by_label("Phone number").fill("06 8765 4321")
    page.get_by_role("button", name="Next").click()
    challenge = Challenge.objects.latest("created_at")
    page.get_by_label("Enter code").fill(kinds.right(challenge)["code"])
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_text("Text message, ending 21, was changed.")).to_be_visible()
    expect(page.get_by_text("Phone call, ending 21, was changed.")).to_be_visible()
    assert window.complaints == []


def test_a_landline_leads_to_a_call(window):
    page = window.open()
    page.goto(f"{window.home}/security-info/add/sms/")
    page.get_by_label("Phone number").fill("010 1234567")
    page.get_by_role("button", name="Next").click()

    page.get_by_role("main").get_by_role(
        "link", name="Choose a phone call instead.", exact=True
    ).click()

    expect(page.get_by_role("heading", name="What number should we call?")).to_be_visible()


@pytest.mark.parametrize("javascript", [True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("reason", ["undeliverable", "opted_out"])
def test_what_cannot_be_reached_is_explained_to_everybody(window, axe, shared, scheme, reason):
    """SM5: on the list, where it is proved again, and beside a landline typed there."""
    Registration.objects.filter(pk=shared.pk).update(undeliverable=reason)
    page = window.open()
    page.emulate_media(color_scheme=scheme)

    page.goto(f"{window.home}/security-info/")
    expect(page.get_by_text("Can't be reached")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Change Text message").click()
    expect(page.get_by_label("Phone number")).to_have_value("06 12345678")
    axe(page)
    page.get_by_label("Phone number").fill("010 1234567")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
