"""At most one call for each request, whatever happens to worker, broker and provider (DE2, I5)."""

from __future__ import annotations

import re
import signal
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now

from methods import challenges, registry
from methods.answers import Result
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.demo import gateway
from securityinfo.messaging import tasks
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.status import DeliveryState
from securityinfo.policy import service as policy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.faults.delivery.rows import end_the_lease, row, told
from tests.messaging.telephony import post_to_the_views
from tests.servers import twilio as servers
from tests.servers.processes import wait_until
from tests.servers.twilio import ACCOUNT, TOO_MANY

OVER = "This call is no longer needed. Goodbye."
THANKS = "Thank you. Go back to your screen. Goodbye."
AFTER_SEND = "delivery.after_send"
LONG = 120  # seconds; only a machine that is very busy needs so many


@pytest.fixture
def start(start_worker, twilio):
    """A real worker that calls by this Twilio."""

    def start(*options, **changes):
        return start_worker(*options, **twilio.environment | changes)

    return start


@pytest.fixture
def ask_for_call(publishing, bob):
    """`ask_for_call(eve, "0612345679")`: somebody wants to add a phone."""
    kinds.allow("call")

    def ask(user=bob, number="06 12345678") -> Challenge:
        form = {"type": "mobile", "country": "NL", "number": number}
        return kinds.begin(user, registry.get("call"), form)

    return ask


def message_of(challenge):
    return Message.objects.get(reference=challenge.pk, generation=challenge.generation)


def number_of(challenge):
    return challenge.prompt(challenge.registration.details).number


def call_again(challenge):
    kinds.pass_time(minutes=3)
    return challenges.resend(
        kinds.reload(challenge),
        settings=policy.current(),
        actor=kinds.actor_for(challenge.user),
    )


def press_done(challenge):
    return kinds.confirm(kinds.reload(challenge), {"go_on": "yes"}).result


@pytest.fixture
def swept(publishing):
    """`swept(worker)`: it has tidied up, and whatever that published was done."""

    def sweep(worker):
        for _ in range(2):
            sent = publishing.send_task(tasks.SWEEP)
            wait_until(lambda sent=sent: f"{sent.id}] succeeded" in worker.said, LONG)

    return sweep


# --- The worker dies ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failpoint", "left_in", "end", "calls"),
    [
        ("delivery.after_claim", State.CLAIMED, State.SENT, 1),
        ("delivery.after_calling", State.CALLING, State.UNKNOWN, 0),
        ("delivery.after_send", State.CALLING, State.UNKNOWN, 1),
    ],
)
def test_a_killed_worker_never_causes_a_second_call(
    start, twilio, ask_for_call, swept, failpoint, left_in, end, calls
):
    """F01, F02, I5: what may have been taken is not asked for again."""
    message = message_of(ask_for_call())
    killed = start(FAILPOINT=failpoint)
    assert killed.kill_at(failpoint) == killed.pid
    assert killed.wait() == -signal.SIGKILL
    assert row(message).state == left_in

    end_the_lease(message)
    worker = start()
    wait_until(lambda: row(message).state == end, LONG)
    swept(worker)

    assert row(message).state == end
    assert len(twilio.calls) == calls


def test_the_process_of_a_worker_that_is_killed_is_replaced_and_calls_nobody_again(
    start, twilio, ask_for_call
):
    """F02, I8: its parent says the task again; the row is claimed, so that does nothing."""
    message = message_of(ask_for_call())
    worker = start("--pool", "prefork", "--concurrency", "1", FAILPOINT=AFTER_SEND)
    assert worker.kill_at(AFTER_SEND) != worker.pid
    wait_until(lambda: worker.said.count("methods.deliver[") >= 2, LONG, "said again")

    end_the_lease(message)
    wait_until(lambda: row(message).state == State.UNKNOWN, LONG)

    assert worker.is_running
    assert told(message) == DeliveryState.UNCLEAR
    assert len(twilio.calls) == 1


@pytest.mark.parametrize("is_given_up", [False, True])
def test_a_call_of_which_a_dead_worker_told_nothing_can_be_answered(
    start, twilio, ask_for_call, swept, bob, is_given_up
):
    """F02, I8: the provider's requests say what the worker could not; and no second call."""
    challenge = ask_for_call()
    message = message_of(challenge)
    start(FAILPOINT=AFTER_SEND).kill_at(AFTER_SEND)
    (sent,) = twilio.calls
    worker = start()
    if is_given_up:
        end_the_lease(message)
        wait_until(lambda: row(message).state == State.UNKNOWN, LONG)
        assert (row(message).reason, told(message)) == (Reason.LOST, DeliveryState.UNCLEAR)

    assert twilio.report(sent, "ringing").status == 204
    assert (row(message).state, row(message).provider_id) == (State.SENT, sent.sid)
    assert told(message) == DeliveryState.RINGING
    twilio.answer(sent)
    twilio.press(sent, number_of(challenge))
    swept(worker)

    assert sent.heard[-1] == THANKS
    assert press_done(challenge) is Result.RIGHT
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert len(twilio.calls) == 1


def test_who_asks_again_after_a_lost_call_gets_one_more_and_the_lost_one_is_over(
    start, twilio, ask_for_call
):
    """I1, I5: one call for each request; only the newest is listened to."""
    challenge = ask_for_call()
    start(FAILPOINT=AFTER_SEND).kill_at(AFTER_SEND)
    again = call_again(challenge)
    start()
    wait_until(lambda: len(twilio.calls) == 2, LONG)
    lost, new = twilio.calls

    twilio.answer(lost)
    twilio.answer(new)
    twilio.press(new, number_of(again))

    assert lost.heard == [OVER]
    assert new.heard[-1] == THANKS
    assert press_done(challenge) is Result.RIGHT
    assert len(twilio.calls) == 2


def test_a_call_overtaken_while_its_worker_was_dead_is_not_made(start, twilio, ask_for_call):
    """F01, I5."""
    challenge = ask_for_call()
    overtaken = message_of(challenge)
    start(FAILPOINT="delivery.after_claim").kill_at("delivery.after_claim")
    newest = message_of(call_again(challenge))

    end_the_lease(overtaken)
    start()
    wait_until(lambda: row(overtaken).state == State.STALE, LONG)
    wait_until(lambda: row(newest).state == State.SENT, LONG)

    assert [str(newest.pk) in call.fields["Url"] for call in twilio.calls] == [True]


# --- The provider fails ---------------------------------------------------------------------------


def test_a_busy_provider_is_asked_again_until_it_takes_the_call(start, twilio, ask_for_call):
    """F03: 429 three times, then 201; the pauses are the row's own."""
    twilio.next(TOO_MANY, TOO_MANY, TOO_MANY)
    message = message_of(ask_for_call())
    start()

    for tries in (1, 2, 3):
        refused = Message.objects.filter(pk=message.pk, state=State.PENDING, tries__gte=tries)
        wait_until(lambda refused=refused: refused.update(next_try_at=Now()), LONG)
        assert tasks.publish(message.job, message.pk)
    wait_until(lambda: row(message).state == State.SENT, LONG)

    assert twilio.requests == 4
    assert len(twilio.calls) == 1
    assert told(message) == DeliveryState.RINGING


TAKEN = [
    servers.HANG,
    servers.DRIP,
    servers.DROP,
    servers.RESET,
    servers.BAD_JSON,
    servers.NO_SID,
]
NOT_TAKEN = [servers.REDIRECT, servers.error(503), servers.error(500, 20500)]


def test_an_unclear_call_is_told_and_asked_for_once_and_the_worker_goes_on(
    start, twilio, ask_for_call, make_person, bob
):
    """F04, F05, R127: hangs, drips, resets, bad JSON; the callback mends what was taken."""
    moods = TAKEN + NOT_TAKEN
    twilio.next(*moods)
    unclear = [
        message_of(ask_for_call(make_person(f"person{number}"), f"061{number}5678"))
        for number in range(100, 100 + len(moods))
    ]
    worker = start()

    def all_are_unclear():
        """One after the other, as if they were minutes apart: the breaker is not the subject."""
        Counter.objects.filter(key__startswith="provider-").delete()
        return all(row(each).state == State.UNKNOWN for each in unclear)

    wait_until(all_are_unclear, LONG)
    Counter.objects.filter(key__startswith="provider-").delete()
    clear = message_of(ask_for_call())
    wait_until(lambda: row(clear).state == State.SENT, LONG)

    assert {told(each) for each in unclear} == {DeliveryState.UNCLEAR}
    assert twilio.requests == len(moods) + 1
    durations = re.findall(r"methods\.deliver\[[^]]*\] succeeded in ([0-9.]+)s", worker.said)
    assert max(map(float, durations)) < 14  # eight of them on the provider
    assert [twilio.report(call, "ringing").status for call in twilio.calls] == [204] * 7
    assert [row(each).state for each in unclear].count(State.SENT) == len(TAKEN)
    assert twilio.requests == len(moods) + 1
    assert not any(call.fields["To"] in worker.said for call in twilio.calls)


# --- The provider speaks in disorder --------------------------------------------------------------


def test_requests_doubled_late_reordered_and_forged_judge_one_answer_once(
    start, twilio, ask_for_call, bob
):
    """F13, I1, I2, I7."""
    challenge = ask_for_call()
    message = message_of(challenge)
    start()
    wait_until(lambda: row(message).state == State.SENT, LONG)
    (sent,) = twilio.calls
    for status in ("completed", "ringing", "completed", "in-progress", "initiated"):
        assert twilio.report(sent, status).status == 204
    twilio.answer(sent)
    document = sent.document
    keys = document.gathers[0].action
    fields = gateway.call_request(
        ACCOUNT, sent.sid, sent.fields, status="in-progress", Digits=number_of(challenge)
    )

    forged = [post_to_the_views(keys, fields, signature).status for signature in ("", "Zm9yZ2Vk")]
    assert press_done(challenge) is Result.AWAITED
    first = twilio.press(sent, number_of(challenge))
    sent.document = document
    later = [twilio.press(sent, digits).status for digits in (number_of(challenge), "0", "99")]

    assert forged == [403, 403]
    assert (first.status, later) == (200, [410, 410, 410])
    assert kinds.reload(challenge).tries == 1
    assert [press_done(challenge), press_done(challenge)] == [Result.RIGHT, Result.USED]
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert Event.objects.filter(tag="challenge.answered").count() == 1
    assert {urlsplit(url).query for url, _ in twilio.posted} == {""}


# --- The broker fails -----------------------------------------------------------------------------


def test_a_call_asked_for_while_the_broker_is_away_is_made_later_and_once(
    start, twilio, redis, ask_for_call, swept
):
    """F10, R095."""
    redis.kill()
    message = message_of(ask_for_call())
    assert told(message) == DeliveryState.DELAYED

    redis.start()
    worker = start()
    wait_until(lambda: row(message).state == State.SENT, LONG)
    swept(worker)

    assert len(twilio.calls) == 1


@pytest.mark.parametrize("is_flushed", [False, True])
def test_a_broker_that_forgets_or_repeats_itself_causes_one_call(
    start, twilio, redis, ask_for_call, swept, is_flushed
):
    """F11: the sweeper says again what was lost; claims make doubles do nothing."""
    message = message_of(ask_for_call())
    for _ in range(4):
        assert tasks.publish(message.job, message.pk)
    if is_flushed:
        redis.client().flushall()

    worker = start()
    wait_until(lambda: row(message).state == State.SENT, LONG)
    swept(worker)

    assert len(twilio.calls) == 1
    assert twilio.requests == 1
