"""A number proved for texts is offered for calls, and the other way round; nothing is sent."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from methods import changes, deletion, registrations
from methods.models import Registration
from methods.standing import Standing
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.accounts.doors import post_sign_in

pytestmark = pytest.mark.django_db

TEXT, CALL = "sms", "call"
NUMBER = {"country": "NL", "number": "06 12345678"}
LANDLINE = {"type": "office", "country": "NL", "number": "010 1234567"}
OFFER = "Use the number ending 78"


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow(TEXT)
    kinds.allow(CALL)


def start(kind: str) -> str:
    return reverse("methods:set-up", args=[kind])


def other_form(kind: str) -> dict:
    return {"type": "mobile"} if kind == CALL else {}


def codes() -> int:
    return Message.objects.filter(category="code").count()


def test_a_change_begins_with_the_phone_and_the_country_that_there_are(bob, signed_in):
    OrgPolicy.objects.update(home_country="GB", allowed_countries=["GB", "NL"])
    office = kinds.register(bob, CALL, LANDLINE)

    page = signed_in(bob).get(reverse("methods:change", args=[office.uuid]))

    form = page.context["form"]
    assert (form["type"].value(), form["country"].value()) == ("office", "NL")
    assert not form["number"].value()
    assert "06 12345678" in form.fields["number"].help_text


@pytest.mark.parametrize(("first", "second"), [(TEXT, CALL), (CALL, TEXT)])
def test_a_proven_number_is_offered_and_adopted_without_a_code(bob, signed_in, first, second):
    """SM3, CA7."""
    proven = kinds.register(bob, first, NUMBER | other_form(first))
    browser, sent = signed_in(bob), codes()

    page = browser.get(start(second)).content.decode()
    chosen = {"proven_by": str(proven.uuid), "number": ""} | other_form(second)
    adopted = browser.post(start(second), chosen)

    assert OFFER in page
    assert "Use another number" in page
    assert adopted["Location"] == "/security-info/"
    assert codes() == sent
    added = Registration.objects.of(bob).confirmed().get(kind=second)
    assert added.channel == proven.channel
    assert added.is_new()
    assert Event.objects.filter(tag="method.registered", kind=second).count() == 1


def test_a_second_click_adopts_nothing_and_ends_on_the_same_page(bob, signed_in):
    proven = kinds.register(bob, TEXT, NUMBER)
    browser = signed_in(bob)
    attempt = re.search('name="attempt" value="([^"]+)"', browser.get(start(CALL)).content.decode())
    chosen = {"proven_by": str(proven.uuid), "type": "mobile", "attempt": attempt[1]}

    pages = [browser.post(start(CALL), chosen) for _ in range(2)]

    assert [page.get("Location") for page in pages] == ["/security-info/"] * 2
    assert Registration.objects.of(bob).confirmed().filter(kind=CALL).count() == 1


def test_text_and_call_to_one_number_are_one_proof(bob, signed_in):
    """PR7."""
    proven = kinds.register(bob, TEXT, NUMBER)
    signed_in(bob).post(start(CALL), {"proven_by": str(proven.uuid), "type": "mobile"})

    assert Standing.of(bob, kinds.policy.current_for(bob)).channels == 1


def test_deleting_one_keeps_the_other(bob, signed_in):
    """CA7."""
    OrgPolicy.objects.update(methods_to_register=1)
    proven = kinds.register(bob, TEXT, NUMBER)
    signed_in(bob).post(start(CALL), {"proven_by": str(proven.uuid), "type": "mobile"})

    deletion.delete(proven, ruleset=kinds.policy.current_for(bob), actor=kinds.actor_for(bob))

    assert [each.kind for each in Registration.objects.of(bob).confirmed()] == [CALL]


def test_another_number_is_proved_as_ever(bob, signed_in):
    kinds.register(bob, TEXT, NUMBER)
    sent = codes()

    posted = signed_in(bob).post(
        start(CALL), {"proven_by": "", "type": "mobile", "country": "GB", "number": "07400 123456"}
    )

    assert posted["Location"] == reverse("methods:verify", args=[CALL])
    assert codes() == sent + 1


def test_a_typed_number_is_meant_whatever_was_chosen_beforehand(bob, signed_in):
    proven = kinds.register(bob, TEXT, NUMBER)
    sent = codes()
    typed = {"type": "mobile", "country": "GB", "number": "07400 123456"}

    posted = signed_in(bob).post(start(CALL), {"proven_by": str(proven.uuid)} | typed)

    assert posted["Location"] == reverse("methods:verify", args=[CALL])
    assert codes() == sent + 1
    assert not Registration.objects.of(bob).confirmed().filter(kind=CALL).exists()


def test_no_number_at_all_is_refused(bob, signed_in):
    kinds.register(bob, TEXT, NUMBER)

    posted = signed_in(bob).post(start(CALL), {"proven_by": "", "type": "mobile", "number": ""})

    assert posted.status_code == 422
    assert "Enter a phone number." in posted.content.decode()


def test_a_landline_is_not_offered_for_texts(bob, signed_in):
    """SM1."""
    kinds.register(bob, CALL, LANDLINE)

    assert "Use the number ending" not in signed_in(bob).get(start(TEXT)).content.decode()


def test_a_line_behind_an_extension_is_another_one(bob, signed_in):
    OrgPolicy.objects.update(home_country="US", allowed_countries=["US"])
    form = {"type": "office", "country": "US", "number": "201-555-0123", "extension": "12"}
    kinds.register(bob, CALL, form)

    assert "Use the number ending" not in signed_in(bob).get(start(TEXT)).content.decode()


@pytest.mark.parametrize("whose", ["eve", "suspended", "unproven"])
def test_only_what_this_person_can_use_now_is_adopted(bob, eve, signed_in, whose):
    """R022: nobody gets a number that somebody else has proved, or that nobody has."""
    if whose == "unproven":
        proof = kinds.begin(bob, kinds.registry.get(TEXT), NUMBER).registration
    else:
        proof = kinds.register(eve if whose == "eve" else bob, TEXT, NUMBER)
    if whose == "suspended":
        Registration.objects.update(suspended_at=timezone.now())

    chosen = {"proven_by": str(proof.uuid), "type": "mobile", "number": ""}
    posted = signed_in(bob).post(start(CALL), chosen)

    assert posted.status_code == 422
    assert not Registration.objects.of(bob).confirmed().filter(kind=CALL).exists()


def test_the_service_compares_the_number_itself(bob):
    """The choice of one number proves no other."""
    proven = kinds.register(bob, TEXT, NUMBER)
    method, ruleset = kinds.registry.get(CALL), kinds.policy.current_for(bob)
    form = method.enrol_form(
        {"type": "mobile", "country": "GB", "number": "07400 123456"},
        person=bob,
        settings=ruleset.settings,
    )
    assert form.is_valid()

    with pytest.raises(changes.Refused):
        registrations.adopt(
            bob,
            method,
            form.cleaned_data,
            proven_by=str(proven.uuid),
            ruleset=ruleset,
            actor=kinds.actor_for(bob),
        )


def test_a_number_is_not_offered_twice(bob, signed_in):
    kinds.register(bob, TEXT, NUMBER)
    kinds.pass_time(hours=1)
    kinds.register(bob, CALL, NUMBER | {"type": "mobile"})

    assert "Use the number ending" not in signed_in(bob).get(start(CALL)).content.decode()


def test_a_call_can_take_the_place_of_a_text_with_the_number_just_typed(bob, signed_in):
    """ "Call me instead": the number goes along, but in no address."""
    browser = signed_in(bob)
    browser.post(start(TEXT), NUMBER)

    asked = browser.get(reverse("methods:verify", args=[TEXT])).content.decode()
    call = browser.get(start(CALL)).content.decode()

    assert "Call me instead" in asked
    assert f'href="{start(CALL)}"' in asked
    assert 'value="06 12345678"' in call


@pytest.mark.parametrize("policy", [{"call_switch": False}, {}])
def test_without_calls_there_is_no_such_link(bob, signed_in, policy):
    OrgPolicy.objects.update(**policy) if policy else kinds.allow(CALL, state="off")
    browser = signed_in(bob)
    browser.post(start(TEXT), NUMBER)

    page = browser.get(reverse("methods:verify", args=[TEXT])).content.decode()

    assert "Call me instead" not in page


LOOKS_FIXED = "This looks like a landline."
LINK = f'{LOOKS_FIXED} <a href="{{url}}">Choose a phone call instead.</a>'


def typed_a_landline(browser, url: str) -> str:
    return browser.post(url, {"country": "NL", "number": "010 1234567"}).content.decode()


def test_a_landline_is_sent_on_to_a_call(bob, signed_in):
    """Pages 3.3: beside the field; the list of problems leads to the field itself."""
    page = typed_a_landline(signed_in(bob), start(TEXT))

    assert page.count(LINK.format(url=start(CALL))) == 1
    assert f'<a href="#id_number">{LOOKS_FIXED} Choose a phone call instead.</a>' in page


def test_so_is_one_that_is_to_replace_a_mobile_phone(bob, signed_in):
    text = kinds.register(bob, TEXT, NUMBER)

    page = typed_a_landline(signed_in(bob), reverse("methods:change", args=[text.uuid]))

    assert LINK.format(url=start(CALL)) in page


@pytest.mark.parametrize("why_not", ["policy", "switch", "maximum"])
def test_without_a_way_to_a_call_there_are_only_the_words(bob, signed_in, why_not):
    if why_not == "maximum":
        kinds.allow(CALL, maximum=1)
        kinds.register(bob, CALL, LANDLINE)
    elif why_not == "switch":
        OrgPolicy.objects.update(call_switch=False)
    else:
        kinds.allow(CALL, state="off")

    page = typed_a_landline(signed_in(bob), start(TEXT))

    assert f"<p>{LOOKS_FIXED} Choose a phone call instead.</p>" in page
    assert f'href="{start(CALL)}"' not in page


def test_at_sign_in_too_a_call_can_take_the_place_of_a_text(bob, client):
    """Within the wizard: the link leads to its own page."""
    post_sign_in(client, "bob")
    set_up, call = "/keep-secure/sms/", "/keep-secure/call/"

    refused = typed_a_landline(client, set_up)
    sent = client.post(set_up, NUMBER, follow=True).content.decode()

    assert LINK.format(url=call) in refused
    assert f'<a href="{call}">Call me instead</a>' in sent
    assert 'value="06 12345678"' in client.get(call).content.decode()
