"""A forgotten password: every move in every state, and the story over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts import passwords
from accounts.models import KnownBrowser, Role, Session, User
from accounts.reset import ResetFlow, State
from accounts.reset_models import PasswordReset, ResetRight
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.flows import IDLE_SECONDS, TOTAL_SECONDS, IllegalMove
from securityinfo.messaging.models import Message
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import HOME, SIGN_IN, allow, is_signed_in, policy, post_password
from tests.cast import PASSWORD
from tests.flows import reset_steps as steps
from tests.flows.reset_steps import (
    CHECK,
    CHECK_2,
    CODE,
    CODE_2,
    DONE,
    NEUTRAL,
    NEW,
    PASSWORD_PAGE,
    RESEND,
    RESET,
    STALE,
    STOPPED,
    choose,
    code_of,
    first_by_app,
    first_by_email,
    identify,
    second,
    set_password,
    settled,
    settled_method,
)
from tests.flows.steps import lands, text_of

pytestmark = pytest.mark.django_db

STATUS_2 = f"{CODE_2}status/"
RESEND_2 = f"{CODE_2}resend/"


@pytest.fixture
def mail(bob, registered) -> Registration:
    return settled_method(registered, "email")


@pytest.fixture
def app(bob, registered) -> Registration:
    return settled_method(registered, "authenticator")


@pytest.fixture
def phone(bob, registered) -> Registration:
    return settled_method(registered, "sms")


def tags() -> list[str]:
    return list(
        Event.objects.filter(tag__startswith="reset.").order_by("id").values_list("tag", flat=True)
    )


# --- States and moves -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("end", State)
def test_a_reset_makes_the_moves_of_its_table_only(start, end):
    flow = ResetFlow(state=start)
    allowed = {
        (State.FIRST_CHECK, State.FIRST_CODE),
        (State.FIRST_CODE, State.FIRST_CODE),
        (State.FIRST_CODE, State.SECOND_CHECK),
        (State.FIRST_CODE, State.NEW_PASSWORD),
        (State.FIRST_CODE, State.STOPPED),
        (State.SECOND_CHECK, State.NEW_PASSWORD),
        (State.SECOND_CHECK, State.STOPPED),
        (State.NEW_PASSWORD, State.DONE),
        (State.NEW_PASSWORD, State.SECOND_CHECK),
        (State.NEW_PASSWORD, State.STOPPED),
    }

    if (start, end) in allowed:
        flow.move(end)
        assert flow.state == end
    else:
        with pytest.raises(IllegalMove):
            flow.move(end)


def nothing(client, app) -> None:
    pass


def identified(client, app) -> None:
    identify(client)


def asked(client, app) -> None:
    identify(client)
    choose(client, "authenticator")


def first_passed(client, app) -> None:
    first_by_app(client, app)


def both_passed(client, app) -> None:
    first_passed(client, app)
    second(client, Registration.objects.get(kind="email"))


def finished(client, app) -> None:
    both_passed(client, app)
    set_password(client)


def stopped(client, app) -> None:
    policy(reset_for="nobody")
    first_by_app(client, app)


STATES = {
    "nothing": nothing,
    "identified": identified,
    "asked": asked,
    "first passed": first_passed,
    "both passed": both_passed,
    "done": finished,
    "stopped": stopped,
}
MOVES = {
    "open start": lambda client, app: client.get(RESET),
    "name": lambda client, app: identify(client),
    "open check": lambda client, app: client.get(CHECK),
    "choose": lambda client, app: choose(client, "authenticator"),
    "open code": lambda client, app: client.get(CODE),
    "right code": lambda client, app: client.post(CODE, code_of(app)),
    "wrong code": lambda client, app: client.post(CODE, {"code": "000000"}),
    "resend": lambda client, app: client.post(RESEND),
    "open check 2": lambda client, app: client.get(CHECK_2),
    "open code 2": lambda client, app: client.get(CODE_2),
    "code 2": lambda client, app: client.post(CODE_2, {"code": "000000"}),
    "resend 2": lambda client, app: client.post(RESEND_2),
    "status 2": lambda client, app: client.get(STATUS_2),
    "open password": lambda client, app: client.get(PASSWORD_PAGE),
    "password": lambda client, app: set_password(client),
    "open done": lambda client, app: client.get(DONE),
    "leave": lambda client, app: client.post(DONE),
    "open stopped": lambda client, app: client.get(STOPPED),
}
# Where every other move of a state leads: to its own page.
OWN_PAGE = {
    "nothing": RESET,
    "identified": CHECK,
    "asked": CODE,
    "first passed": CHECK_2,
    "both passed": PASSWORD_PAGE,
    "done": DONE,
    "stopped": STOPPED,
}
TABLE = {
    ("identified", "open check"): 200,
    ("identified", "choose"): CODE,
    ("asked", "open check"): 200,
    ("asked", "choose"): CODE,
    ("asked", "open code"): 200,
    ("asked", "right code"): CHECK_2,
    ("asked", "wrong code"): 422,
    ("asked", "resend"): CODE,
    ("first passed", "open check 2"): 200,
    ("first passed", "open code 2"): 200,  # nothing was chosen: the choice
    ("first passed", "code 2"): 422,  # the choice, with nothing chosen
    ("first passed", "resend 2"): CODE_2,
    ("first passed", "status 2"): 404,
    ("both passed", "open password"): 200,
    ("both passed", "password"): DONE,
    ("done", "open done"): 200,
    ("done", "leave"): SIGN_IN,
    ("stopped", "open stopped"): 200,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_in_every_state(client, mail, app, state, move):
    follows = TABLE.get((state, move), OWN_PAGE[state])
    follows = {"open start": 200, "name": CHECK}.get(move, follows)
    STATES[state](client, app)

    response = MOVES[move](client, app)

    assert (response.get("Location") or response.status_code) == follows
    resets = (state, move) == ("both passed", "password") or state == "done"
    assert passwords.matches(User.objects.get(username="bob"), NEW) == resets


@pytest.mark.parametrize("state", [identified, asked, first_passed, both_passed, finished, stopped])
def test_looking_changes_nothing(client, mail, app, state):
    """R120, R077: every page twice, by GET and by HEAD."""
    state(client, app)
    before = stored()

    for page in (RESET, CHECK, CODE, CHECK_2, CODE_2, STATUS_2, PASSWORD_PAGE, DONE, STOPPED) * 2:
        assert client.get(page).status_code in (200, 302, 404)
        assert client.head(page).status_code in (200, 302, 404)

    assert stored() == before


def stored() -> dict:
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (
            User,
            Registration,
            Challenge,
            Event,
            Message,
            Counter,
            PasswordReset,
            ResetRight,
        )
    } | {"sessions": list(Session.objects.order_by("pk").values("digest", "data", "user"))}


# --- The story ------------------------------------------------------------------------------------


def test_two_checks_and_a_new_password(client, bob, mail, app, outbox):
    """PR1, PR11, PR12."""
    elsewhere = Client()
    elsewhere.force_login(bob)

    assert lands(identify(client), CHECK)
    page = text_of(client.get(CHECK))
    assert "To protect you, we don't show which ones those are." in page
    assert "Enter a code from my authenticator app" in page
    assert "Email me a code" in page
    assert "bob" not in page
    assert lands(choose(client, "email"), CODE)
    page = text_of(client.get(CODE))
    reference = steps.newest().shown.reference
    assert f"If you have set up email, we've sent a code with ref {reference} there." in page
    assert "Look in Junk or Spam too." in page
    steps.work()
    assert lands(client.post(CODE, {"code": steps.code_on_the_way()}), CHECK_2)
    page = text_of(client.get(CHECK_2))
    assert "One more check." in page
    assert "Use the code from your authenticator app" in page
    assert "Email" not in page
    assert lands(second(client, app), PASSWORD_PAGE)
    page = text_of(client.get(PASSWORD_PAGE))
    assert "Choose a new password" in page
    assert "At least 15 characters." in page
    assert lands(set_password(client), DONE)
    page = text_of(client.get(DONE))
    assert "Your password has been reset." in page
    assert "You're signed out everywhere. Your methods haven't changed" in page
    assert "Until" not in page

    bob.refresh_from_db()
    assert passwords.matches(bob, NEW)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(client)
    left = client.post(DONE, follow=True)
    assert "Your password has been reset. Sign in with the new one." in text_of(left)
    assert tags() == [
        "reset.started",
        "reset.check_passed",
        "reset.check_passed",
        "reset.completed",
    ]


def test_the_next_sign_in_asks_for_both_steps(client, bob, mail, app):
    """PR11, R075."""
    both_passed(client, app)
    set_password(client)

    response = post_password(Client(), "bob", NEW)

    assert lands(response, "/sign-in/verify/")
    assert post_password(Client(), "bob", PASSWORD).status_code == 422


def test_one_check_is_enough_where_policy_says_so(client, bob, app, mail):
    """PR6."""
    policy(methods_to_reset=1)

    assert lands(first_by_app(client, app), PASSWORD_PAGE)
    assert lands(set_password(client), DONE)


def test_the_mailbox_alone_is_not_enough_beside_something_stronger(client, bob, mail, app):
    """PR8, R074."""
    policy(methods_to_reset=1)

    assert lands(first_by_email(client), CHECK_2)


def test_the_mailbox_alone_is_enough_for_who_has_nothing_stronger(client, bob, mail):
    """PR8."""
    policy(methods_to_reset=1)

    assert lands(first_by_email(client), PASSWORD_PAGE)


def test_a_stronger_method_that_was_disowned_still_stands_in_the_way(client, bob, mail, app):
    """PR8: whoever reads the mail can say "This wasn't me" too."""
    policy(methods_to_reset=1)
    Registration.objects.filter(pk=app.pk).update(suspended_at=Now())

    assert lands(first_by_email(client), STOPPED)
    page = text_of(client.get(STOPPED))
    assert "You need a second way to confirm it's you, and you have none" in page


def test_a_new_method_always_calls_for_a_second_check(client, bob, app, mail):
    """PR4, K9."""
    policy(methods_to_reset=1)
    Registration.objects.filter(pk=app.pk).update(trusted_from=Now() + timedelta(hours=1))

    assert lands(first_by_app(client, app), CHECK_2)


def test_text_and_call_to_one_number_are_one_check(client, bob, app, phone, registered):
    """PR7: after the app either is offered; after the phone neither is."""
    kinds.allow("call")
    call = registered("call")
    settled(call)
    policy(paid_first_check=True)

    first_by_app(client, app)
    page = text_of(client.get(CHECK_2))
    assert "Text a code to the number ending 78" in page
    assert "Call the number ending 78" in page
    identify(client)
    choose(client, "sms", **{"sms-country": "NL", "sms-number": "06 12345678"})
    steps.work()
    client.post(CODE, {"code": steps.code_on_the_way()})
    page = text_of(client.get(CHECK_2))
    assert "Use the code from your authenticator app" in page
    assert "ending 78" not in page


def test_two_authenticator_entries_are_two_checks(client, bob, app, registered):
    """PR7."""
    other = registered("authenticator")
    settled(app, other)

    assert lands(first_by_app(client, app), CHECK_2)
    assert lands(second(client, other), PASSWORD_PAGE)


def test_of_several_apps_any_code_is_right_and_each_once(client, bob, app, registered):
    other = registered("authenticator")
    settled(app, other)
    identify(client)
    choose(client, "authenticator")
    code = code_of(other)

    client.post(CODE, code)

    assert steps.newest().first == other
    again = Client()
    identify(again)
    choose(again, "authenticator")
    assert again.post(CODE, code).status_code == 422


def test_an_emailed_code_goes_to_the_address_used_last(client, bob, mail, outbox):
    """PR3."""
    kinds.allow("email", maximum=2, ceiling=2)
    newer = kinds.register(bob, "email", form={"address": "bob.baker@example.net"})
    settled(mail, newer)
    Registration.objects.filter(pk=mail.pk).update(last_used_at=Now())

    first_by_email(client)

    assert steps.newest().first == mail


def test_questions_come_last_and_are_judged_together(client, bob, mail, app, registered):
    """QU1, QU2, QU5, R039, R040."""
    kinds.allow("questions")
    questions = registered("questions")
    settled(mail, app, questions)
    first_by_email(client)

    page = text_of(client.get(CHECK_2))
    assert page.index("Use the code from") < page.index("Answer my security questions")
    client.post(CHECK_2, {"way": str(questions.uuid)})
    first_seen = text_of(client.get(CODE_2))
    challenge = Challenge.objects.get(registration=questions)
    refused = client.post(CODE_2, kinds.wrong(kinds.reload(challenge)))
    assert refused.status_code == 422
    assert "Those answers aren't right. Check all of them and try again." in text_of(refused)
    for _restart in range(3):
        again = Client()
        first_by_app(again, app)
        again.post(CHECK_2, {"way": str(questions.uuid)})
        assert questions_of(text_of(again.get(CODE_2))) == questions_of(first_seen)
    challenge = Challenge.objects.filter(registration=questions, closed_at=None).get()
    assert lands(again.post(CODE_2, kinds.right(kinds.reload(challenge))), PASSWORD_PAGE)


def questions_of(page: str) -> str:
    return page[page.index("Answer your security") : page.index("Next")]


def test_staff_need_two_checks_and_never_questions(client, make_person, registered):
    """PR6, QU1, K10: whatever policy says."""
    policy(methods_to_reset=1)
    for kind in ("authenticator", "email", "questions"):
        kinds.allow(kind)
    sam = make_person("sam")
    app, other = (kinds.register(sam, "authenticator") for _ in range(2))
    mail, questions = kinds.register(sam, "email"), kinds.register(sam, "questions")
    settled(app, other, mail, questions)
    User.objects.filter(pk=sam.pk).update(role=Role.HELPDESK)

    assert lands(first_by_app(client, app, "sam"), CHECK_2)
    page = text_of(client.get(CHECK_2))
    assert "Answer my security questions" not in page
    assert "Email" not in page
    assert first_by_email(Client(), "sam").status_code == 422
    assert lands(second(client, other), PASSWORD_PAGE)


def test_staff_with_one_app_are_sent_to_the_helpdesk(client, make_person):
    """PR5."""
    kinds.allow("authenticator")
    sam = make_person("sam")
    app = kinds.register(sam, "authenticator")
    settled(app)
    User.objects.filter(pk=sam.pk).update(role=Role.ADMINISTRATOR)

    assert lands(first_by_app(client, app, "sam"), STOPPED)


# --- The stop page --------------------------------------------------------------------------------


def test_who_may_not_reset_is_told_so_after_the_first_check_only(client, bob, mail, app):
    """PR5."""
    policy(reset_for="nobody", helpdesk_phone="+31 20 123 4567")

    assert lands(identify(client), CHECK)
    assert lands(first_by_app(client, app), STOPPED)
    page = text_of(client.get(STOPPED))

    assert "You can't reset your password here" in page
    assert "Your organization doesn't allow it for your account." in page
    assert "Nothing has changed. Contact your IT helpdesk (+31 20 123 4567)" in page
    assert tags()[-1] == "reset.stopped"
    assert lands(set_password(client), STOPPED)


def test_with_too_few_methods_the_page_says_so(client, bob, app):
    """PR5."""
    first_by_app(client, app)

    page = text_of(client.get(STOPPED))

    assert "You need a second way to confirm it's you" in page
    assert Event.objects.get(tag="reset.stopped").reason == "too_few"


def test_a_frozen_account_is_reset_by_nobody(client, bob, mail, app):
    """PR5, NO5: also if it was frozen between the checks."""
    first_passed(client, app)
    User.objects.filter(pk=bob.pk).update(frozen_at=Now())

    assert lands(client.get(CHECK_2), STOPPED)
    assert "Changes to your account are frozen." in text_of(client.get(STOPPED))
    again = Client()
    assert lands(first_by_app(again, app), STOPPED)
    assert lands(set_password(again), STOPPED)
    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)


def test_policy_that_becomes_stricter_meanwhile_applies(client, bob, mail, app):
    """PU3, PO6."""
    policy(methods_to_reset=1)
    first_by_app(client, app)

    policy(methods_to_reset=2)

    assert lands(client.get(PASSWORD_PAGE), CHECK_2)
    assert lands(set_password(client), CHECK_2)
    policy(reset_for="nobody")
    assert lands(client.get(CHECK_2), STOPPED)


def test_a_kind_switched_off_meanwhile_is_no_check_any_more(client, bob, mail, app):
    """PU3."""
    identify(client)
    choose(client, "authenticator")
    allow("authenticator", for_reset=False)

    response = client.post(CODE, code_of(app), follow=True)

    assert response.redirect_chain == [(CHECK, 302)]
    assert "Your organization no longer allows this method." in text_of(response)
    assert "authenticator app" not in text_of(response)


# --- Forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "   "])
def test_only_an_empty_name_is_refused(client, db, typed):
    """PR2."""
    response = identify(client, typed)

    assert response.status_code == 422
    assert "Enter your user name or work email." in text_of(response)
    assert not PasswordReset.objects.exists()


@pytest.mark.parametrize("typed", ["nobody", "böb", "x" * 4000, "bob\x00", "' or 1=1 --", "🙂"])
def test_any_other_text_goes_on(client, db, typed):
    """PR2."""
    assert lands(identify(client, typed), CHECK)
    choose(client, "authenticator")
    assert client.post(CODE, {"code": "123456"}).status_code == 422


@pytest.mark.parametrize("typed", [" BOB ", "bob@example.org", "Bob@Example.ORG"])
def test_user_name_and_work_address_are_taken_in_any_case(client, bob, mail, app, typed):
    """AC4."""
    assert lands(first_by_app(client, app, typed), CHECK_2)


def test_a_way_has_to_be_chosen(client, bob, mail):
    identify(client)

    response = client.post(CHECK, {})

    assert response.status_code == 422
    assert "Choose a way." in text_of(response)
    assert choose(client, "questions").status_code == 422


def test_text_and_call_are_offered_with_the_whole_number_only(client, bob, phone, outbox):
    """PR3: nothing is said about whether it matches."""
    kinds.allow("call")
    identify(client)
    assert "Text me a code" not in text_of(client.get(CHECK))
    policy(paid_first_check=True)
    page = text_of(client.get(CHECK))
    assert "Text me a code" in page
    assert "The whole phone number" in page
    assert "Extension (optional)" in page

    refused = choose(client, "sms", **{"sms-number": "78"})
    assert refused.status_code == 422
    assert "Enter the whole number." in text_of(refused)
    for number in ("06 87654321", "06 12345678"):
        assert lands(choose(client, "sms", **{"sms-country": "NL", "sms-number": number}), CODE)
        assert "If that is your number, we've sent a code" in text_of(client.get(CODE))
        before = steps.codes_sent()
        steps.work()
        assert steps.codes_sent() - before == (number == "06 12345678")
    assert lands(client.post(CODE, {"code": steps.code_on_the_way()}), STOPPED)


def test_a_call_is_answered_by_keys(client, bob, registered):
    """CA4, PR3: the page shows a number, whether or not anybody is called."""
    kinds.allow("call")
    call = registered("call")
    settled(call)
    policy(paid_first_check=True, methods_to_reset=1)
    fields = {"call-country": "NL", "call-number": "06 12345678"}
    pages = []
    for name in ("nobody", "bob"):
        identify(client, name)
        choose(client, "call", **fields)
        steps.work()
        pages.append(text_of(client.get(CODE)))
        assert client.post(CODE).status_code == 422
    assert all("we're calling it. Key in this number, then #:" in page for page in pages)

    kinds.right(kinds.reload(Challenge.objects.get(registration=call, closed_at=None)))

    assert lands(client.post(CODE), PASSWORD_PAGE)


def test_the_new_password_follows_the_rules(client, bob, mail, app):
    """PR10, R079."""
    both_passed(client, app)
    refused = {
        "too short": "Use at least 15 characters.",
        "x" * 257: "Use at most 256 characters.",
        "password123456789": "This password is too common. Choose another one.",
        "baker likes lanterns": "Don't use your name or",
        PASSWORD: (
            "This is your current password. "
            "You can go back and sign in with it, or choose another one."
        ),
    }

    for typed, reason in refused.items():
        response = set_password(client, typed)
        assert response.status_code == 422
        assert reason in text_of(response)

    twice = {"new_password": NEW, "new_password_again": "something else altogether"}
    response = client.post(PASSWORD_PAGE, twice)
    assert "The two passwords aren't the same." in text_of(response)
    assert lands(set_password(client), DONE)


# --- Browsers, tabs, time -------------------------------------------------------------------------


def test_a_reset_belongs_to_one_browser(client, bob, mail, app):
    """C2: the code of one is wrong in the other."""
    identify(client)
    choose(client, "email")
    steps.work()
    code = {"code": steps.code_on_the_way()}
    other = Client()
    identify(other)
    choose(other, "email")

    assert other.post(CODE, code).status_code == 422
    assert lands(client.post(CODE, code), CHECK_2)


def test_the_session_without_the_cookie_sets_no_password(client, bob, mail, app):
    """R073: nor does another right's token."""
    both_passed(client, app)
    client.cookies["reset"] = "made up"

    response = client.post(PASSWORD_PAGE, {"new_password": NEW}, follow=True)

    assert response.redirect_chain == [(RESET, 302)]
    assert STALE in text_of(response)
    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)


def test_a_double_click_and_a_second_tab_send_nothing_more(client, bob, mail):
    """C11."""
    identify(client)
    for _click in range(2):
        choose(client, "email")
        steps.work()
    client.get(CODE)
    choose(client, "authenticator")
    choose(client, "email")
    steps.work()

    assert steps.codes_sent() == 1 + 1  # and the one that confirmed it
    assert steps.newest().sends == 1


def test_the_right_code_sent_twice_goes_on_once(client, bob, mail, app):
    identify(client)
    choose(client, "authenticator")
    code, twin = code_of(app), Client()
    twin.cookies["session"] = client.cookies["session"].value
    flow = Session.objects.get().data

    first = client.post(CODE, code)
    Session.objects.update(data=flow)  # as the other click has read it
    second_click = client.post(CODE, code)

    assert lands(first, CHECK_2)
    assert lands(second_click, CODE)
    assert tags().count("reset.check_passed") == 1


def test_a_new_code_takes_the_place_of_the_old_one(client, bob, mail, clock):
    """C2, C10, C12."""
    policy(methods_to_reset=1)
    identify(client)
    choose(client, "email")
    steps.work()
    old, reference = steps.code_on_the_way(), steps.newest().shown.reference

    early = client.post(RESEND, follow=True)
    assert "then ask for a new code." in text_of(early)
    clock.advance(seconds=31)
    kinds.pass_time(seconds=31)
    assert lands(client.post(RESEND), CODE)
    steps.work()

    assert steps.codes_sent() == 3
    assert steps.newest().shown.reference != reference or old != steps.code_on_the_way()
    assert client.post(CODE, {"code": old}).status_code == 422
    assert lands(client.post(CODE, {"code": steps.code_on_the_way()}), PASSWORD_PAGE)


def test_page_and_message_carry_the_same_reference(client, bob, mail):
    """C12."""
    identify(client)
    choose(client, "email")
    steps.work()

    challenge = Challenge.objects.get(purpose="reset")

    assert f"ref {challenge.reference}" in text_of(client.get(CODE))
    assert challenge.expires_at == steps.newest().expires_at


@pytest.mark.parametrize("state", [identified, asked, first_passed, both_passed, stopped])
def test_a_reset_that_took_too_long_starts_over_and_says_so(client, mail, app, clock, state):
    """C13."""
    state(client, app)
    clock.advance(seconds=IDLE_SECONDS + 1)

    response = client.get(CODE, follow=True)

    assert response.redirect_chain == [(RESET, 302)]
    assert STALE in text_of(response)
    assert STALE not in text_of(client.get(RESET))


def test_a_reset_ends_half_an_hour_after_its_start(client, mail, app, clock):
    """C13."""
    identify(client)
    for _ in range(4):
        clock.advance(seconds=IDLE_SECONDS - 60)
        last = choose(client, "authenticator")

    assert clock.now.timestamp() > steps.newest().created_at.timestamp() + TOTAL_SECONDS
    assert lands(last, RESET)


def test_a_reset_that_is_done_is_not_said_to_be_undone(client, mail, app, clock):
    finished(client, app)
    clock.advance(seconds=IDLE_SECONDS + 1)

    response = client.get(DONE, follow=True)

    assert response.redirect_chain == [(RESET, 302)]
    assert STALE not in text_of(response)


def test_what_changes_the_account_ends_its_resets(client, bob, mail, app):
    """SE2."""
    both_passed(client, app)
    User.objects.filter(pk=bob.pk).update(access_epoch=bob.access_epoch + 1)

    response = client.post(PASSWORD_PAGE, {"new_password": NEW}, follow=True)

    assert STALE in text_of(response)
    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)


def test_starting_again_forgets_what_was_passed(client, bob, mail, app):
    first_passed(client, app)

    assert lands(identify(client), CHECK)

    assert lands(client.get(CHECK_2), CHECK)
    assert lands(set_password(client), CHECK)


def test_who_is_signed_in_may_reset_and_is_signed_out_by_it(bob, mail, app):
    client = Client()
    client.force_login(bob)

    both_passed(client, app)
    assert is_signed_in(client)
    assert lands(set_password(client), DONE)

    assert client.get(DONE).status_code == 200
    assert not is_signed_in(client)
    assert not Session.objects.of(bob).exists()


def test_the_sign_in_page_leads_here(client, db):
    assert f'href="{RESET}"' in client.get(SIGN_IN).content.decode()
    assert "Forgot your password?" in text_of(client.get(SIGN_IN))


# --- What it leaves behind ------------------------------------------------------------------------


def test_waits_after_wrong_passwords_are_over(client, bob, mail, app):
    """PR11."""
    for _ in range(12):
        post_password(Client(), "bob", "wrong")
    assert post_password(Client(), "bob", PASSWORD).status_code == 429

    both_passed(client, app)
    set_password(client)

    assert lands(post_password(Client(), "bob", NEW), "/sign-in/verify/")


def test_methods_and_default_stay_as_they_are(client, bob, mail, app):
    """PR11, R075."""
    columns = ("pk", "kind", "fingerprint", "is_default", "confirmed", "suspended_at")
    before = list(Registration.objects.order_by("pk").values(*columns))

    finished(client, app)

    assert list(Registration.objects.order_by("pk").values(*columns)) == before


def test_one_channel_does_not_open_both_doors(client, bob, app, mail):
    """PR8, PR12, R075."""
    policy(methods_to_reset=1)
    first_by_app(client, app)
    set_password(client)
    page = text_of(client.get(DONE))

    assert "sign in with a way other than authenticator app." in page
    post_password(client, "bob", NEW)
    page = text_of(client.get("/sign-in/another-way/"))
    assert "Email a code to b•••@example.net" in page
    assert "authenticator" not in page
    assert Event.objects.get(tag="reset.hold_started").kind == "authenticator"


def test_answers_to_questions_prove_no_channel(client, bob, mail, app, registered):
    """PR8."""
    kinds.allow("questions")
    questions = registered("questions")
    settled(mail, app, questions)
    first_by_app(client, app)
    second(client, questions)
    set_password(client)

    assert Event.objects.filter(tag="reset.hold_started").exists()
    assert "sign in with a way other than" in text_of(client.get(DONE))


def test_nobody_is_held_back_from_an_only_method(client, bob, app):
    """PR8: provided the person has another one."""
    policy(methods_to_reset=1)
    first_by_app(client, app)
    set_password(client)

    assert "Until" not in text_of(client.get(DONE))
    post_password(client, "bob", NEW)
    kinds.pass_time(minutes=1)
    verify = client.post("/sign-in/verify/", code_of(app))
    assert lands(verify, HOME) or lands(verify, "/keep-secure/")


def test_two_channels_are_not_held(client, bob, mail, app):
    finished(client, app)

    assert not Registration.objects.exclude(held_until=None).exists()
    assert not Event.objects.filter(tag="reset.hold_started").exists()


def test_every_contact_is_told(client, bob, mail, app):
    """N5, N6, R085."""
    Message.objects.all().delete()
    finished(client, app)

    told = Message.objects.filter(category="notice")
    subjects = {message.sealed["subject"] for message in told}
    assert subjects == {"Somebody is resetting your password", "Your password was reset"}
    for subject in subjects:
        to = {m.sealed["to"] for m in told if m.sealed["subject"] == subject}
        assert to == {"bob@example.org", "bob@example.net"}


def test_a_reset_by_staff_is_told_to_the_other_administrators(client, ada, make_person):
    """PR13, N17."""
    kinds.allow("authenticator")
    carol = make_person("carl")
    apps = [kinds.register(carol, "authenticator") for _ in range(2)]
    settled(*apps)
    User.objects.filter(pk=carol.pk).update(role=Role.ADMINISTRATOR)
    make_person("gone", role=Role.ADMINISTRATOR, is_active=False)
    first_by_app(client, apps[0], "carl")
    second(client, apps[1])
    Message.objects.all().delete()

    set_password(client)

    staff = [m for m in Message.objects.all() if "administrators" in m.sealed["subject"]]
    assert [message.user for message in staff] == [ada]
    assert "carl" in str(staff[0].sealed["sentences"])


def test_a_known_browser_is_forgotten_by_nobody(client, bob, mail, app):
    """A reset ends sessions; in which browser somebody has signed in before stays known."""
    KnownBrowser.objects.create(user=bob, digest="x")

    finished(client, app)

    assert KnownBrowser.objects.filter(user=bob).exists()


def test_a_wrong_answer_reads_the_same_for_every_reason(client, bob, mail):
    """C5: wrong, expired, replaced, and for nobody."""
    pages = []
    for spoil in (lambda: None, expire, replace):
        identify(client)
        choose(client, "email")
        steps.work()
        code = {"code": steps.code_on_the_way()} if spoil is not expire.__class__ else {}
        spoil()
        pages.append(client.post(CODE, steps.wrong_code() if not pages else code))
        Counter.objects.all().delete()
        kinds.pass_time(hours=1)

    assert {page.status_code for page in pages} == {422}
    assert all(NEUTRAL in text_of(page) for page in pages)


def expire() -> None:
    PasswordReset.objects.update(expires_at=Now())


def replace() -> None:
    Challenge.objects.update(closed_at=Now(), outcome="replaced")
