"""What texts and calls cost: every limit by itself, and nothing for strangers."""

from __future__ import annotations

import phonenumbers
import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from methods import courier, registrations, registry, sending
from methods.models import Challenge, Registration
from securityinfo import throttling
from securityinfo.actor import Origin
from securityinfo.messaging import folding, tasks
from securityinfo.messaging.content import TextContent
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import post_sign_in
from tests.methods.test_phone import SPELLINGS

pytestmark = pytest.mark.django_db

TEXT, CALL = "sms", "call"
OTHER_NUMBER = {"country": "NL", "number": "+31687654321"}
NEIGHBORS = [f"+316123456{number:02}" for number in range(20)]


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow(TEXT)
    kinds.allow(CALL)


def draft(user, number: str, kind: str = TEXT, **more: str) -> Registration:
    method = registry.get(kind)
    form = method.enrol_form(
        {"country": "NL", "number": number, "type": "mobile"} | more,
        person=user,
        settings=policy.current_for(user).settings,
    )
    assert form.is_valid(), form.errors
    return registrations.draft(user, method, method.enrol(user, form.cleaned_data))


def charge(user, number: str, kind: str = TEXT, address: str = "192.0.2.1") -> None:
    actor = kinds.actor_for(user, Origin(address=address))
    sending.charge(draft(user, number, kind), actor, purpose="register")


def refuses(user, number: str, kind: str = TEXT, address: str = "192.0.2.1") -> bool:
    before = dict(Counter.objects.values_list("key", "hits"))
    try:
        charge(user, number, kind, address)
    except throttling.Throttled:
        after = dict(Counter.objects.filter(hits__gt=0).values_list("key", "hits"))
        assert after == {key: hits for key, hits in before.items() if hits}
        return True
    return False


def people(make_person, count: int) -> list:
    return [make_person(f"person{number}") for number in range(count)]


def addresses(count: int) -> list[str]:
    return [f"198.51.100.{number}" for number in range(count)]


def far_apart(count: int) -> list[str]:
    """Numbers of different prefixes."""
    return [f"+3161{number:03}5678" for number in range(100, 100 + count)]


# --- R091: one test per dimension, the others kept low --------------------------------------------


def test_a_person_has_five_in_half_an_hour(bob):
    for number, address in zip(far_apart(5), addresses(5), strict=True):
        charge(bob, number, address=address)

    assert refuses(bob, "+31619005678", address="203.0.113.1")


def test_a_number_has_five_in_half_an_hour_whoever_asks_and_however(make_person):
    crowd = people(make_person, 6)
    for number, (user, address) in enumerate(zip(crowd[:5], addresses(5), strict=True)):
        charge(user, "+31612345678", TEXT if number % 2 else CALL, address)

    assert refuses(crowd[5], "+31612345678", address="203.0.113.1")


def test_strangers_cannot_use_up_the_codes_of_a_numbers_owner(bob, eve):
    """R092: whoever has proved a number still signs in with it."""
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    Counter.objects.all().delete()
    kinds.pass_time(hours=1)
    for address in addresses(5):
        charge(eve, "+31612345678", address=address)

    assert refuses(eve, "+31612345678", CALL, address="203.0.113.1")
    assert not refuses(bob, "+31612345678", address="203.0.113.2")


def test_extensions_that_somebody_makes_up_are_still_one_phone(make_person):
    """R020: the number keys the limits, not what is dialed behind it."""
    refused = []
    for number, user in enumerate(people(make_person, 6)):
        called = draft(user, "+31201234567", CALL, type="office", extension=str(number))
        origin = Origin(address=f"198.51.100.{number}")
        try:
            sending.charge(called, kinds.actor_for(user, origin), purpose="register")
            refused.append(False)
        except throttling.Throttled:
            refused.append(True)

    assert refused == [False] * 5 + [True]


def test_thirty_spellings_of_one_number_fall_into_one_limit(make_person):
    """R020."""
    crowd = people(make_person, 30)
    refused = [
        refuses(user, typed, address=address)
        for user, typed, address in zip(crowd, SPELLINGS, addresses(30), strict=True)
    ]

    assert refused == [False] * 5 + [True] * 25


def test_neighbors_that_nobody_has_proved_have_ten_in_an_hour(make_person):
    crowd = people(make_person, 11)
    for user, number, address in zip(crowd[:10], NEIGHBORS, addresses(10), strict=False):
        charge(user, number, address=address)

    assert refuses(crowd[10], NEIGHBORS[10], address="203.0.113.1")


def test_a_country_has_so_many_new_numbers_a_day_as_policy_says(make_person):
    OrgPolicy.objects.update(new_numbers_per_country=10)
    crowd = people(make_person, 11)
    for user, number, address in zip(crowd, far_apart(10), addresses(10), strict=False):
        charge(user, number, address=address)

    assert refuses(crowd[10], "+31619005678", address="203.0.113.1")
    assert not refuses(crowd[10], "+447400123456", address="203.0.113.1")


def test_a_network_has_twenty_five_in_five_minutes(make_person):
    crowd = people(make_person, 26)
    for user, number in zip(crowd, far_apart(25), strict=False):
        charge(user, number)

    assert refuses(crowd[25], "+31619005678")
    assert not refuses(crowd[25], "+31619005678", address="203.0.113.1")


def test_a_day_has_so_many_texts_and_calls_as_policy_says_and_a_fifth_is_kept(bob, make_person):
    """Strangers stop at four fifths; who has proved a number can still sign in."""
    OrgPolicy.objects.update(messages_per_day=10)
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    crowd = people(make_person, 9)
    for user, number, address in zip(crowd, far_apart(7), addresses(7), strict=False):
        charge(user, number, address=address)
    kinds.pass_time(hours=1)

    assert refuses(crowd[8], "+31619005678", address="203.0.113.1")
    charge(bob, "+31612345678", address="203.0.113.1")
    charge(bob, "+31612345678", CALL, address="203.0.113.1")
    assert refuses(bob, "+31612345678", address="203.0.113.1")


def test_a_proven_number_is_charged_to_no_prefix_and_no_country(bob):
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    Counter.objects.all().delete()
    kinds.pass_time(hours=1)

    charge(bob, "+31612345678")

    assert not Counter.objects.filter(key__startswith="sends-new").exists()


def test_a_number_that_somebody_else_has_proved_is_new_to_everybody_else(bob, eve):
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    Counter.objects.all().delete()

    charge(eve, "+31612345678")

    assert Counter.objects.filter(key__startswith="sends-new", hits=1).count() == 2


def test_the_reserve_is_a_fifth():
    assert limits.messages_by_day(2_000, to_proven_number=False).hits == 1_600
    assert limits.messages_by_day(2_000, to_proven_number=True).hits == 2_000


# --- Notices cost as much as codes ----------------------------------------------------------------


def change_questions(user, signed_in, times: int) -> None:
    """The cheapest change: nothing is proved, nothing is sent for it but the notices.

    Each so long after the one before that none is folded.
    """
    method = registry.get("questions")
    registration = kinds.register(user, "questions")
    browser = signed_in(user)
    for number in range(times):
        filled_in = kinds.sample_of(method).FORM | {"attempt": f"form {number}"}
        answer = browser.post(reverse("methods:change", args=[registration.uuid]), filled_in)
        assert answer.status_code == 302
        Message.objects.update(created_at=F("created_at") - folding.FOR)


def deliver_notices() -> None:
    for message in Message.objects.filter(category="notice"):
        tasks.send_notice(str(message.pk))


def test_whoever_changes_a_method_again_and_again_causes_ten_texts_a_day(bob, signed_in, outbox):
    """R091, C10: the rest is told by mail alone."""
    kinds.allow("questions")
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    Message.objects.all().delete()

    change_questions(bob, signed_in, times=12)
    deliver_notices()

    sent = [type(each.outgoing).__name__ for each in outbox]
    assert sent.count("TextContent") == 10
    assert sent.count("EmailContent") == 13
    assert not Message.objects.filter(state=State.FAILED).exists()


def test_notices_by_text_count_among_the_texts_of_a_day(bob, outbox):
    """C10: texts and calls in all."""
    OrgPolicy.objects.update(messages_per_day=10)
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    for _ in range(9):
        throttling.hit(limits.messages_by_day(10, to_proven_number=True), sending.SITE)

    deliver_notices()

    assert not [each for each in outbox if isinstance(each.outgoing, TextContent)]


def test_a_notice_that_is_tried_again_is_counted_once(bob, outbox):
    kinds.register(bob, TEXT, {"country": "NL", "number": "+31612345678"})
    MemoryTransport.problems.append(base.TransportDown())
    message = Message.objects.get(category="notice", channel="text")

    tasks.send_notice(str(message.pk))
    Message.objects.update(next_try_at=Now())
    tasks.send_notice(str(message.pk))

    message.refresh_from_db()
    assert message.state == State.SENT
    assert Counter.objects.get(key__startswith="text-notices-number").hits == 1


# --- R099: once more in the worker ----------------------------------------------------------------


def delivered(challenge: Challenge) -> tuple[str, str]:
    message = Message.objects.get(reference=challenge.pk)
    courier.deliver(message.pk)
    message.refresh_from_db()
    return message.state, message.reason


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_an_allowed_number_is_reached(bob, kind, outbox):
    assert delivered(kinds.begin(bob, registry.get(kind)))[0] == State.SENT
    assert len(outbox) == 1


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_a_forged_delivery_to_a_country_that_is_not_allowed_is_refused_there(bob, kind, outbox):
    """R099."""
    challenge = kinds.begin(bob, registry.get(kind))
    registration = challenge.registration
    registration.details = registration.details | {"number": "+18762101234"}
    registration.save(update_fields=["details"])

    assert delivered(challenge) == (State.FAILED, Reason.REFUSED)
    assert outbox == []


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_a_country_taken_off_the_list_meanwhile_is_refused_there(bob, kind, outbox):
    """R099, PU3."""
    challenge = kinds.begin(bob, registry.get(kind))
    OrgPolicy.objects.update(home_country="US", allowed_countries=["US"])

    assert delivered(challenge) == (State.FAILED, Reason.REFUSED)
    assert outbox == []


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_a_number_that_its_country_has_given_up_is_shown_but_not_reached(
    bob, kind, signed_in, monkeypatch, outbox
):
    """Numbering plans change with each release of phonenumbers: nobody's page may break by it."""
    kinds.register(bob, kind)
    challenge = kinds.begin(bob, registry.get(kind), {**OTHER_NUMBER, "type": "alternate"})
    unknown = phonenumbers.PhoneNumberType.UNKNOWN
    monkeypatch.setattr(phonenumbers, "is_valid_number", lambda number: False)
    monkeypatch.setattr(phonenumbers, "number_type", lambda number: unknown)
    monkeypatch.setattr(phonenumbers, "region_code_for_number", lambda number: None)

    page = signed_in(bob).get(reverse("methods:list"))

    assert page.status_code == 200
    assert delivered(challenge) == (State.FAILED, Reason.REFUSED)
    assert outbox == []


@pytest.mark.parametrize(("kind", "switch"), [(TEXT, "text_switch"), (CALL, "call_switch")])
def test_a_stopped_channel_sends_nothing_that_is_waiting(bob, kind, switch, outbox):
    """DE7."""
    challenge = kinds.begin(bob, registry.get(kind))
    OrgPolicy.objects.update(**{switch: False})

    assert delivered(challenge) == (State.FAILED, Reason.MISCONFIGURED)
    assert outbox == []


@pytest.mark.parametrize(("kind", "switch"), [(TEXT, "text_switch"), (CALL, "call_switch")])
def test_a_stopped_channel_takes_nothing_more(bob, kind, switch, signed_in):
    """DE7: it is last in the list, says so, and a post anyway sends nothing."""
    OrgPolicy.objects.update(**{switch: False})
    browser = signed_in(bob)

    chooser = browser.get(reverse("methods:add")).content.decode()
    posted = browser.post(
        reverse("methods:set-up", args=[kind]), {"number": "0612345678", "type": "mobile"}
    )

    assert "Not working right now" in chooser
    assert posted["Location"] == "/security-info/"
    assert not Message.objects.exists()


# --- Offered only where it can work ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_without_a_provider_a_kind_is_not_offered(bob, kind, settings):
    traits = registry.get(kind).traits

    assert policy.current_for(bob).may_register(traits)
    settings.TELEPHONY_TRANSPORT = ""

    assert not policy.current_for(bob).may_register(traits)


@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_without_a_country_a_kind_is_not_offered(bob, kind):
    OrgPolicy.objects.update(home_country="", allowed_countries=[])

    assert not policy.current_for(bob).may_register(registry.get(kind).traits)


# --- R021, R098: the provider is not even asked ---------------------------------------------------


@pytest.mark.parametrize(
    "number", ["0900 1234", "0800 1234", "066 2345678", "+49 1511 2345678", "+870773111632"]
)
@pytest.mark.parametrize("kind", [TEXT, CALL])
def test_numbers_that_cost_never_reach_the_provider(bob, kind, number, signed_in, outbox):
    """R021."""
    posted = signed_in(bob).post(
        reverse("methods:set-up", args=[kind]),
        {"country": "NL", "number": number, "type": "mobile"},
    )

    assert posted.status_code == 422
    assert not Message.objects.exists()
    assert not Counter.objects.filter(key__startswith="sends", hits__gt=0).exists()


def test_an_anonymous_visitor_causes_neither_text_nor_call(bob):
    """R098: whatever is posted to whichever page."""
    kinds.register(bob, TEXT)
    Message.objects.all().delete()
    values = {
        "name": "bob",
        "password": "wrong",
        "country": "NL",
        "number": "0612345678",
        "type": "mobile",
        "kind": TEXT,
        "code": "123456",
    }
    visitor = Client()
    for kind in (TEXT, CALL):
        for name in ("methods:set-up", "methods:verify", "methods:resend", "methods:status"):
            visitor.post(reverse(name, args=[kind]), values)
            visitor.get(reverse(name, args=[kind]))
        for name in ("set-up", "verify", "resend", "status"):
            visitor.post(reverse(f"accounts:keep-secure-{name}", args=[kind]), values)
            visitor.get(reverse(f"accounts:keep-secure-{name}", args=[kind]))
    for name in ("accounts:sign-in", "accounts:confirm", "accounts:keep-secure", "methods:add"):
        visitor.post(reverse(name), values)
        visitor.get(reverse(name))
    post_sign_in(visitor, "bob", password="wrong")

    assert not Message.objects.exclude(channel="email").exists()
