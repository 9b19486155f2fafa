"""The requirements on resetting a forgotten password."""

from __future__ import annotations

import gc
import itertools
import re
import statistics
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import passwords, people, reset_limits, reset_policy, reset_rights, tasks
from accounts.models import Role, Session, User
from accounts.reset_models import PasswordReset, ResetRight
from accounts.reset_policy import Next, Why
from methods import registry
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.audit.models import Event
from securityinfo.messaging import tasks as messaging
from securityinfo.messaging.models import Message
from securityinfo.policy import service
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import SIGN_IN, is_signed_in, policy, post_password
from tests.cast import PASSWORD
from tests.flows import reset_steps as steps
from tests.flows.reset_steps import (
    CHECK,
    CODE,
    NEUTRAL,
    NEW,
    PASSWORD_PAGE,
    RESEND,
    RESET,
    choose,
    code_of,
    first_by_app,
    first_by_email,
    identify,
    second,
    set_password,
    settled,
    settled_method,
    wrong_code,
)
from tests.flows.steps import lands, text_of
from tests.passes import issue

pytestmark = pytest.mark.django_db

PER_HOUR = limits.RESET_ANSWERS_BY_ACCOUNT[-1].hits
PER_DAY = limits.RESET_ANSWERS_BY_ACCOUNT[0].hits
STARTS = limits.RESET_STARTS_BY_ACCOUNT.hits
STARTS_BY_ADDRESS = limits.RESET_STARTS_BY_ADDRESS.hits


@pytest.fixture
def mail(bob, registered) -> Registration:
    return settled_method(registered, "email")


@pytest.fixture
def app(bob, registered) -> Registration:
    return settled_method(registered, "authenticator")


@pytest.fixture
def compared(monkeypatch) -> list[str]:
    """Whenever a code was really compared, for whomever."""
    seen: list[str] = []
    for kind in ("email", "authenticator"):
        method, check = type(registry.get(kind)), type(registry.get(kind)).check

        def noted(self, prompt, answer, check=check):
            seen.append(answer["code"])
            return check(self, prompt, answer)

        monkeypatch.setattr(method, "check", noted)
    return seen


# --- R072, R012: one path, one text, one duration -------------------------------------------------


@pytest.fixture
def names(bob, mail, app, make_person) -> dict[str, str]:
    """Typed names for whom something, or nothing, can be sent."""
    gone = make_person("gone")
    kinds.register(gone, "email", form={"address": "gone@example.net"})
    kinds.register(gone, "authenticator")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    make_person("bare")
    many = make_person("many")
    kinds.register(many, "email", form={"address": "many@example.net"})
    kinds.register(many, "authenticator")
    settled(*Registration.objects.all())
    issue(User.objects.get(username="bob"), sets_password=True)
    return {
        "known": "bob",
        "unknown": "ghost",
        "disabled": "gone",
        "method-less": "bare",
        "limited": "many",
    }


def spend_starts(why: str, name: str) -> None:
    if why == "limited":
        for number in range(STARTS):
            reset_limits.may_begin(name, Actor(origin=Origin(address=f"203.0.113.{number}")))


VISITOR = Client()  # one for all: a new one loads every middleware first
STEPS = {
    "identify": lambda name: VISITOR.post(RESET, {"name": name}),
    "open check": lambda name: VISITOR.get(CHECK),
    "choose": lambda name: VISITOR.post(CHECK, {"way": "email"}),
    "open code": lambda name: VISITOR.get(CODE),
    "wrong code": lambda name: VISITOR.post(CODE, wrong_code()),
    "resend": lambda name: VISITOR.post(RESEND),
    "choose app": lambda name: VISITOR.post(CHECK, {"way": "authenticator"}),
    "open app": lambda name: VISITOR.get(CODE),
    "wrong app code": lambda name: VISITOR.post(CODE, {"code": "000000"}),
    "choose pass": lambda name: VISITOR.post(CHECK, {"way": registry.issued().kind}),
    "open pass": lambda name: VISITOR.get(CODE),
    "wrong pass": lambda name: VISITOR.post(CODE, {"code": "AAAA-BBBB-CCCC"}),
}


def all_steps(why: str, name: str):
    VISITOR.cookies.clear()
    Counter.objects.all().delete()
    spend_starts(why, name)
    for step, take in STEPS.items():
        yield step, take, name


def without_what_differs(response) -> tuple:
    """Status, headers and page, without tokens, references and clock times."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    page = re.sub(r"ref [A-Z]\d", "ref", re.sub(r"<time.*?</time>", "", page))
    page = re.sub(r'data-\w+="\d+"', "", page)
    page = re.sub(r"\d\d:\d\d:\d\d", "", page)
    of_the_moment = ("X-Request-ID", "Expires")
    headers = {name: value for name, value in response.headers.items() if name not in of_the_moment}
    cookies = sorted(response.cookies)
    return response.status_code, tuple(sorted(headers.items())), tuple(cookies), page


def test_every_step_reads_the_same_for_every_name(names):
    """R072, PR2, PR3."""
    seen: dict[str, set] = {step: set() for step in STEPS}

    for why, name in names.items():
        for step, take, _name in all_steps(why, name):
            seen[step].add(without_what_differs(take(name)))
            steps.work()

    assert {step: len(answers) for step, answers in seen.items()} == dict.fromkeys(STEPS, 1)
    assert steps.codes_sent() > 0


def test_every_step_asks_the_database_the_same(names):
    """R072: what a stopwatch can't see on a busy machine."""
    asked: dict[str, set] = {step: set() for step in STEPS}

    for _round in range(2):  # the first one reads what is read once
        asked = {step: set() for step in STEPS}
        for why, name in names.items():
            for step, take, _name in all_steps(why, name):
                with CaptureQueriesContext(connection) as queries:
                    take(name)
                asked[step].add(len(queries))

    # A start beyond the limit learns that from one statement more, whoever it is for.
    assert {step: len(numbers) for step, numbers in asked.items() if step != "identify"} == (
        dict.fromkeys([step for step in STEPS if step != "identify"], 1)
    )


@pytest.fixture
def no_garbage_collector():
    """It comes at the same place of each round, and so always to the same name."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.once  # the test above counts what the database is asked
@pytest.mark.parametrize("broker", ["there", "away"])
def test_every_step_takes_the_same_time(names, monkeypatch, broker, no_garbage_collector):
    """R072: medians of interleaved samples, in this thread's own time; the first ones warm up.

    300 of each say the same, and take minutes.
    A mail server that is away is asked by nobody here: the page doesn't wait for the worker. What
    it could wait for is the broker.
    """
    if broker == "away":
        monkeypatch.setattr(messaging, "publish", lambda job, message_id: False)
    spent = {step: {why: [] for why in names} for step in STEPS}

    for _ in range(40):
        gc.collect()
        for why, name in names.items():
            for step, take, _name in all_steps(why, name):
                began = time.thread_time()
                take(name)
                spent[step][why].append(time.thread_time() - began)

    for step, by_name in spent.items():
        medians = {why: statistics.median(times[10:]) for why, times in by_name.items()}
        usual = statistics.median(medians.values())
        assert all(abs(each - usual) <= max(0.005, 0.05 * usual) for each in medians.values()), (
            step,
            medians,
        )


def test_too_many_reads_the_same_whether_or_not_the_account_exists(names):
    """R012, C9, PR9."""
    answers = {}
    for why, name in names.items():
        Counter.objects.all().delete()
        VISITOR.cookies.clear()
        identify(VISITOR, name)
        choose(VISITOR, "authenticator")
        given = [VISITOR.post(CODE, {"code": "000000"}).status_code for _ in range(PER_HOUR)]
        assert given == [422] * PER_HOUR
        answers[why] = VISITOR.post(CODE, {"code": "000000"})

    assert {answer.status_code for answer in answers.values()} == {429}
    assert all(int(answer["Retry-After"]) > 0 for answer in answers.values())
    assert "Too many tries" in text_of(answers["unknown"])
    assert len({without_what_differs(answer)[3] for answer in answers.values()}) == 1


def test_wrong_expired_used_exhausted_and_nonexistent_read_the_same(bob, mail, app):
    """R012, C5."""
    pages = {}
    for state in ("wrong", "expired", "replaced", "exhausted", "nonexistent", "another method's"):
        client = Client()
        Counter.objects.all().delete()
        kinds.pass_time(hours=1)
        identify(client, "ghost" if state == "nonexistent" else "bob")
        choose(client, "email")
        steps.work()
        right = {"code": steps.code_on_the_way()}
        if state == "expired":
            PasswordReset.objects.update(expires_at=Now())
        if state == "replaced":
            Challenge.objects.filter(purpose="reset").update(closed_at=Now(), outcome="replaced")
        if state == "exhausted":
            PasswordReset.objects.update(tries=5)
        if state == "another method's":
            choose(client, "authenticator")
        pages[state] = client.post(CODE, wrong_code() if state == "wrong" else right)

    assert {page.status_code for page in pages.values()} == {422}
    assert all(NEUTRAL in text_of(page) for page in pages.values())
    emailed = {
        without_what_differs(page)[3] for state, page in pages.items() if "another" not in state
    }
    assert len(emailed) == 1


def test_a_used_code_is_no_code(bob, app):
    """R012: each step of an app once, also for the sign-in that comes after."""
    policy(methods_to_reset=1)
    client = Client()
    identify(client)
    choose(client, "authenticator")
    code = code_of(app)

    assert lands(client.post(CODE, code), PASSWORD_PAGE)
    identify(client)
    choose(client, "authenticator")
    again = client.post(CODE, code)

    assert again.status_code == 422
    assert NEUTRAL in text_of(again)


def test_the_log_knows_what_the_page_hides(names):
    for name in names.values():
        identify(VISITOR, name)
        choose(VISITOR, "email")
        VISITOR.post(CODE, wrong_code())

    started = Event.objects.filter(tag="reset.started").order_by("id")
    assert [event.subject is None for event in started] == [False, True, False, False, False]
    refused = Event.objects.filter(tag="reset.check_refused").order_by("id")
    assert [event.subject is None for event in refused] == [False, True, True, False, False]
    assert not any("ghost" in str(event.__dict__) for event in started)


def test_what_was_typed_is_kept_sealed_and_not_in_the_session(bob):
    """R116: names of people are nobody's business."""
    identify(VISITOR, "somebody.private")

    with connection.cursor() as cursor:
        cursor.execute("SELECT asked FROM accounts_passwordreset")
        stored = str(cursor.fetchall())
    assert "somebody.private" not in stored
    assert steps.newest().name == "somebody.private"
    assert "private" not in str(dict(VISITOR.session.items()))


# --- PR9: limits ----------------------------------------------------------------------------------


def test_beyond_the_starts_of_an_account_nothing_is_sent(bob, mail):
    """PR9: and the pages look the same; from wherever, and by either name."""
    before = steps.codes_sent()
    for number in range(STARTS + 2):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        kinds.pass_time(hours=1)
        Counter.objects.filter(key__startswith="sends").delete()
        assert lands(identify(client, "bob" if number % 2 else "BOB@example.org"), CHECK)
        assert lands(choose(client, "email"), CODE)
        steps.work()

    assert steps.codes_sent() - before == STARTS


def test_beyond_the_starts_of_an_address_nothing_is_sent(bob, mail):
    """PR9."""
    for number in range(STARTS_BY_ADDRESS):
        identify(VISITOR, f"nobody{number}")
    before = steps.codes_sent()

    identify(VISITOR)
    choose(VISITOR, "email")
    steps.work()
    assert steps.codes_sent() == before

    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    identify(elsewhere)
    choose(elsewhere, "email")
    steps.work()
    assert steps.codes_sent() == before + 1


def test_a_flood_of_starts_fills_no_log(bob):
    """PR9: so many are recorded, and the pages go on."""
    recorded = limits.RESET_STARTS_RECORDED.hits
    for number in range(STARTS_BY_ADDRESS + recorded + 5):
        assert lands(identify(VISITOR, f"nobody{number}"), CHECK)

    events = Event.objects.filter(tag="reset.started")
    assert events.filter(result="ok").count() == STARTS_BY_ADDRESS
    assert events.filter(result="refused", reason="limit").count() == recorded


def test_ten_wrong_answers_a_day(bob, app):
    """PR9: the second window."""
    codes = []
    for _hour in range(3):
        per_hour = f"{limits.RESET_ANSWERS_BY_ACCOUNT[-1].name}:"
        Counter.objects.filter(key__startswith=per_hour).delete()
        Counter.objects.filter(key__startswith="answers").delete()
        Counter.objects.filter(key__startswith="reset-starts").delete()
        identify(VISITOR)
        choose(VISITOR, "authenticator")
        codes += [VISITOR.post(CODE, {"code": "000000"}).status_code for _ in range(PER_HOUR)]

    assert codes == [422] * PER_DAY + [429] * PER_HOUR


def test_while_resets_wait_a_right_answer_is_not_evaluated(bob, app, compared):
    """C9."""
    identify(VISITOR)
    choose(VISITOR, "authenticator")
    for _ in range(PER_HOUR):
        VISITOR.post(CODE, {"code": "000000"})
    compared.clear()

    assert VISITOR.post(CODE, code_of(app)).status_code == 429
    assert VISITOR.post(CODE, {"code": "000000"}).status_code == 429
    assert compared == []


def test_neither_a_new_reset_nor_another_way_gives_further_tries(bob, mail, app):
    """C3."""
    answers = []
    for way in ("authenticator", "email", "authenticator"):
        client = Client()
        identify(client)
        choose(client, way)
        answers += [client.post(CODE, {"code": "000000"}).status_code for _ in range(2)]

    assert answers == [422] * PER_HOUR + [429]


def test_a_second_spelling_gives_no_further_tries_and_tells_nobody(make_person, compared):
    """PR9: which two names are one person is told to nobody, and still no code is guessed."""
    sandra = make_person("zw99", work_address="sandra.somers@example.org")
    kinds.allow("authenticator")
    app = kinds.register(sandra, "authenticator")
    settled(app)
    identify(VISITOR, "zw99")
    choose(VISITOR, "authenticator")
    for _ in range(PER_HOUR):
        VISITOR.post(CODE, {"code": "000000"})

    other = Client()
    identify(other, "sandra.somers@example.org")
    choose(other, "authenticator")
    refused = other.post(CODE, code_of(app))

    assert refused.status_code == 422
    assert NEUTRAL in text_of(refused)


def test_a_right_answer_gives_back_its_own_hit(bob, app, mail):
    """C8."""
    VISITOR.cookies.clear()
    first_by_app(VISITOR, app)

    assert not Counter.objects.filter(key__contains="answers", hits__gt=0).exists()


def test_wrong_answers_of_the_second_check_are_limited_too(bob, mail, app):
    """PR9, C5: here the page says how many tries are left."""
    client = Client()
    first_by_app(client, app)
    client.post(steps.CHECK_2, {"way": str(mail.uuid)})
    challenge = Challenge.objects.filter(registration=mail, purpose="reset").get()

    pages = [client.post(steps.CODE_2, kinds.wrong(kinds.reload(challenge))) for _ in range(4)]
    assert "You have 1 try left." in text_of(pages[-1])
    assert client.post(steps.CODE_2, kinds.wrong(kinds.reload(challenge))).status_code == 422
    assert client.post(steps.CODE_2, kinds.wrong(kinds.reload(challenge))).status_code in (422, 429)
    assert Event.objects.filter(tag="reset.check_refused").count() >= 5


# --- R077: asking touches nothing -----------------------------------------------------------------


def test_a_hundred_requests_leave_sign_in_and_sessions_as_they_were(bob, mail, app):
    """R077, PR9."""
    owner = Client()
    owner.force_login(bob)
    person = User.objects.filter(pk=bob.pk).values().get()
    methods = list(Registration.objects.order_by("pk").values())

    for number in range(100):
        visitor = Client(REMOTE_ADDR=f"198.51.{number}.1")
        identify(visitor)
        choose(visitor, ("email", "authenticator")[number % 2])
        visitor.post(CODE, {"code": "000000"})

    assert is_signed_in(owner)
    assert User.objects.filter(pk=bob.pk).values().get() == person
    assert list(Registration.objects.order_by("pk").values()) == methods
    assert not Counter.objects.filter(key__startswith="password").exists()
    spent = Counter.objects.filter(hits__gt=0)
    assert not spent.filter(key__startswith=limits.ANSWERS_BY_ACCOUNT[0].name).exists()
    kinds.pass_time(hours=1)
    assert lands(post_password(Client(), "bob"), "/sign-in/verify/")


# --- R098: nothing that costs money without a first check -----------------------------------------


def test_no_visitor_causes_a_text_or_a_call(bob, registered, app):
    """R098, PR3."""
    for kind in ("sms", "call"):
        kinds.allow(kind)
        settled(registered(kind))
    Message.objects.all().delete()
    visitor = Client()
    identify(visitor)

    for kind in ("sms", "call", "questions"):
        number = {f"{kind}-country": "NL", f"{kind}-number": "06 12345678"}
        assert choose(visitor, kind, **number).status_code == 422
    for page in (CHECK, CODE, RESEND, steps.CHECK_2, steps.CODE_2, PASSWORD_PAGE):
        visitor.get(page)
        visitor.post(page, {"way": "sms", "number": "06 12345678", "code": "000000"})
    steps.work()
    tasks.sweep_resets()

    assert not Message.objects.exclude(channel="email").exists()


def test_a_forged_row_is_refused_by_the_worker(bob, registered):
    """R098: the worker asks policy again."""
    kinds.allow("sms")
    phone = registered("sms")
    settled(phone)
    Message.objects.all().delete()
    identify(VISITOR)
    forged = {"sent_way": "sms", "is_waiting": True, "line": phone.channel}
    PasswordReset.objects.update(issued_at=Now(), expires_at=Now() + timedelta(minutes=5), **forged)

    steps.work()

    assert not Message.objects.exists()


def test_a_paid_first_check_texts_only_the_accounts_own_number(bob, eve, registered):
    """PR3: with the policy that allows it."""
    policy(paid_first_check=True)
    kinds.allow("sms")
    settled(registered("sms", user=eve))
    Message.objects.all().delete()
    number = {"sms-country": "NL", "sms-number": "06 12345678"}

    identify(VISITOR, "bob")
    choose(VISITOR, "sms", **number)
    steps.work()
    assert not Message.objects.exists()
    identify(VISITOR, "eve")
    choose(VISITOR, "sms", **number)
    steps.work()
    assert Message.objects.get().channel == "text"


# --- The worker -----------------------------------------------------------------------------------


def test_a_task_that_runs_twice_sends_once(bob, mail):
    """Rule 21: tasks tolerate running twice."""
    before = steps.codes_sent()
    identify(VISITOR)
    choose(VISITOR, "email")
    reset = steps.newest()

    for _ in range(3):
        tasks.send_reset_code(str(reset.pk))

    assert steps.codes_sent() == before + 1


def test_what_no_worker_was_told_of_is_published_again(bob, mail, monkeypatch):
    """The sweeper is the guarantee."""
    told: list = []
    monkeypatch.setattr(messaging, "publish", lambda job, key: told.append((job, key)) or True)
    identify(VISITOR)
    choose(VISITOR, "email")

    tasks.sweep_resets()
    assert told == []
    PasswordReset.objects.update(issued_at=Now() - timedelta(seconds=6))
    tasks.sweep_resets()

    assert told == [("accounts.send_reset_code", steps.newest().pk)]


def test_what_is_over_is_forgotten_after_a_day(bob, app, mail):
    """AD6."""
    client = Client()
    first_by_app(client, app)
    second(client, mail)
    tasks.purge()
    assert PasswordReset.objects.exists()
    assert ResetRight.objects.exists()

    for model in (PasswordReset, ResetRight):
        model.objects.update(created_at=Now() - timedelta(hours=25))
    tasks.purge()

    assert not PasswordReset.objects.exists()
    assert not ResetRight.objects.exists()


# --- R073: the right to set a password ------------------------------------------------------------


@pytest.fixture
def entitled(bob, mail, app) -> Client:
    """A browser that has passed both checks."""
    client = Client()
    first_by_app(client, app)
    second(client, mail)
    assert client.cookies[reset_rights.COOKIE].value
    return client


def is_refused(client: Client) -> bool:
    response = set_password(client)
    unchanged = passwords.matches(User.objects.get(username="bob"), PASSWORD)
    return lands(response, RESET) and unchanged


def test_a_token_is_long_and_only_its_digest_is_stored(entitled):
    """R073: 256 bits, and no trace of them."""
    token = entitled.cookies[reset_rights.COOKIE].value
    right = ResetRight.objects.get()

    assert len(token) >= 43
    assert token not in str(right.__dict__)
    assert token not in str(dict(entitled.session.items()))
    for model in apps.get_models():  # as a dump of the database would have it
        assert token not in str(list(model._default_manager.values()))
    cookie = entitled.cookies[reset_rights.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["domain"]


def test_a_token_works_once(entitled):
    token = entitled.cookies[reset_rights.COOKIE].value
    assert lands(set_password(entitled), steps.DONE)

    entitled.cookies[reset_rights.COOKIE] = token

    assert lands(entitled.post(PASSWORD_PAGE, {"new_password": NEW + "!"}), steps.DONE)
    assert passwords.matches(User.objects.get(username="bob"), NEW)


def test_a_token_is_over_after_half_an_hour(entitled):
    ResetRight.objects.update(expires_at=Now())

    assert is_refused(entitled)


def test_a_newer_token_ends_the_older_one(entitled, bob, mail, app):
    kinds.pass_time(hours=1)
    newer = Client()
    first_by_app(newer, app)
    second(newer, mail)

    assert is_refused(entitled)
    assert lands(set_password(newer), steps.DONE)


def test_another_password_ends_it(entitled, bob):
    User.objects.filter(pk=bob.pk).update(password=passwords.encoded("herons juggle lanterns"))

    assert lands(set_password(entitled), RESET)
    assert not passwords.matches(User.objects.get(pk=bob.pk), NEW)


def test_another_work_address_ends_it(entitled, bob):
    bob.work_address = "bobby@example.org"
    people.update(bob, changed=["work_address"], actor=SYSTEM)

    assert is_refused(entitled)


def test_a_completed_sign_in_ends_it(entitled, bob, mail):
    owner = Client()
    kinds.pass_time(hours=1)
    post_password(owner, "bob")
    challenge = Challenge.objects.get(purpose=Purpose.SIGN_IN)
    owner.post("/sign-in/verify/", kinds.right(kinds.reload(challenge)))
    assert is_signed_in(owner)

    assert is_refused(entitled)


def test_a_token_is_bound_to_its_person(entitled, eve):
    """R073: the cookie of one in the browser of another."""
    kinds.allow("authenticator")
    apps = [kinds.register(eve, "authenticator") for _ in range(2)]
    settled(*apps)
    client = Client()
    first_by_app(client, apps[0], "eve")
    second(client, apps[1])

    client.cookies[reset_rights.COOKIE] = entitled.cookies[reset_rights.COOKIE].value

    assert lands(set_password(client), RESET)
    assert passwords.matches(User.objects.get(pk=eve.pk), PASSWORD)


def test_nothing_secret_is_in_an_address(entitled):
    """R073, R076: neither code nor token nor name."""
    names = [name for name in dir(steps) if name.isupper()]
    addresses = [getattr(steps, name) for name in names]

    assert all("<" not in str(address) for address in addresses)
    for name in ("reset", "reset-check", "reset-code", "reset-password", "reset-done"):
        assert reverse(f"accounts:{name}").startswith(RESET)


# --- R074: two gates on two channels --------------------------------------------------------------

KINDS = ("authenticator", "sms", "call", "email", "questions")


def test_the_matrix_of_methods_and_policy(bob, registered):
    """R074, PR5–PR8: every set of methods × checks asked for × role × first check."""
    for kind in KINDS:
        kinds.allow(kind)
        registered(kind)
    settled(*Registration.objects.all())
    channels = {"sms": "phone", "call": "phone"}  # one number
    seen = 0
    for size in range(1, len(KINDS) + 1):
        for owned in itertools.combinations(KINDS, size):
            Registration.objects.update(confirmed=False, is_default=False)
            Registration.objects.filter(kind__in=owned).update(confirmed=True)
            for needed, role in itertools.product((1, 2), (Role.PERSON, Role.HELPDESK)):
                policy(methods_to_reset=needed)
                User.objects.filter(pk=bob.pk).update(role=role)
                person = User.objects.get(pk=bob.pk)
                usable = [kind for kind in owned if role == Role.PERSON or kind == KINDS[0]]
                for first in set(usable) - {"questions"}:
                    others = [
                        kind
                        for kind in usable
                        if channels.get(kind, kind) != channels.get(first, first)
                    ]
                    alone = first == "email" and set(usable) & {"authenticator", "sms", "call"}
                    is_two = needed == 2 or role != Role.PERSON or bool(alone)
                    expected = (
                        (Next.NEW_PASSWORD, None)
                        if not is_two
                        else (Next.SECOND_CHECK, None)
                        if others
                        else (Next.STOP, Why.TOO_FEW)
                    )
                    reset = PasswordReset(user=person, first=Registration.objects.get(kind=first))
                    standing = Standing.of(person, service.current_for(person))

                    assert reset_policy.next_step(reset, person) == expected, (owned, first)
                    offered = reset_policy.second_checks(reset.first, standing)
                    assert [each.kind for each in offered] == sorted(others, key=KINDS.index)
                    seen += 1
    assert seen > 150


# --- R075, R079 -----------------------------------------------------------------------------------


def test_a_reset_signs_nobody_in_and_shows_no_method_before_the_first_check(bob, mail, app):
    """R075, K5."""
    client = Client()
    pages = [client.get(RESET)]
    identify(client)
    pages.append(client.get(CHECK))
    choose(client, "email")
    steps.work()
    pages.append(client.get(CODE))
    pages.append(client.post(CODE, wrong_code()))

    assert not any("•" in page.content.decode() for page in pages)
    first_by_email(client)
    set_password(client)
    assert not is_signed_in(client)
    assert not Session.objects.of(bob).exists()


def test_the_method_that_was_the_only_check_is_refused_as_second_step(bob, mail, app):
    """R075."""
    policy(methods_to_reset=1, reset_hold_hours=1)
    kinds.pass_time(hours=1)
    Registration.objects.filter(pk=app.pk).update(confirmed=False)
    client = Client()
    assert lands(first_by_email(client), PASSWORD_PAGE)
    set_password(client)
    Registration.objects.filter(pk=app.pk).update(confirmed=True)

    standing = Standing.of(bob, service.current_for(bob))

    assert standing.held == (mail,)
    assert standing.for_sign_in == (app,)
    assert standing.able_to(Purpose.CONFIRM) == (app,)
    assert mail in standing.able_to(Purpose.RESET)
    Registration.objects.filter(pk=mail.pk).update(held_until=Now())
    assert not Standing.of(bob, service.current_for(bob)).held


@pytest.mark.parametrize(
    "typed", ["😀" * 64, "ünïcödé lanterns juggle", "pélican " + "lagoon " * 35]
)
def test_long_and_unusual_passwords_are_fine(entitled, typed):
    """R079."""
    assert lands(set_password(entitled, typed.strip()), steps.DONE)
    assert passwords.matches(User.objects.get(username="bob"), typed.strip())


@pytest.mark.parametrize("typed", ["password123456789", "x" * 10_000, "short"])
def test_common_and_endless_passwords_are_not(entitled, typed):
    """R079."""
    response = set_password(entitled, typed)

    assert response.status_code == 422
    assert typed not in response.content.decode()


def test_a_stranger_can_reach_every_page_and_change_nothing(bob, mail, app):
    """Without a reset under way each page leads to the first one."""
    for page in (CHECK, CODE, steps.CHECK_2, steps.CODE_2, PASSWORD_PAGE, steps.DONE):
        assert lands(Client().get(page), RESET)
        assert lands(Client().post(page, {"new_password": NEW}), RESET)
    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)
    assert Client().get(SIGN_IN).status_code == 200


def test_the_second_step_says_why_the_held_method_is_not_asked_for(client, bob):
    """PR8: and asks for another one."""
    kinds.allow("email")
    kinds.allow("authenticator")
    mailbox = kinds.register(bob, "email")
    kinds.register(bob, "authenticator")
    until = timezone.now() + timedelta(hours=20)
    Registration.objects.filter(pk=mailbox.pk).update(held_until=until)
    assert Registration.objects.get(pk=mailbox.pk).is_default

    client.post("/sign-in/", {"name": "bob", "password": PASSWORD})
    page = client.get("/sign-in/verify/").content.decode()

    assert "Email can&#x27;t be used until" in page
    assert "because you reset your password with it." in page
    assert "Open your authenticator app" in page
