"""Keys pressed in a call: one try each, counted first, and the page goes on only after that."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.urls import reverse

from methods import answers, challenges, registrations, texts
from methods.answers import Result
from methods.models import Challenge, Registration
from securityinfo import throttling
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from securityinfo.messaging import calls
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(db):
    kinds.allow("call")
    return kinds.registry.get("call")


@pytest.fixture
def challenge(bob, call):
    return kinds.begin(bob, call)


def press(challenge: Challenge, digits: str) -> Keyed:
    """What the keys meant; OVER too if the call takes none any more."""
    message = Message.objects.get(reference=challenge.pk, generation=challenge.generation)
    try:
        return calls.keys_pressed(message, digits)
    except calls.Closed:
        return Keyed.OVER


def number_of(challenge: Challenge) -> str:
    return challenge.prompt(challenge.registration.details).number


def wrong_number(challenge: Challenge) -> str:
    return "10" if number_of(challenge) != "10" else "11"


def call_again(challenge: Challenge) -> Challenge:
    kinds.pass_time(minutes=3)
    return challenges.resend(
        kinds.reload(challenge),
        settings=kinds.policy.current_for(challenge.user).settings,
        actor=kinds.actor_for(challenge.user),
    )


def press_done(challenge: Challenge) -> Result:
    return kinds.confirm(kinds.reload(challenge), {"go_on": "yes"}).result


def test_the_right_number_lets_the_page_go_on(challenge, bob):
    """CA6."""
    assert press(challenge, number_of(challenge)) is Keyed.RIGHT
    assert not Registration.objects.of(bob).confirmed().exists()

    assert press_done(challenge) is Result.RIGHT
    assert Registration.objects.of(bob).confirmed().exists()


def test_done_before_that_spends_no_try(challenge):
    assert press_done(challenge) is Result.AWAITED

    assert kinds.reload(challenge).tries == 0
    assert not Counter.objects.filter(key__startswith="answers-account", hits__gt=0).exists()


@pytest.mark.parametrize("digits", ["", "#", "1", "000", "12345"])
def test_silence_a_bare_pound_and_tones_verify_nothing(challenge, digits):
    """R025."""
    keyed = press(challenge, digits)

    assert keyed is (Keyed.WRONG if digits else Keyed.SILENCE)
    assert kinds.reload(challenge).tries == 1
    assert press_done(challenge) is Result.WRONG
    assert kinds.reload(challenge).tries == 1
    assert Event.objects.filter(tag="challenge.answered", result="refused").count() == 1


def test_one_call_is_worth_one_try(challenge):
    """R025: the right number after a wrong one is not even looked at."""
    press(challenge, wrong_number(challenge))

    assert press(challenge, number_of(challenge)) is Keyed.OVER
    assert press_done(challenge) is Result.WRONG
    assert kinds.reload(challenge).tries == 1


def test_the_challenge_itself_hears_one_answer_of_each_call(challenge):
    """R025: whatever a provider's own rules let through."""
    wrong, right = wrong_number(challenge), number_of(challenge)

    first = answers.key_in(challenge, {"keys": wrong}, actor=SYSTEM)
    second = answers.key_in(challenge, {"keys": right}, actor=SYSTEM)

    assert (first.result, bool(second)) == (Result.WRONG, False)
    assert kinds.reload(challenge).tries == 1
    assert press_done(challenge) is Result.WRONG


def test_another_call_is_another_try_with_another_number(challenge):
    first = number_of(challenge)
    press(challenge, wrong_number(challenge))

    again = call_again(challenge)

    assert number_of(again) != first
    assert press(again, number_of(again)) is Keyed.RIGHT
    assert press_done(again) is Result.RIGHT


def test_keys_of_an_older_call_are_over(challenge):
    """C2, C8."""
    older = Message.objects.get(reference=challenge.pk)
    number = number_of(challenge)
    call_again(challenge)

    assert calls.keys_pressed(older, number) is Keyed.OVER
    assert press_done(challenge) is Result.AWAITED


def test_a_new_call_forgets_what_the_older_one_was_told(challenge):
    press(challenge, number_of(challenge))

    call_again(challenge)

    assert press_done(challenge) is Result.AWAITED


def test_the_last_try_ends_the_challenge(challenge):
    """C3."""
    Challenge.objects.update(tries=challenge.max_tries - 1)

    assert press(challenge, wrong_number(challenge)) is Keyed.WRONG
    assert press_done(challenge) is Result.EXHAUSTED


def test_the_right_number_at_the_last_try_still_confirms(challenge):
    Challenge.objects.update(tries=challenge.max_tries - 1)

    assert press(challenge, number_of(challenge)) is Keyed.RIGHT
    assert press_done(challenge) is Result.RIGHT


def test_who_must_wait_is_not_judged(challenge, bob):
    """C9: the account's wrong answers, however they were given."""
    for _ in range(5):
        kinds.pass_time(minutes=3)
        other = kinds.begin(bob, challenge.registration.method, flow="other")
        press(other, wrong_number(other))
        Registration.objects.filter(pk=other.registration_id).delete()
        Counter.objects.filter(key__startswith="sends").delete()
    kinds.pass_time(minutes=3)
    latest = kinds.begin(bob, challenge.registration.method, flow="latest")

    assert press(latest, number_of(latest)) is Keyed.OVER
    assert kinds.reload(latest).keyed == ""


def test_calls_of_different_people_share_no_limit(call, bob, eve, carol, ada, make_person):
    """A phone has no network address: nobody is kept waiting by the keys of others."""
    for number, user in enumerate([bob, eve, *(make_person(f"p{n}") for n in range(12))]):
        form = {"type": "mobile", "country": "NL", "number": f"06 123456{number:02}"}
        challenge = kinds.begin(user, call, form)
        Counter.objects.filter(key__startswith="sends").delete()

        assert press(challenge, wrong_number(challenge)) is Keyed.WRONG


def test_zero_reports_it_and_every_contact_hears_of_it(challenge, bob):
    """CA5, N14."""
    assert press(challenge, "0") is Keyed.REPORTED

    assert press_done(challenge) is Result.ENDED
    assert press(challenge, number_of(challenge)) is Keyed.OVER
    assert Event.objects.filter(tag="challenge.disowned", subject=bob.public_id).exists()
    notice = Message.objects.get(category="notice")
    assert notice.sealed["to"] == bob.work_address
    assert notice.sealed["subject"] == "You told us that you didn't ask for a call"
    assert "change it" not in str(notice.sealed)  # nobody can change a password yet


def refused_until(user, form: dict | None = None) -> str:
    """What the page says instead of calling; empty if the call is made."""
    method = kinds.registry.get("call")
    try:
        kinds.begin(user, method, form, flow="again")
    except throttling.Throttled as wait:
        return texts.why_not_sent(method, wait)
    return ""


def test_a_phone_that_disowned_a_call_is_not_called_again_for_a_day(challenge, bob):
    """CA5: neither later nor after "Cancel", which forgets the challenge."""
    press(challenge, "0")
    ruleset = kinds.policy.current_for(bob)
    registrations.cancel(bob, flow="f1", ruleset=ruleset, actor=kinds.actor_for(bob))
    kinds.pass_time(hours=1)

    words = refused_until(bob)

    assert words.startswith("No more calls can be made to this number until ")
    assert words.endswith(". Choose another way.")
    assert Message.objects.filter(category="code").count() == 1


def test_an_extension_makes_no_other_phone_of_it(bob, call):
    """CA5."""
    office = {"type": "office", "country": "NL", "number": "020 1234567"}
    press(kinds.begin(bob, call, office | {"extension": "1"}), "0")

    assert refused_until(bob, office | {"extension": "2"})


def test_a_confirmed_phone_that_disowned_a_call_is_not_called_again_either(bob, call):
    """CA5: a stranger with the password gets no second call to be answered by mistake."""
    registration = kinds.register(bob, "call")
    kinds.pass_time(hours=1)
    press(kinds.ask(registration), "0")
    kinds.pass_time(hours=1)

    with pytest.raises(throttling.Throttled):
        kinds.ask(registration)


def test_who_disowned_a_call_can_still_be_called_for_another_account(challenge, eve):
    """Nobody's number is taken from its owner by somebody else's mistake."""
    press(challenge, "0")
    kinds.pass_time(hours=1)

    assert kinds.begin(eve, challenge.registration.method)


def test_another_number_can_be_called_meanwhile(challenge, bob):
    press(challenge, "0")

    assert not refused_until(bob, {"type": "alternate", "country": "NL", "number": "06 12345679"})


def test_after_a_day_the_phone_can_be_called_again(challenge, bob):
    press(challenge, "0")
    kinds.pass_time(hours=25)
    Counter.objects.filter(hold_until__gt=0).update(hold_until=F("hold_until") - limits.DAY)

    assert not refused_until(bob)


def test_after_the_end_a_call_is_no_longer_needed(challenge):
    press(challenge, number_of(challenge))
    press_done(challenge)

    assert press(challenge, number_of(challenge)) is Keyed.OVER


def test_an_expired_call_compares_nothing(challenge):
    kinds.pass_time(minutes=11)

    assert press(challenge, number_of(challenge)) is Keyed.OVER
    assert kinds.reload(challenge).tries == 0


def test_what_was_keyed_opens_only_the_browser_that_asked(challenge, eve):
    """R003."""
    press(challenge, number_of(challenge))

    assert kinds.confirm(kinds.reload(challenge), {"x": "y"}, flow="f2").result is Result.ENDED
    assert not Registration.objects.confirmed().exists()


def test_a_type_can_be_taken_only_once(call, bob):
    """CA1: also when two set-ups of one type go on side by side."""
    one = kinds.begin(bob, call, {"type": "mobile", "country": "NL", "number": "06 12345678"})
    other = kinds.begin(
        bob, call, {"type": "mobile", "country": "NL", "number": "06 12345679"}, flow="f2"
    )
    kinds.confirm(one)

    with pytest.raises(kinds.registrations.AlreadyAdded):
        kinds.confirm(other)


def test_the_pages_tell_how_it_stands(call, bob, signed_in):
    browser = signed_in(bob)
    start, verify, status = (
        reverse(f"methods:{name}", args=["call"]) for name in ("set-up", "verify", "status")
    )
    browser.post(start, {"type": "mobile", "country": "NL", "number": "0612345678"})
    challenge = Challenge.objects.get()

    page = browser.get(verify).content.decode()
    early = browser.post(verify)
    waiting = browser.get(status).content.decode()
    press(challenge, number_of(challenge))
    answered = browser.get(status).content.decode()

    assert number_of(challenge) in page
    assert "Answer your phone" in page
    assert "data-goes-on" in page
    assert "Never share this code" not in page
    assert early.status_code == 422
    assert "received the number yet." in early.content.decode()
    assert "data-answered" not in waiting
    assert "data-answered" in answered
    assert browser.post(verify)["Location"] == "/security-info/"
