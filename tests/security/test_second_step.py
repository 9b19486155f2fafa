"""The requirements on the second step and on confirming: what an intruder gets."""

from __future__ import annotations

import itertools
import re
import time
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.signals import user_logged_in
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from methods import answers, registry
from methods.answers import Result
from methods.models import Challenge, Outcome, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    is_signed_in,
    policy,
)
from tests.flows.proofs import (
    CONFIRM,
    CONFIRM_OTHER,
    OTHER,
    RESEND,
    TYPED,
    app_code,
    choose,
    each_typed_kind,
    forget_codes,
    forget_limits,
    has,
    is_default,
    is_said,
    new_browser,
    newest,
    proving,
    right,
    wrong,
)

pytestmark = pytest.mark.django_db

ADD = "/security-info/add/"
ADDING = "/security-info/add/email/"
FIVE = limits.ANSWERS_BY_ACCOUNT[-1].hits


@pytest.fixture
def comparisons(monkeypatch) -> list[str]:
    """Of which kind an answer was whenever one was really compared."""
    seen: list[str] = []
    for kind in TYPED:
        method = registry.get(kind)

        def counted(prompt, answer, method=method, real=method.check):
            seen.append(method.kind)
            return real(prompt, answer)

        monkeypatch.setattr(method, "check", counted, raising=False)
    return seen


# --- R003: one person, one purpose, one method, one browser ---------------------------------------


def at_sign_in(user: User) -> tuple[Client, str]:
    return proving(user), VERIFY


def at_confirm(user: User) -> tuple[Client, str]:
    client = new_browser()
    client.force_login(user)
    Session.objects.of(user).update(fresh_at=None)
    query = urlencode({"next": ADD})
    email = Registration.objects.get(user=user, kind="email", confirmed=True)
    choose(client, email, f"{CONFIRM_OTHER}?{query}")
    return client, f"{CONFIRM}?{query}"


def at_adding(user: User) -> tuple[Client, str]:
    client = new_browser()
    client.force_login(user)
    client.post(ADDING, {"address": f"{user.username}.two@example.net"})
    return client, f"{ADDING}verify/"


PLACES = {"sign_in": at_sign_in, "confirm": at_confirm, "register": at_adding}


def achieved() -> tuple:
    """What right answers bring about."""
    fresh = Session.objects.filter(fresh_at__isnull=False).count()
    return (
        Session.objects.exclude(user=None).count(),
        fresh,
        Registration.objects.confirmed().count(),
    )


@pytest.fixture
def people(bob, eve) -> dict[str, User]:
    for user in (bob, eve):
        has(user, "authenticator")
        is_default(has(user, "email", {"address": f"{user.username}@example.net"}))
    return {"bob": bob, "eve": eve}


@pytest.mark.parametrize("asked_at", PLACES)
@pytest.mark.parametrize("answered_at", PLACES)
def test_a_code_answers_for_its_person_purpose_and_browser_alone(people, asked_at, answered_at):
    """R003: all combinations are refused but one."""
    accepted, last = {}, Registration.objects.latest("pk").pk

    for owner, other, is_same_browser in itertools.product(people, people, (True, False)):
        forget_codes()
        Session.objects.all().delete()
        Registration.objects.filter(pk__gt=last).delete()
        if is_same_browser and (owner, asked_at) != (other, answered_at):
            continue  # one browser shows one page for each person and purpose
        theirs, page = PLACES[answered_at](people[other])
        target = newest(user=people[other])
        kinds.pass_time(minutes=2)
        if is_same_browser:
            source = target
        else:
            PLACES[asked_at](people[owner])
            source = newest(user=people[owner], purpose=asked_at)
        before = achieved()
        theirs.post(page, {"code": source.prompt(source.registration.details).code})
        accepted[owner, other, is_same_browser] = achieved() != before

    expected = {each: each[2] for each in accepted}
    assert accepted == expected


def test_a_challenge_answers_for_its_method_alone(people, bob):
    """SI6: the right code of another method of the same person."""
    browser = proving(bob)
    app = Registration.objects.get(user=bob, kind="authenticator")
    code = app_code(app)

    assert browser.post(VERIFY, code).status_code == 422
    assert not is_signed_in(browser)


# --- R004 to R008: one challenge ------------------------------------------------------------------


@pytest.fixture
def half(bob) -> Client:
    has(bob, "email")
    return proving(bob)


def test_a_millisecond_too_late_is_too_late(half):
    """R004."""
    given = right()
    Challenge.objects.update(expires_at=Now() - timedelta(milliseconds=1))

    assert half.post(VERIFY, given).status_code == 422
    assert not is_signed_in(half)


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("is_over", [False, True])
def test_the_clock_of_the_application_changes_no_verdict(half, bob, hours, is_over):
    """R004."""
    if is_over:
        Challenge.objects.update(expires_at=Now())
    challenge = kinds.reload(newest())

    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        answer = answers.judge(
            challenge,
            kinds.right(challenge),
            purpose=Purpose.SIGN_IN,
            flow=challenge.flow,
            actor=kinds.actor_for(bob),
            then=lambda _: None,
        )

    assert answer.result == (Result.EXPIRED if is_over else Result.RIGHT)


ENDED = {
    "expired": lambda: Challenge.objects.update(expires_at=Now()),
    "exhausted": lambda: Challenge.objects.close(Outcome.EXHAUSTED),
    "canceled": lambda: Challenge.objects.close(Outcome.CANCELED),
    "used": lambda: Challenge.objects.close(Outcome.VERIFIED),
    "without tries": lambda: Challenge.objects.update(tries=F("max_tries")),
}


@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_compares_nothing(half, comparisons, state):
    """R005."""
    given = right()
    ENDED[state]()

    half.post(VERIFY, given)

    assert comparisons == []
    assert not is_signed_in(half)


def test_the_sixth_answer_is_not_compared(half, comparisons):
    """R005: in order; the race is in tests/races."""
    for _ in range(8):
        half.post(VERIFY, wrong())
        forget_limits()

    assert len(comparisons) == 5
    assert newest().outcome == Outcome.EXHAUSTED


def test_a_try_stays_counted_when_the_request_fails_afterwards(bob):
    """R007: nothing of the success stays."""

    def fail(**_):
        raise RuntimeError("the request fails")

    has(bob, "email")
    browser = proving(bob, raise_request_exception=False)
    user_logged_in.connect(fail)
    try:
        response = browser.post(VERIFY, right())
    finally:
        user_logged_in.disconnect(fail)

    challenge = newest()
    assert response.status_code == 500
    assert (challenge.tries, challenge.closed_at) == (1, None)
    assert not Session.objects.exclude(user=None).exists()
    assert not Event.objects.filter(tag="sign_in.completed").exists()
    assert browser.post(VERIFY, right()).status_code == 302
    assert is_signed_in(browser)


def test_a_new_code_gives_no_new_tries_and_ends_the_old_one(half):
    """R008: four wrong, a new code, one wrong."""
    old = right()
    for _ in range(4):
        half.post(VERIFY, wrong())
    kinds.pass_time(seconds=31)
    half.post(RESEND)
    forget_limits()

    refused = half.post(VERIFY, old)

    assert refused.status_code == 422
    assert newest().outcome == Outcome.EXHAUSTED
    forget_limits()
    assert half.post(VERIFY, right()).status_code == 422


def test_a_second_sign_in_ends_the_challenge_of_the_first(half, bob):
    """R008: one open challenge for each person, purpose and method."""
    given = right()
    kinds.pass_time(minutes=1)
    proving(bob)

    assert half.post(VERIFY, given).status_code == 422
    assert Challenge.objects.open().count() == 1
    assert not is_signed_in(half)


# --- R009, R019, C6 to C9: the limits of an account -----------------------------------------------


def sign_in_and_guess(bob, number: int, kind: str) -> list[int]:
    """A fresh sign-in from an address of its own, with two wrong answers."""
    address = f"198.51.{number // 200}.{number % 200 + 1}"
    browser = proving(bob, REMOTE_ADDR=address)
    registration = Registration.objects.filter(kind=kind).order_by("?").first()
    if newest().registration.kind != kind:
        choose(browser, registration)
    found = [browser.post(VERIFY, wrong(registration__kind=kind)).status_code for _ in range(2)]
    Challenge.objects.all().delete()
    Counter.objects.filter(key__startswith="sends").delete()
    return found


def test_fifty_sign_ins_with_two_wrong_answers_each_stop_at_the_limit(bob, comparisons):
    """R009: across sessions, methods and addresses."""
    has(bob, "email")
    has(bob, "authenticator")
    has(bob, "sms")
    mix = itertools.cycle(["email", "authenticator", "sms"])

    found = [sign_in_and_guess(bob, number, next(mix)) for number in range(50)]

    flat = [status for pair in found for status in pair]
    assert flat == [422] * FIVE + [429] * (100 - FIVE)
    assert len(comparisons) == FIVE
    assert len(set(comparisons)) > 1


def test_whoever_has_the_password_gets_fifty_guesses_a_day(bob, comparisons):
    """C6: 5 in 5 minutes, 20 in an hour, 50 in a day."""
    has(bob, "authenticator")
    day, hour, minutes = limits.ANSWERS_BY_ACCOUNT
    compared = []

    for _hours, since in itertools.product(range(4), (0, 5, 10, 15, 20)):
        Counter.objects.filter(key__startswith=f"{minutes.name}:").delete()
        if since == 0:
            compared.append(len(comparisons))
            Counter.objects.filter(key__startswith=f"{hour.name}:").delete()
        Counter.objects.filter(key__startswith="answers-address").delete()  # from elsewhere
        browser = proving(bob)
        for _ in range(FIVE + 1):
            browser.post(VERIFY, wrong())

    assert compared == [0, hour.hits, 2 * hour.hits, day.hits]
    assert len(comparisons) == day.hits


def test_several_apps_give_no_more_guesses(bob, comparisons):
    """R019."""
    apps = [has(bob, "authenticator") for _ in range(3)]
    browser = proving(bob)
    found = []

    for number in range(6):
        choose(browser, apps[(number + 1) % 3])
        found.append(browser.post(VERIFY, wrong()).status_code)

    assert found == [422] * FIVE + [429]
    assert len(comparisons) == FIVE


def test_waiting_does_not_grow_and_right_and_wrong_read_the_same(bob):
    """C9."""
    has(bob, "authenticator")
    browser = proving(bob)
    for _ in range(FIVE):
        browser.post(VERIFY, wrong())
    browser.post(RESEND)
    before = dict(Counter.objects.values_list("key", "hits"))

    found = [browser.post(VERIFY, given) for given in (right(), wrong(), right())]

    assert [each.status_code for each in found] == [429] * 3
    assert len({_without_tokens(each) for each in found}) == 1
    assert all(0 < int(each["Retry-After"]) <= 300 for each in found)
    assert dict(Counter.objects.values_list("key", "hits")) == before


def test_the_page_of_waiting_does_not_say_which_limit_it_was(bob, monkeypatch):
    """C9: the account's or the address's."""
    has(bob, "authenticator")
    pages = []
    for name in ("ANSWERS_BY_ACCOUNT", "ANSWERS_BY_ADDRESS"):
        with monkeypatch.context() as patched:
            tight = (limits.Limit(f"tight-{name.lower()}", 1, 300),)
            patched.setattr(limits, name, tight)
            browser = proving(bob)
            browser.post(VERIFY, wrong())
            pages.append(browser.post(VERIFY, wrong()))

    assert [page.status_code for page in pages] == [429, 429]
    assert len({_without_tokens(page) for page in pages}) == 1


@pytest.mark.parametrize(("offices", "times"), [([], 1), (["192.0.2.0/24"], 20)])
def test_one_address_is_limited_over_all_accounts(make_person, monkeypatch, offices, times):
    """C7: offices have twenty times as many."""
    policy(office_networks=offices)
    few = tuple(limits.Limit(each.name, 2, each.seconds) for each in limits.ANSWERS_BY_ADDRESS)
    monkeypatch.setattr(limits, "ANSWERS_BY_ADDRESS", few)
    found = []

    for number in range(3):
        person = make_person(f"person{number}")
        has(person, "authenticator")
        browser = proving(person, REMOTE_ADDR="192.0.2.7")
        found.append(browser.post(VERIFY, wrong()).status_code)

    assert found == ([422, 422, 429] if times == 1 else [422] * 3)


def test_a_right_answer_gives_back_its_own_hit_and_no_other(bob):
    """C8, R093."""
    has(bob, "authenticator")
    browser = proving(bob)
    for _ in range(FIVE - 1):
        browser.post(VERIFY, wrong())
    browser.post(VERIFY, right())

    hits = Counter.objects.filter(key__startswith="answers").values_list("hits", flat=True)

    assert is_signed_in(browser)
    assert set(hits) == {FIVE - 1}


def test_an_own_success_after_every_four_failures_still_trips_the_address(make_person):
    """R093."""
    found = []

    for number in range(4):
        person = make_person(f"person{number}")
        has(person, "authenticator")
        browser = proving(person, REMOTE_ADDR="192.0.2.7")
        found += [browser.post(VERIFY, wrong()).status_code for _ in range(4)]
        found.append(browser.post(VERIFY, right()).status_code)

    assert found.index(429) == 4 + 1 + 4 + 1 + 2


# --- R011, R012: what may be typed, and what it tells ---------------------------------------------


@pytest.mark.parametrize("spelling", ["{0} {1}", "{0}-{1}", " {0}{1} ", "{0}\u200b{1}", "wide"])
def test_a_code_is_taken_as_it_is_pasted(half, spelling):
    """R011, C4."""
    code = right()["code"]
    typed = spelling.format(code[:3], code[3:])
    if spelling == "wide":
        typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert half.post(VERIFY, {"code": typed}).status_code == 302
    assert is_signed_in(half)


NONSENSE = {
    "five thousand": {"code": "1" * 5_000},
    "nul": {"code": "12345\x00"},
    "a list": {"code": ["123456", "654321 1"]},
    "json": {"code": '{"$ne": 1}'},
    "other digits": {"code": "١٢٣٤٥٦"},
    "a minus": {"code": "-12345"},
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_at_once_in_the_same_words(half, comparisons, nonsense):
    """R011."""
    half.get(VERIFY)

    began = time.thread_time()
    page = half.post(VERIFY, NONSENSE[nonsense])
    spent = time.thread_time() - began

    assert page.status_code == 422
    assert is_said(page, "The code has 6 digits.")
    assert comparisons == []
    assert newest().tries == 0
    assert spent < 0.05


def test_a_body_of_json_is_no_form(half, comparisons):
    page = half.post(VERIFY, {"code": "123456"}, content_type="application/json")

    assert page.status_code == 422
    assert comparisons == []


def test_before_the_password_nothing_differs(bob, comparisons):
    """R012: five states of a code that exists, and one that never did; byte for byte."""
    has(bob, "email")
    pages = set()

    for state in (None, *ENDED):
        forget_codes()
        Session.objects.all().delete()
        if state:
            proving(bob)
            ENDED[state]()
        code = right() if state else {"code": "123456"}
        visitor = new_browser()
        for answer in (
            visitor.post(VERIFY, code),
            visitor.post(SIGN_IN, {"name": "bob", "password": "wrong"}),
            visitor.get(VERIFY),
            visitor.post(RESEND),
            visitor.get(OTHER),
        ):
            pages.add((answer.status_code, answer.get("Location"), _without_tokens(answer)))

    assert comparisons == []
    assert len(pages) == 2  # to the sign-in page, and its refusal


def _without_tokens(response) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return re.sub(r"<time.*?</time>", "", page)


# --- R066: the field for the code -----------------------------------------------------------------


class Fields(HTMLParser):
    """The inputs of a page that can be seen, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inputs: list[dict] = []
        self.buttons: list[dict] = []
        self.labels: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input" and given.get("type") != "hidden":
            self.inputs.append(given)
        if tag == "button":
            self.buttons.append(given)
        if tag == "label":
            self.labels.append(given.get("for", ""))


@each_typed_kind
def test_the_code_has_one_field_that_phones_can_fill_and_people_can_paste_into(bob, kind):
    """R066: also after a mistake, then empty."""
    has(bob, kind)
    browser = proving(bob)
    given = wrong()

    for page in (browser.get(VERIFY), browser.post(VERIFY, given)):
        html = page.content.decode()
        found = Fields(html[html.index("<main") : html.index("</main>")])
        field = next(each for each in found.inputs if each["name"] == "code")
        assert [each["name"] for each in found.inputs].count("code") == 1
        assert field["type"] == "text"
        assert field["inputmode"] == "numeric"
        assert field["autocomplete"] == "one-time-code"
        assert field["spellcheck"] == "false"
        assert field["autocapitalize"] == "off"
        assert "maxlength" not in field
        assert "value" not in field
        assert not [name for name in field if name.startswith("on")]
        assert field["id"] in found.labels
        assert any("button-main" in each.get("class", "") for each in found.buttons)
        assert given["code"] not in html


# --- C10 to C12: sending --------------------------------------------------------------------------


def test_the_pauses_between_codes_grow(half):
    """C10: 30, 60, then 120 seconds."""
    waits = []

    for _ in range(4):
        waited = 0
        generation = newest().generation
        while newest().generation == generation:
            kinds.pass_time(seconds=15)
            waited += 15
            half.post(RESEND)
        waits.append(waited)

    assert waits == [30, 60, 120, 120]


def test_one_address_sends_no_more_than_its_share(make_person, monkeypatch):
    """C10: over all accounts; the number itself is in test_rate_limits."""
    monkeypatch.setattr(limits, "SENDS_BY_ADDRESS", limits.Limit("few", 3, 300))
    sent = []

    for number in range(5):
        person = make_person(f"person{number}")
        has(person, "email", {"address": f"person{number}@example.net"})
        proving(person, REMOTE_ADDR="192.0.2.7")
        sent.append(Message.objects.filter(user=person, category="code").exists())

    assert sent == [True] * 3 + [False] * 2


def test_a_double_click_a_second_tab_and_a_reload_send_nothing_more(half):
    """C11."""
    for _ in range(3):
        half.get(VERIFY)
        half.get(SIGN_IN)
        half.get("/")
        half.post(RESEND)

    assert Message.objects.filter(category="code").count() == 1


def test_asking_an_app_again_and_again_is_neither_sent_nor_recorded(bob):
    """The record is for good: nobody fills it by a button."""
    has(bob, "authenticator")
    browser = proving(bob)
    recorded = Event.objects.count()

    for _ in range(5):
        assert browser.post(RESEND)["Location"] == VERIFY

    assert Event.objects.count() == recorded
    assert not Message.objects.exists()
    assert browser.post(VERIFY, right())["Location"] == HOME


@pytest.mark.parametrize("kind", ["email", "sms"])
def test_page_and_message_carry_the_same_reference(bob, outbox, kind):
    """C12: a letter and a digit."""
    has(bob, kind)
    browser = proving(bob)
    challenge = newest()
    composed = challenge.registration.method.compose(
        challenge.prompt(challenge.registration.details)
    )

    assert re.fullmatch(r"[A-Z][0-9]", challenge.reference)
    assert is_said(browser.get(VERIFY), f"ref {challenge.reference}")
    assert f"ref {challenge.reference}" in composed.text


# --- R085: bound to session and person ------------------------------------------------------------


def test_the_code_of_another_person_confirms_nothing(people):
    """R085: nor does another person's session."""
    client, page = at_confirm(people["bob"])
    at_confirm(people["eve"])
    stranger = newest(user=people["eve"])

    client.post(page, kinds.right(stranger))

    assert client.get(ADD)["Location"].startswith(CONFIRM)
