"""Asking for proof and judging it: tries, expiry, resends, and what an answer is good for."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from methods import answers, challenges, registrations, statements
from methods.answers import Answer, Result
from methods.models import Challenge, Outcome, Registration
from securityinfo import throttling
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(bob, email):
    return kinds.begin(bob, email)


@pytest.fixture
def ours(bob, email):
    """A confirmed address, long ago."""
    registration = kinds.register(bob)
    kinds.pass_time(hours=1)
    return registration


def issue(registration, purpose=Purpose.SIGN_IN, flow="s1") -> Challenge:
    return challenges.issue(
        registration,
        purpose=purpose,
        flow=flow,
        settings=policy.current_for(registration.user).settings,
        actor=kinds.actor_for(registration.user),
    )


def start(registration, purpose=Purpose.SIGN_IN, flow="s1") -> Challenge:
    """Without the limits of sending."""
    return challenges.start(
        registration,
        purpose=purpose,
        flow=flow,
        settings=policy.current_for(registration.user).settings,
        actor=kinds.actor_for(registration.user),
    )


def answer(challenge, given, *, then=lambda _: None, **options) -> Answer:
    options = {
        "purpose": Purpose(challenge.purpose),
        "flow": challenge.flow,
        "actor": kinds.actor_for(challenge.user),
    } | options
    return answers.judge(challenge, given, then=then, **options)


def resend(challenge) -> Challenge:
    return challenges.resend(
        kinds.reload(challenge),
        settings=policy.current_for(challenge.user).settings,
        actor=kinds.actor_for(challenge.user),
    )


def tags(*names) -> list[str]:
    events = Event.objects.order_by("id").values_list("tag", flat=True)
    return [tag for tag in events if tag in names]


# --- Tries ----------------------------------------------------------------------------------------


def test_each_wrong_answer_says_how_many_tries_are_left(challenge):
    results = [answer(kinds.reload(challenge), kinds.wrong(challenge)) for _ in range(5)]

    assert results == [
        Answer(Result.WRONG, 4),
        Answer(Result.WRONG, 3),
        Answer(Result.WRONG, 2),
        Answer(Result.WRONG, 1),
        Answer(Result.EXHAUSTED, 0),
    ]


def test_the_last_wrong_answer_closes_the_challenge(challenge):
    """R005: after that even the right code is not looked at."""
    Challenge.objects.update(tries=4)
    answer(kinds.reload(challenge), kinds.wrong(challenge))

    late = answer(kinds.reload(challenge), kinds.right(challenge))

    stored = kinds.reload(challenge)
    assert late == Answer(Result.EXHAUSTED, 0)
    assert (stored.outcome, stored.tries) == (Outcome.EXHAUSTED, 5)
    assert stored.closed_at is not None


def test_without_a_try_left_nothing_is_compared(challenge):
    """R005: also where the request of the last try broke off before it closed the challenge."""
    Challenge.objects.update(tries=5)

    result = answer(kinds.reload(challenge), kinds.right(challenge))

    assert result == Answer(Result.EXHAUSTED, 0)
    assert kinds.reload(challenge).tries == 5


def test_each_challenge_has_another_nonce(ours):
    """R001."""
    nonces = {bytes(start(ours).nonce) for _ in range(20)}

    assert len(nonces) == 20
    assert all(len(nonce) == 16 for nonce in nonces)


def test_wrong_answers_and_the_end_of_tries_are_recorded(challenge):
    Challenge.objects.update(tries=3)

    for _ in range(3):
        answer(kinds.reload(challenge), kinds.wrong(challenge))

    assert tags("challenge.answered", "challenge.exhausted") == [
        "challenge.answered",
        "challenge.answered",
        "challenge.exhausted",
    ]
    refused = Event.objects.filter(tag="challenge.answered").first()
    assert (refused.result, refused.reason, refused.purpose) == ("refused", "wrong", "register")
    assert refused.masked == "b•••@example.net"


def test_a_counted_try_stays_counted_when_the_request_fails_afterwards(challenge):
    """R007: whatever comes after the comparison."""

    def fail(_):
        raise RuntimeError("the request fails")

    with pytest.raises(RuntimeError):
        answer(challenge, kinds.right(challenge), then=fail)

    stored = kinds.reload(challenge)
    assert (stored.tries, stored.closed_at) == (1, None)
    assert Counter.objects.filter(hits=1).count() >= 5


@pytest.mark.django_db(transaction=True)
def test_a_try_is_not_counted_inside_the_transaction_of_somebody_else(challenge):
    """R007: otherwise a rollback would take the count back."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        answer(challenge, kinds.wrong(challenge))

    assert kinds.reload(challenge).tries == 0


def test_a_new_code_is_possible_when_the_request_of_the_last_try_failed(challenge):
    """The challenge is not closed then, and yet has no try left."""
    Challenge.objects.update(tries=5)
    kinds.pass_time(seconds=40)

    renewed = registrations.ask_again(
        kinds.reload(challenge),
        flow=challenge.flow,
        ruleset=policy.current_for(challenge.user),
        actor=kinds.actor_for(challenge.user),
    )

    assert kinds.confirm(kinds.reload(renewed))


# --- Expiry ---------------------------------------------------------------------------------------


def test_a_code_is_refused_from_the_moment_it_expires(challenge):
    """R004: one millisecond is enough, and the try is not spent."""
    Challenge.objects.update(expires_at=Now() - timedelta(milliseconds=1))

    late = answer(kinds.reload(challenge), kinds.right(challenge))

    assert late.result is Result.EXPIRED
    assert kinds.reload(challenge).tries == 0


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_of_the_application_changes_no_verdict(challenge, hours):
    """R004: the database's clock judges."""
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        in_time = answer(kinds.reload(challenge), kinds.right(challenge))

    assert in_time


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_of_the_application_revives_no_code(challenge, hours):
    """R004."""
    Challenge.objects.update(expires_at=Now() - timedelta(milliseconds=1))

    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        late = answer(kinds.reload(challenge), kinds.right(challenge))

    assert late.result is Result.EXPIRED


def test_a_code_lives_as_long_as_the_policy_says_from_its_sending(bob, email):
    policy.OrgPolicy.objects.update(code_minutes=3)

    challenge = kinds.begin(bob, email)

    assert challenge.expires_at - challenge.issued_at == timedelta(minutes=3)


def test_a_challenge_has_as_many_tries_as_the_policy_says(bob, email):
    policy.OrgPolicy.objects.update(code_tries=3)

    challenge = kinds.begin(bob, email)

    assert challenge.max_tries == 3


# --- Used -----------------------------------------------------------------------------------------


def test_a_used_code_is_refused_and_does_nothing_again(challenge):
    """R006."""
    done = []
    answer(challenge, kinds.right(challenge), then=done.append)

    again = answer(kinds.reload(challenge), kinds.right(challenge), then=done.append)

    assert again.result is Result.USED
    assert len(done) == 1


def test_the_effect_of_a_right_answer_and_its_end_are_one_transaction(challenge):
    """R006, R086: an effect that fails leaves the challenge open."""

    def fail(_):
        Registration.objects.update(name="changed")
        raise IntegrityError

    with pytest.raises(IntegrityError):
        answer(challenge, kinds.right(challenge), then=fail)

    assert not Registration.objects.filter(name="changed").exists()
    assert kinds.reload(challenge).closed_at is None
    assert tags("challenge.answered") == []


def test_a_challenge_that_ends_between_the_count_and_the_effect_proves_nothing(challenge):
    """R006: expired, canceled or gone in that moment is not "used"."""
    real = challenge.registration.method.check
    results = {}
    for name, end in {
        "expired": lambda: Challenge.objects.update(expires_at=Now()),
        "canceled": lambda: challenges.cancel(challenge.registration),
        "gone": lambda: Challenge.objects.all().delete(),
    }.items():
        Challenge.objects.update(closed_at=None, outcome="", expires_at=Now() + timedelta(hours=1))

        class Ending(type(challenge.registration.method)):
            def check(self, prompt, given, end=end):
                end()
                return real(prompt, given)

        asked = kinds.reload(challenge)
        asked.registration.__dict__["method"] = Ending()
        results[name] = answer(asked, kinds.right(challenge)).result

    assert results == {"expired": Result.EXPIRED, "canceled": Result.ENDED, "gone": Result.ENDED}


def test_an_answer_to_a_challenge_that_is_gone_is_an_answer_to_nothing(challenge):
    asked = kinds.reload(challenge)
    Challenge.objects.all().delete()

    assert answer(asked, kinds.right(challenge)).result is Result.ENDED


# --- What it is good for --------------------------------------------------------------------------


@pytest.mark.parametrize("asked", Purpose)
def test_a_code_answers_for_its_own_purpose_and_flow_alone(ours, asked):
    """R003: purpose × purpose × browser; one combination is right."""
    challenge = start(ours, purpose=asked)
    others = [
        (given, flow)
        for given in Purpose
        for flow in ("s1", "s2", "")
        if (given, flow) != (asked, "s1")
    ]

    results = {
        answer(kinds.reload(challenge), kinds.right(challenge), purpose=given, flow=flow).result
        for given, flow in others
    }

    assert results == {Result.ENDED}
    assert kinds.reload(challenge).tries == 0
    assert answer(kinds.reload(challenge), kinds.right(challenge))


def test_codes_of_two_people_are_different(ours, eve, email):
    """R003: one person's code is another person's wrong code."""
    hers = kinds.register(eve, form={"address": "eve@example.net"})
    mine, other = start(ours), start(hers)

    assert answer(other, kinds.right(mine)).result is Result.WRONG


def test_a_code_is_dead_once_the_value_of_its_method_has_changed(ours):
    """C2: what was sent to the old address proves nothing about the new one."""
    challenge = start(ours)
    Registration.objects.filter(pk=ours.pk).update(fingerprint="another")

    assert answer(kinds.reload(challenge), kinds.right(challenge)).result is Result.EXPIRED
    assert kinds.reload(challenge).tries == 0


def test_a_newer_challenge_of_the_same_purpose_ends_the_older_one(ours):
    """R008."""
    first = start(ours)
    second = start(ours, flow="s2")

    assert answer(kinds.reload(first), kinds.right(first)).result is Result.ENDED
    assert kinds.reload(first).outcome == Outcome.REPLACED
    assert answer(second, kinds.right(second))


def test_challenges_of_different_purposes_live_side_by_side(ours):
    sign_in, confirm = start(ours), start(ours, purpose=Purpose.CONFIRM)

    assert answer(kinds.reload(sign_in), kinds.right(sign_in))
    assert answer(kinds.reload(confirm), kinds.right(confirm))


def test_the_database_refuses_a_second_open_challenge(ours):
    """R131: a constraint stands behind "only one"."""
    start(ours)

    with pytest.raises(IntegrityError), transaction.atomic():
        Challenge.objects.create(
            user=ours.user,
            registration=ours,
            purpose=Purpose.SIGN_IN,
            flow="s9",
            max_tries=5,
            expires_at=Now() + timedelta(minutes=1),
        )


# --- Resend ---------------------------------------------------------------------------------------


def test_a_resend_kills_the_earlier_code_and_resets_no_count(challenge):
    """R008: four wrong, a resend, the first code, one wrong: closed."""
    first = kinds.right(challenge)
    for _ in range(4):
        answer(kinds.reload(challenge), kinds.wrong(challenge))
    kinds.pass_time(seconds=31)

    renewed = resend(challenge)
    with_first = answer(kinds.reload(renewed), first)

    assert renewed.generation == 1
    assert kinds.right(kinds.reload(renewed)) != first
    assert with_first == Answer(Result.EXHAUSTED, 0)
    assert kinds.reload(challenge).outcome == Outcome.EXHAUSTED


def test_an_answer_from_a_page_older_than_the_resend_is_compared_with_nothing(challenge):
    """R008: the page of the first code was opened before, and is sent after the resend."""
    page = kinds.reload(challenge)
    kinds.pass_time(seconds=31)
    resend(challenge)

    late = answer(page, kinds.right(page))

    assert not late
    assert kinds.reload(challenge).tries == 0


def test_a_resend_renews_the_time_of_an_expired_code(challenge):
    kinds.pass_time(minutes=11)

    renewed = resend(challenge)

    assert answer(kinds.reload(renewed), kinds.right(kinds.reload(renewed)))


def test_a_resend_sends_one_more_message(challenge):
    kinds.pass_time(seconds=31)

    resend(challenge)

    sent = Message.objects.filter(category="code").order_by("generation")
    assert [message.generation for message in sent] == [0, 1]
    assert tags("challenge.sent", "challenge.resent") == ["challenge.sent", "challenge.resent"]


def test_what_has_ended_is_not_sent_again(challenge):
    answer(challenge, kinds.right(challenge))
    kinds.pass_time(seconds=31)

    same = resend(challenge)

    assert same.generation == 0
    assert Message.objects.filter(category="code").count() == 1


def test_a_second_click_on_resend_sends_and_costs_nothing(challenge):
    """C11: both clicks found the page of the first code."""
    kinds.pass_time(seconds=31)
    page = kinds.reload(challenge)
    resend(challenge)
    Challenge.objects.update(issued_at=Now() - timedelta(seconds=61))
    before = sum(Counter.objects.filter(key__startswith="sends-").values_list("hits", flat=True))

    challenges.resend(
        page,
        settings=policy.current_for(challenge.user).settings,
        actor=kinds.actor_for(challenge.user),
    )

    after = sum(Counter.objects.filter(key__startswith="sends-").values_list("hits", flat=True))
    assert Message.objects.filter(category="code").count() == 2
    assert after == before


# --- Counters -------------------------------------------------------------------------------------


def test_a_kind_that_counts_takes_each_count_once_and_never_an_older_one(bob, token_kind):
    """R015 as far as it is the engine's: at sign-in no count at or below the last one."""
    registration = token.register(bob, count=7)
    results = {}
    for count in (6, 7, 8, 8, 7, 9):
        challenge = start(Registration.objects.get(pk=registration.pk))
        given = {"serial": "S-1234", "count": count}
        results.setdefault(count, []).append(bool(answer(challenge, given)))

    assert results == {6: [False], 7: [False, False], 8: [True, False], 9: [True]}


def test_a_count_that_came_too_late_leaves_the_challenge_open(bob, token_kind):
    """A wrong answer like any other: told with the tries that are left."""
    registration = token.register(bob, count=7)
    challenge = start(registration)

    result = answer(challenge, {"serial": "S-1234", "count": 7})

    assert result == Answer(Result.WRONG, 4)
    assert answer(kinds.reload(challenge), {"serial": "S-1234", "count": 8})


def test_a_wrong_answer_raises_no_counter(bob, token_kind):
    registration = token.register(bob, count=7)

    answer(start(registration), {"serial": "S-9", "count": 9})

    registration.refresh_from_db()
    assert registration.last_counter == 7


def test_after_a_change_the_counter_is_the_new_ones(bob, token_kind):
    """R015: the code that confirmed the new one does not sign in."""
    old = token.register(bob, count=3)

    changed = token.register(bob, "S-5678", count=9, replaces=old)

    assert changed.pk == old.pk
    used = answer(start(changed), {"serial": "S-5678", "count": 9})
    assert not used


def test_a_kind_that_sends_nothing_queues_nothing(bob, token_kind):
    kinds.begin(bob, token_kind, {"serial": "S-1"})

    assert not Message.objects.filter(category="code").exists()


# --- Limits ---------------------------------------------------------------------------------------


def hits(name: str) -> list[int]:
    return list(Counter.objects.filter(key__startswith=f"{name}:").values_list("hits", flat=True))


def use_up(challenge) -> throttling.Throttled:
    """Wrong answers until the account has to wait."""
    for _ in range(20):
        Challenge.objects.update(tries=0, closed_at=None, outcome="")
        try:
            answer(kinds.reload(challenge), kinds.wrong(challenge))
        except throttling.Throttled as wait:
            return wait
    raise AssertionError("never throttled")


def test_fifty_fresh_sign_ins_with_two_wrong_answers_each_stop_at_the_limit(ours):
    """R009: a new session, another challenge, another method: the account counts them all."""
    compared = 0
    for number in range(50):
        challenge = start(ours, flow=f"s{number}")
        for _ in range(2):
            try:
                compared += answer(kinds.reload(challenge), kinds.wrong(challenge)).result in (
                    Result.WRONG,
                    Result.EXHAUSTED,
                )
            except throttling.Throttled:
                continue

    assert sum(hits("answers-account")) == compared == 5


def test_while_the_account_waits_the_right_code_is_not_looked_at(challenge):
    """C9: and the try is not spent."""
    use_up(challenge)
    Challenge.objects.update(tries=0, closed_at=None, outcome="")

    with pytest.raises(throttling.Throttled):
        answer(kinds.reload(challenge), kinds.right(challenge))

    assert kinds.reload(challenge).tries == 0


def test_waiting_costs_nothing_however_often_one_tries(challenge):
    """C9, R091: the wait doesn't grow, in no window and for no address."""
    first = use_up(challenge)
    before = {row.key: row.hits for row in Counter.objects.all()}

    waits = set()
    for _ in range(60):
        with pytest.raises(throttling.Throttled) as refusal:
            answer(kinds.reload(challenge), kinds.right(challenge))
        waits.add(refusal.value.retry_at)

    assert waits == {first.retry_at}
    assert {row.key: row.hits for row in Counter.objects.all()} == before


def test_a_right_answer_gives_back_its_own_hit_and_no_other(challenge):
    """R093."""
    for _ in range(3):
        answer(kinds.reload(challenge), kinds.wrong(challenge))

    answer(kinds.reload(challenge), kinds.right(challenge))

    for name in ("answers-account", "answers-account-day", "answers-address"):
        assert sum(hits(name)) == 3


def test_answers_for_a_reset_do_not_fill_the_counters_of_sign_in(ours):
    """C6: nobody else can make the owner wait."""
    use_up(start(ours, purpose=Purpose.RESET))

    challenge = start(ours)

    assert answer(challenge, kinds.right(challenge))


def test_sign_in_and_step_up_share_their_counters(ours):
    """C6."""
    use_up(start(ours))
    challenge = start(ours, purpose=Purpose.CONFIRM)

    with pytest.raises(throttling.Throttled):
        answer(challenge, kinds.right(challenge))


def test_an_office_may_mistype_more_often(ours, make_person, email):
    """C7: twenty times as many from an address of `office_networks`."""
    policy.OrgPolicy.objects.update(office_networks=["192.0.2.0/24"])
    people = [make_person(f"p{number}") for number in range(12)]

    for number, person in enumerate(people):
        registration = Registration.objects.create(
            user=person, kind="email", confirmed=True, details={"address": f"p{number}@x.example"}
        )
        challenge = start(registration)
        answer(challenge, kinds.wrong(challenge))

    assert sum(hits("answers-address")) == 12


def test_one_address_is_limited_over_all_accounts(make_person, email):
    """C7, R091: ten in five minutes."""
    refused = 0
    for number in range(12):
        person = make_person(f"p{number}")
        registration = Registration.objects.create(
            user=person, kind="email", confirmed=True, details={"address": f"p{number}@x.example"}
        )
        challenge = start(registration)
        try:
            answer(challenge, kinds.wrong(challenge))
        except throttling.Throttled:
            refused += 1

    assert hits("answers-address") == [10]
    assert refused == 2


def test_counters_hold_neither_addresses_nor_people(challenge, bob):
    """2.5: keys are fingerprints."""
    answer(challenge, kinds.wrong(challenge))

    keys = " ".join(Counter.objects.values_list("key", flat=True))
    assert kinds.BROWSER.address not in keys
    assert all(len(key.partition(":")[2]) == 43 for key in keys.split())


@pytest.mark.parametrize("change", [{"generation": 5}, {"closed_at": Now(), "outcome": "replaced"}])
def test_what_can_not_be_used_up_notes_nothing(challenge, change):
    """Else a code that was refused would be used up all the same."""
    registration = challenge.registration
    Challenge.objects.filter(pk=challenge.pk).update(**change)

    assert statements.consume(challenge, registration, 7, is_use=True) == (False, False)
    registration.refresh_from_db()
    assert (registration.last_counter, registration.last_used_at) == (-1, None)
