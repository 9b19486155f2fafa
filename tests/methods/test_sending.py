"""How often a code may be sent: the pauses of one person, the limits of everybody."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db.models.functions import Now

from methods import registrations, sending
from methods.models import Challenge, Registration
from securityinfo import throttling
from securityinfo.actor import Origin
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.throttling.models import Counter
from tests import kinds

pytestmark = pytest.mark.django_db


def draft(user, address: str = "bob@example.net") -> Registration:
    method = kinds.registry.get("email")
    return registrations.draft(user, method, method.enrol(user, {"address": address}))


def total(name: str) -> int:
    """Hits of a limit, whoever was counted."""
    return sum(Counter.objects.filter(key__startswith=f"{name}:").values_list("hits", flat=True))


def wait_of(challenge: Challenge) -> float:
    until = sending.next_send_at(challenge.registration, purpose="register")
    return (until - challenge.issued_at).total_seconds()


def test_the_pauses_are_half_a_minute_one_minute_and_then_two(bob, email):
    """C10."""
    challenge = kinds.begin(bob, email)
    waits = [wait_of(challenge)]
    for _ in range(4):
        kinds.pass_time(seconds=waits[-1] + 1)
        Challenge.objects.update(generation=challenge.generation + 1, issued_at=Now())
        challenge = kinds.reload(challenge)
        waits.append(wait_of(challenge))

    assert waits == [30, 60, 120, 120, 120]


def test_before_the_pause_is_over_nothing_is_sent(bob, email):
    kinds.begin(bob, email)
    hits = total("sends-account")

    with pytest.raises(sending.TooEarly) as refusal:
        kinds.begin(bob, email, flow="f2")

    assert refusal.value.until == sending.next_send_at(draft(bob), purpose="register")
    assert Message.objects.filter(category="code").count() == 1
    assert Registration.objects.of(bob).count() == 1
    assert total("sends-account") == hits


def begin_and_cancel(user, method) -> None:
    kinds.begin(user, method)
    ruleset = policy.current_for(user)
    registrations.cancel(user, flow="f1", ruleset=ruleset, actor=kinds.actor_for(user))


def test_canceling_shortens_no_pause(bob, email):
    """C10: what was begun is forgotten, that something was sent is not."""
    begin_and_cancel(bob, email)

    with pytest.raises(sending.TooEarly):
        kinds.begin(bob, email)
    kinds.pass_time(seconds=31)
    begin_and_cancel(bob, email)

    kinds.pass_time(seconds=31)
    with pytest.raises(sending.TooEarly):
        kinds.begin(bob, email)
    kinds.pass_time(seconds=30)
    assert kinds.begin(bob, email)


def test_who_cancels_when_the_pause_is_over_need_not_wait(bob, email):
    kinds.begin(bob, email)
    kinds.pass_time(seconds=31)
    registrations.cancel(
        bob, flow="f1", ruleset=policy.current_for(bob), actor=kinds.actor_for(bob)
    )

    assert kinds.begin(bob, email)


def test_who_cancels_a_mistyped_address_need_not_wait_for_the_right_one(bob, email):
    begin_and_cancel(bob, email)

    assert kinds.begin(bob, email, {"address": "bob.baker@example.net"})


def test_after_the_pause_another_code_is_sent(bob, email):
    kinds.begin(bob, email)
    kinds.pass_time(seconds=31)

    kinds.begin(bob, email, flow="f2")

    assert Message.objects.filter(category="code").count() == 2


def test_who_has_mistyped_the_address_need_not_wait(bob, email):
    """Another address is another destination."""
    kinds.begin(bob, email)

    kinds.begin(bob, email, {"address": "bob.baker@example.net"}, flow="f2")

    assert Message.objects.filter(category="code").count() == 2


def test_what_was_sent_long_ago_makes_nobody_wait(bob, email):
    kinds.begin(bob, email)
    Challenge.objects.update(generation=5)
    kinds.pass_time(minutes=31)

    assert sending.next_send_at(draft(bob), purpose="register") is None


def test_another_persons_code_to_the_same_address_makes_nobody_wait(bob, eve, email):
    """K3: and so tells nobody that somebody else uses the address."""
    kinds.begin(bob, email)

    assert sending.next_send_at(draft(eve), purpose="register") is None


def test_a_kind_that_sends_nothing_waits_for_nothing(bob, token_kind):
    challenge = kinds.begin(bob, token_kind, {"serial": "S-1"})

    assert sending.charge(challenge.registration, kinds.actor_for(bob), purpose="register") == []
    assert sending.next_send_at(challenge.registration, purpose="register") is None


def send_until_refused(person_and_address, most: int) -> int:
    """How many were let through, each from an address of its own."""
    for number in range(most):
        user, address = person_and_address(number)
        origin = Origin(address=f"198.51.100.{number}")
        try:
            sending.charge(draft(user, address), kinds.actor_for(user, origin), purpose="register")
        except throttling.Throttled:
            return number
    return most


def test_an_account_gets_five_codes_in_half_an_hour(bob):
    """C10, R091: whatever their addresses."""
    sent = send_until_refused(lambda number: (bob, f"b{number}@example.net"), 20)

    assert sent == total("sends-account") == total("sends-account-day") == 5


def test_a_destination_gets_five_codes_in_half_an_hour_over_all_accounts(make_person):
    """C10, R091: nobody's mailbox is flooded through us."""
    people = [make_person(f"p{number}") for number in range(20)]

    sent = send_until_refused(lambda number: (people[number], "victim@example.net"), 20)

    assert sent == total("sends-destination") == 5


def test_a_caller_gets_twenty_five_codes_in_five_minutes(make_person):
    """C10, R091."""
    sent = 0
    for number in range(60):
        person = make_person(f"p{number}")
        try:
            method = draft(person, f"p{number}@example.net")
            sending.charge(method, kinds.actor_for(person), purpose="register")
        except throttling.Throttled:
            break
        sent += 1

    assert sent == total("sends-address") == 25


def test_a_refused_sending_costs_nothing(bob):
    """C9: an account at its limit is charged nowhere else either."""
    send_until_refused(lambda number: (bob, f"b{number}@example.net"), 20)
    before = {row.key: row.hits for row in Counter.objects.filter(hits__gt=0)}

    for number in range(15):
        method = draft(bob, f"c{number}@example.net")
        with pytest.raises(throttling.Throttled):
            sending.charge(method, kinds.actor_for(bob), purpose="register")

    after = {row.key: row.hits for row in Counter.objects.filter(hits__gt=0)}
    assert after == before


def test_a_new_challenge_in_place_of_an_ended_one_waits_as_a_resend_does(bob, email):
    challenge = kinds.begin(bob, email)
    for _ in range(5):
        kinds.confirm(kinds.reload(challenge), kinds.wrong(challenge))

    def ask_again():
        return registrations.ask_again(
            kinds.reload(challenge),
            flow="f1",
            ruleset=policy.current_for(bob),
            actor=kinds.actor_for(bob),
        )

    with pytest.raises(sending.TooEarly):
        ask_again()
    kinds.pass_time(seconds=31)
    renewed = ask_again()

    Counter.objects.all().delete()  # five wrong answers make the account wait
    assert renewed.pk != challenge.pk
    assert kinds.confirm(kinds.reload(renewed))


def test_each_code_has_another_reference(bob, email):
    """C12: a letter and a digit; another one for each resend."""
    challenge = kinds.begin(bob, email)
    references = []
    for generation in range(6):
        challenge.generation = generation
        references.append(challenge.reference)

    assert all(letter in "ABCDEFGHJKLMNPQRSTUVWXYZ" for letter, _ in references)
    assert all(digit in "23456789" for _, digit in references)
    assert all(one != other for one, other in pairwise(references))


def test_a_pause_is_no_longer_than_it_says(bob, email):
    """To the second: at the time on the page the code is sent."""
    kinds.begin(bob, email)
    kinds.pass_time(seconds=30)

    assert sending.next_send_at(draft(bob), purpose="register") is None
