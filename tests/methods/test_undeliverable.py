"""Numbers that a provider has refused for good: remembered, not tried again, told to owners."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from methods import courier, deletion, registrations, registry
from methods.contacts import contacts_of
from methods.models import Challenge, Registration
from methods.standing import Standing
from methods.undeliverable import Undeliverable
from securityinfo.audit.models import Event
from securityinfo.messaging import reports
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.reports import Report
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits
from tests import kinds

pytestmark = pytest.mark.django_db

TEXT, CALL = "sms", "call"
NUMBER = {"country": "NL", "number": "06 12345678"}
OTHER = {"country": "GB", "number": "07400 123456"}
DEAD = "This could not be delivered. Check the number, or choose another way."
OPTED_OUT = (
    "This number has blocked our text messages. "
    "Reply START to our last message, or choose another way."
)
REFUSALS = [
    (base.Undeliverable("400 21211"), Reason.UNDELIVERABLE, DEAD),
    (base.OptedOut("400 21610"), Reason.OPTED_OUT, OPTED_OUT),
]
REMEMBERED_FOR = {
    Reason.UNDELIVERABLE: limits.DEAD_FOR,
    Reason.OPTED_OUT: limits.OPTED_OUT_FOR,
}
refused_in_each_way = pytest.mark.parametrize(
    ("problem", "reason", "words"), REFUSALS, ids=["dead", "opted out"]
)


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow("email")
    kinds.allow(TEXT)
    kinds.allow(CALL)
    OrgPolicy.objects.update(methods_to_register=1)


@pytest.fixture
def text(bob) -> Registration:
    registration = kinds.register(bob, TEXT, NUMBER)
    wait()
    return registration


def wait(**duration) -> None:
    """Time passes, for challenges and for what was sent."""
    by = timedelta(**(duration or {"hours": 1}))
    kinds.pass_time(**(duration or {"hours": 1}))
    Message.objects.update(finished_at=F("finished_at") - by, sent_at=F("sent_at") - by)
    Registration.objects.update(undeliverable_at=F("undeliverable_at") - by)


def ask(registration: Registration) -> Challenge:
    registration.refresh_from_db()
    return kinds.ask(registration, purpose=Purpose.SIGN_IN)


def deliver(challenge: Challenge, problem: Exception | None = None) -> Message:
    if problem:
        MemoryTransport.problems.append(problem)
    message = Message.objects.get(reference=challenge.pk, generation=challenge.generation)
    courier.deliver(message.pk)
    message.refresh_from_db()
    return message


def kill(registration: Registration, problem: Exception = REFUSALS[0][0]) -> Message:
    """The provider refuses the next code to it for good."""
    return deliver(ask(registration), problem)


def report(message: Message, state: State, reason: str = "") -> None:
    Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=f"SM{message.pk}")
    message.refresh_from_db()
    reports.take(message, Report(message.provider_id, state=state, reason=reason))


def is_marked(registration: Registration) -> str:
    registration.refresh_from_db()
    return registration.undeliverable


def standing(user) -> Standing:
    return Standing.of(user, policy.current_for(user))


# --- Remembered -----------------------------------------------------------------------------------


@refused_in_each_way
def test_a_refusal_for_good_marks_the_method_and_is_recorded(
    bob, text, outbox, problem, reason, words
):
    """R028, K7."""
    message = kill(text, problem)

    assert (message.state, message.reason) == (State.FAILED, reason)
    assert is_marked(text) == reason
    event = Event.objects.get(tag="method.undeliverable")
    assert (event.subject, event.kind, event.reason) == (bob.public_id, TEXT, reason)
    assert event.masked == "ending 78"


@refused_in_each_way
def test_nothing_more_is_sent_there(bob, text, outbox, problem, reason, words):
    """R028: refused before the provider is asked, and without a charge."""
    kill(text, problem)
    wait(hours=30)
    text.refresh_from_db()
    sent = Message.objects.count()

    with pytest.raises(Undeliverable):
        ask(text)

    assert Message.objects.count() == sent
    assert Challenge.objects.open().count() == 0


@refused_in_each_way
def test_a_report_that_comes_late_marks_it_too(bob, text, outbox, problem, reason, words):
    """R028: 30005, 30006 and 21610 by callback."""
    message = deliver(ask(text))

    report(message, State.FAILED, reason)
    report(message, State.FAILED, reason)

    assert is_marked(text) == reason
    assert Event.objects.filter(tag="method.undeliverable").count() == 1


@pytest.mark.parametrize("reason", [Reason.UNREACHED, Reason.MISCONFIGURED])
def test_what_may_work_in_a_minute_marks_nothing(bob, text, outbox, reason):
    report(deliver(ask(text)), State.FAILED, reason)

    assert is_marked(text) == ""


def test_a_refusal_of_ours_marks_nothing(bob, text, outbox):
    """A country that policy has dropped may come back."""
    challenge = ask(text)
    OrgPolicy.objects.update(allowed_countries=["GB"], home_country="GB")

    assert deliver(challenge).reason == Reason.REFUSED
    assert is_marked(text) == ""


def test_everybody_with_the_number_is_marked_and_nobody_else(bob, eve, text, outbox):
    """R028: with an event for each owner; calls to it are another matter."""
    hers = kinds.register(eve, TEXT, NUMBER)
    wait()
    call = kinds.register(eve, CALL, NUMBER | {"type": "mobile"})
    other = kinds.register(eve, TEXT, OTHER)
    wait()

    kill(text)

    assert [is_marked(each) for each in (text, hers)] == [Reason.UNDELIVERABLE] * 2
    assert [is_marked(each) for each in (call, other)] == ["", ""]
    events = Event.objects.filter(tag="method.undeliverable")
    assert {each.subject for each in events} == {bob.public_id, eve.public_id}


def test_a_dead_number_can_be_marked_for_calls(bob, outbox):
    call = kinds.register(bob, CALL, NUMBER | {"type": "mobile"})
    wait()

    kill(call)

    assert is_marked(call) == Reason.UNDELIVERABLE


def test_an_address_is_never_marked(bob, outbox):
    """A mail server refuses for good because of its own mistakes, too."""
    email = kinds.register(bob, "email")
    wait()

    kill(email, base.Undeliverable("550"))
    wait()

    assert is_marked(email) == ""
    assert deliver(ask(email)).state == State.SENT


def test_the_number_is_in_no_row(bob, text, outbox):
    """R028: a keyed fingerprint remembers it."""
    kill(text)

    rows = str([*Message.objects.values(), *Registration.objects.values(), *Event.objects.values()])
    assert Message.objects.filter(destination=text.channel).exists()
    assert not any(secret in rows for secret in ("12345678", "6 12345678"))


# --- Numbers that nobody has registered -----------------------------------------------------------


def begin(user, kind: str = TEXT, form: dict = NUMBER) -> Challenge:
    return kinds.begin(user, registry.get(kind), form)


@refused_in_each_way
def test_a_number_that_nobody_has_is_remembered_for_a_while(
    bob, eve, outbox, problem, reason, words
):
    """R028: whoever asks, and also if what was begun is gone."""
    deliver(begin(bob), problem)
    Registration.objects.all().delete()

    with pytest.raises(Undeliverable):
        begin(eve)

    wait(seconds=REMEMBERED_FOR[reason].total_seconds() + 1)
    assert begin(eve)


def test_a_stranger_s_dead_method_keeps_a_new_owner_out_for_a_day_at_most(bob, eve, text, outbox):
    """Numbers are given to other people: only bob has to prove it again."""
    kill(text)
    wait(hours=25)

    challenge = begin(eve)

    assert deliver(challenge).state == State.SENT
    assert is_marked(text)


def test_a_later_success_there_is_believed(bob, eve, outbox):
    """What the provider said last counts, not what it said once."""
    deliver(begin(bob), base.Undeliverable("400 21211"))
    wait(hours=25)
    deliver(begin(eve))
    Message.objects.filter(state=State.FAILED).update(
        finished_at=F("finished_at") + timedelta(hours=20)
    )
    kinds.pass_time(hours=1)

    assert begin(eve)


def test_calls_to_it_may_be_tried(bob, eve, outbox):
    deliver(begin(bob), base.Undeliverable("400 21614"))

    assert begin(eve, CALL, NUMBER | {"type": "mobile"})


def test_what_was_queued_before_is_not_sent_after(bob, text, outbox):
    """R028: the worker asks once more."""
    challenge = ask(text)
    Registration.objects.update(undeliverable=Reason.OPTED_OUT)

    message = deliver(challenge)

    assert (message.state, message.reason) == (State.FAILED, Reason.OPTED_OUT)
    assert outbox == []


# --- What its owner sees and can do ---------------------------------------------------------------


def test_it_is_shown_but_not_usable(bob, text, outbox):
    """K7, MG8: the default mark stays; the strongest other one is asked first meanwhile."""
    email = kinds.register(bob, "email")
    kill(text)

    now = standing(bob)

    assert [each.pk for each in now.usable] == [email.pk]
    assert [each.pk for each in now.for_sign_in] == [email.pk]
    assert len(now.registrations) == 2
    assert now.default.pk == text.pk
    assert now.asked_first.pk == email.pk


@pytest.mark.parametrize(
    ("problem", "note"),
    [
        (REFUSALS[0][0], "We couldn&#x27;t reach this number. Change it or confirm it again."),
        (
            REFUSALS[1][0],
            "This number has blocked our text messages. "
            "Reply START to our last message, then confirm it again.",
        ),
    ],
)
def test_security_info_says_what_is_wrong_and_the_way_out(
    bob, text, signed_in, outbox, problem, note
):
    """SM5."""
    kinds.register(bob, "email")
    kill(text, problem)

    page = signed_in(bob).get("/security-info/").content.decode()

    assert "Can&#x27;t be reached" in page
    assert note in page
    assert reverse("methods:change", args=[text.uuid]) in page
    assert "asked for your email first." in page


def test_it_can_be_deleted_whatever_is_left(bob, text, outbox):
    """MG6."""
    kill(text)

    now = standing(bob)

    assert deletion.may_delete(now.registrations[0], now)


def test_it_does_not_save_the_last_one_that_works(bob, text, outbox):
    """MG6: what can't be reached is no way in."""
    email = kinds.register(bob, "email")
    kill(text)

    now = standing(bob)

    assert not deletion.may_delete(email, now)


def test_notices_are_not_texted_there(bob, text, outbox):
    kill(text)

    assert {each.channel for each in contacts_of(bob)} == {"email"}


@refused_in_each_way
def test_a_form_says_it_before_the_provider_is_asked(
    bob, eve, signed_in, outbox, problem, reason, words
):
    """DE3."""
    deliver(begin(eve), problem)
    sent = Message.objects.count()

    page = signed_in(bob).post(reverse("methods:set-up", args=[TEXT]), NUMBER)

    assert page.status_code == 422
    assert words in page.content.decode()
    assert Message.objects.count() == sent


def test_asking_for_a_new_code_says_it_too(bob, signed_in, outbox):
    browser = signed_in(bob)
    browser.post(reverse("methods:set-up", args=[TEXT]), NUMBER)
    deliver(Challenge.objects.get(), base.OptedOut("400 21610"))
    wait(seconds=40)

    page = browser.post(reverse("methods:resend", args=[TEXT]), follow=True).content.decode()

    assert page.count(OPTED_OUT) == 2  # what became of the last one, and why there is no new one
    assert Message.objects.count() == 1


@refused_in_each_way
def test_its_owner_proves_the_number_again(bob, text, signed_in, outbox, problem, reason, words):
    """K8: whoever has replied START need not wait, and nothing else of the method changes."""
    kill(text, problem)
    wait(seconds=40)
    browser, change = signed_in(bob), reverse("methods:change", args=[text.uuid])

    page = browser.get(change).content.decode()
    asked = browser.post(change, NUMBER)
    challenge = Challenge.objects.select_related("registration").latest("created_at")
    delivered = deliver(challenge)
    browser.post(asked["Location"], kinds.right(challenge))

    assert 'value="06 12345678"' in page
    assert "It keeps working" not in page
    assert delivered.state == State.SENT
    assert is_marked(text) == ""
    assert standing(bob).default.pk == text.pk
    wait()
    assert deliver(ask(Registration.objects.get(pk=text.pk))).state == State.SENT


def test_the_owner_of_another_number_is_not_let_through(bob, eve, text, outbox):
    """Only the very number that is to be proved again, and only its owner's own method."""
    kill(text)
    other = kinds.register(eve, TEXT, OTHER)
    wait(seconds=40)

    with pytest.raises(Undeliverable):
        kinds.begin(eve, registry.get(TEXT), NUMBER, replaces=other)


def test_a_method_that_works_is_not_proved_again(bob, text, outbox):
    with pytest.raises(registrations.AlreadyAdded):
        kinds.begin(bob, registry.get(TEXT), NUMBER, replaces=text)


def test_another_number_ends_it(bob, text, outbox):
    """K8."""
    kill(text)

    kinds.register(bob, TEXT, OTHER, replaces=Registration.objects.get(pk=text.pk))

    assert is_marked(text) == ""
    assert text.undeliverable_at is None


# --- What clears it -------------------------------------------------------------------------------


def test_a_delivered_message_clears_it_for_everybody(bob, eve, text, outbox):
    kill(text)
    wait(hours=25)
    message = deliver(begin(eve))

    report(message, State.DELIVERED)

    assert is_marked(text) == ""


def test_a_message_sent_before_clears_nothing(bob, text, outbox):
    """Reports come in any order: what was sent before the refusal says nothing of now."""
    before = deliver(ask(text))
    wait(seconds=40)
    kill(text, base.OptedOut("400 21610"))

    report(before, State.DELIVERED)

    assert is_marked(text) == Reason.OPTED_OUT


def test_a_late_report_about_an_older_message_marks_nothing(bob, text, outbox):
    """A later one has reached the number since."""
    older = deliver(ask(text))
    wait(seconds=40)
    report(deliver(ask(text)), State.DELIVERED)

    report(older, State.FAILED, Reason.UNDELIVERABLE)

    assert is_marked(text) == ""


def test_a_right_answer_clears_it_for_everybody(bob, eve, text, outbox):
    """Calls are never reported as delivered; whoever answers rightly has been reached."""
    kill(text)
    wait(hours=25)

    challenge = begin(eve)
    deliver(challenge)
    kinds.confirm(kinds.reload(challenge))

    assert is_marked(text) == ""


def test_a_wrong_answer_clears_nothing(bob, eve, text, outbox):
    kill(text)
    wait(hours=25)

    challenge = begin(eve)
    kinds.confirm(challenge, kinds.wrong(challenge))

    assert is_marked(text) == Reason.UNDELIVERABLE


def test_a_suspended_method_stays_suspended(bob, text, outbox):
    kill(text)
    Registration.objects.update(suspended_at=timezone.now())

    assert not standing(bob).may_change(Registration.objects.get(pk=text.pk))
