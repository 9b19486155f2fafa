"""Confirm it's you: how strong a proof each page asks for, how it is given, what follows."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.models import Role, Session, User
from methods import registry
from methods.models import Challenge, Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from securityinfo.policy.rules import Strength
from tests import kinds
from tests.accounts.doors import HOME, VERIFY, allow, is_signed_in, policy, post_password
from tests.cast import PASSWORD
from tests.flows.proofs import (
    CONFIRM,
    CONFIRM_OTHER,
    NO_WAY,
    NOT_WORKING,
    ONLY_METHOD,
    SIGNING_IN,
    TOO_MANY,
    app_code,
    choose,
    each_kind,
    forget_codes,
    forget_limits,
    has,
    is_default,
    is_said,
    new_browser,
    newest,
    proving,
    right,
    ways,
    wrong,
)
from tests.flows.steps import ADD, DEFAULT, GONE, LIST, codes_sent, delete_of, lands, text_of

pytestmark = pytest.mark.django_db

PASSWORD_PAGE = "/security-info/password/"
IN_FULL = "/security-info/show-in-full/"
TOO_WEAK = "To change this, confirm with your"
NEVER = Strength.NONE - 1


def proved(
    strength: int = NEVER, *, minutes: int = 0, settled: bool = True, with_password: bool = False
) -> None:
    """As if everybody who is signed in had been proved so strongly so long ago."""
    Session.objects.update(
        fresh_at=None if strength == NEVER else Now() - timedelta(minutes=minutes),
        strength=strength,
        is_settled=settled,
        with_password=with_password,
    )


def to(page: str, confirm: str = CONFIRM) -> str:
    return f"{confirm}?{urlencode({'next': page})}"


def asks(response) -> bool:
    return response.status_code == 302 and response["Location"].startswith(CONFIRM)


def change_of(registration: Registration) -> str:
    return reverse("methods:change", args=[registration.uuid])


def confirm_by(client: Client, registration: Registration, page: str, **typed: str):
    """Choose it, and give the right answer."""
    choose(client, registration, to(page, CONFIRM_OTHER))
    return client.post(to(page), right() | typed)


def suspend(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(suspended_at=timezone.now())


def make_new(registration: Registration) -> Registration:
    """K9: in its first hours."""
    trusted_from = timezone.now() + timedelta(hours=24)
    Registration.objects.filter(pk=registration.pk).update(trusted_from=trusted_from)
    return registration


@pytest.fixture
def methods(bob) -> dict[str, Registration]:
    """One of each kind that signs in, none of them new; the app is asked for first."""
    forms = {"call": {"type": "mobile", "country": "NL", "number": "06 87654321"}}
    found = {kind: has(bob, kind, forms.get(kind)) for kind in SIGNING_IN}
    kinds.allow("questions")
    is_default(found["authenticator"])
    return found


@pytest.fixture
def browser(bob, methods, signed_in) -> Client:
    """Bob with all of them, signed in and proved too long ago for anything."""
    client = signed_in(bob)
    proved()
    return client


# --- How strong (SU1, SU2; R081) ------------------------------------------------------------------

WEAK, RESTRICTED, STRONG = Strength.WEAK, Strength.RESTRICTED, Strength.STRONG
NEEDS = {
    "show in full": (lambda _: IN_FULL, WEAK),
    "end one session": (
        lambda _: reverse("accounts:sign-out-one", args=[Session.objects.get().public_id]),
        WEAK,
    ),
    "add something": (lambda _: ADD, WEAK),
    "choose the default": (lambda _: DEFAULT, WEAK),
    "change the password": (lambda _: PASSWORD_PAGE, STRONG),
    "add questions": (lambda _: "/security-info/add/questions/", WEAK),
    **{
        f"add {kind}": (
            lambda _, kind=kind: f"/security-info/add/{kind}/",
            registry.get(kind).strength,
        )
        for kind in SIGNING_IN
    },
    **{
        f"prove a new {kind}": (
            lambda _, kind=kind: f"/security-info/add/{kind}/verify/",
            registry.get(kind).strength,
        )
        for kind in SIGNING_IN
    },
    **{
        f"change {kind}": (
            lambda methods, kind=kind: change_of(methods[kind]),
            registry.get(kind).strength,
        )
        for kind in SIGNING_IN
    },
    **{
        f"prove a changed {kind}": (
            lambda methods, kind=kind: f"{change_of(methods[kind])}verify/",
            registry.get(kind).strength,
        )
        for kind in SIGNING_IN
    },
    **{
        f"delete {kind}": (
            lambda methods, kind=kind: delete_of(methods[kind]),
            registry.get(kind).strength,
        )
        for kind in SIGNING_IN
    },
}


@pytest.mark.parametrize("what", NEEDS)
def test_each_page_asks_for_its_strength_within_the_minutes_of_the_policy(browser, methods, what):
    """R081, R082: URL by strength by age of the proof, for looking and for posting."""
    address, need = NEEDS[what]
    page = address(methods)
    found = {}

    for strength in (NEVER, *sorted(Strength)):
        for minutes in (9, 11):
            proved(strength, minutes=minutes)
            found[strength, minutes] = not asks(browser.get(page))
            if not found[strength, minutes]:
                posted = browser.post(page, {})
                assert asks(posted) or posted.status_code == 405, (strength, minutes)

    assert found == {
        (strength, minutes): strength >= need and minutes < 10 for strength, minutes in found
    }


@pytest.mark.parametrize("kind", SIGNING_IN)
def test_making_a_method_the_default_asks_for_its_strength(browser, methods, kind):
    """SU2."""
    is_default(methods["email" if kind != "email" else "sms"])

    for strength in (NEVER, *sorted(Strength)):
        proved(strength)
        response = browser.post(DEFAULT, {"method": str(methods[kind].uuid)})
        is_enough = strength >= methods[kind].method.strength
        assert asks(response) != is_enough, strength
        if is_enough:
            break

    assert Registration.objects.get(is_default=True) == methods[kind]


def test_whoever_was_proved_too_weakly_to_choose_a_default_is_asked_and_comes_back(
    browser, methods
):
    """SU5: with the method that was chosen, to press the button again."""
    is_default(methods["email"])
    proved(Strength.WEAK)

    asked = browser.post(DEFAULT, {"method": str(methods["authenticator"].uuid)})
    page = browser.get(asked["Location"])
    back = browser.post(asked["Location"], app_code(methods["authenticator"]), follow=True)
    done = browser.post(
        back.context["request"].path, {"method": str(methods["authenticator"].uuid)}
    )

    assert is_said(page, "Confirm it's you")
    assert back.context["form"].initial["method"] == str(methods["authenticator"].uuid)
    assert lands(done, LIST)
    assert Registration.objects.get(is_default=True) == methods["authenticator"]


@pytest.mark.parametrize("what", ["change", "delete"])
def test_a_new_method_cannot_authorize_changing_an_older_one(browser, methods, what):
    """K9, R084: however strong it is, also if it proved the session."""
    address = {"change": change_of, "delete": delete_of}[what]
    proved(Strength.STRONG, settled=False)

    assert all(asks(browser.get(address(each))) for each in methods.values())
    assert not asks(browser.get(ADD))
    make_new(methods["email"])
    assert not asks(browser.get(address(methods["email"])))


def test_a_new_method_is_not_offered_for_an_older_one(browser, methods):
    """SU4."""
    make_new(methods["authenticator"])

    page = browser.get(to(delete_of(methods["sms"])), follow=True)

    assert ways(page) == ["Text a code to the number ending 78", "Call the number ending 21"]
    assert browser.get(to(delete_of(methods["authenticator"]))).status_code == 200


def test_confirming_by_a_new_method_opens_what_is_as_new(browser, methods):
    make_new(methods["authenticator"])
    page = delete_of(methods["authenticator"])

    assert lands(browser.post(to(page), app_code(methods["authenticator"])), page)
    assert not asks(browser.get(page))
    assert asks(browser.get(delete_of(methods["sms"])))


def test_a_suspended_method_still_says_how_strong_the_proof_has_to_be(browser, methods):
    """SU2: whoever disowned the app by mistake, or was made to, can't go on with less."""
    suspend(methods["authenticator"])
    proved(Strength.RESTRICTED)

    assert asks(browser.get(PASSWORD_PAGE))
    assert asks(browser.get("/security-info/add/authenticator/"))
    page = browser.get(to(PASSWORD_PAGE))
    assert page.status_code == 200
    assert is_said(page, NO_WAY)
    assert not asks(browser.get("/security-info/add/email/"))


@pytest.mark.parametrize("role", [Role.HELPDESK, Role.ADMINISTRATOR])
def test_staff_confirm_with_what_staff_may_use(browser, methods, role):
    """K10."""
    User.objects.update(role=role)

    page = browser.get(to(LIST))
    chosen = choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))

    assert is_said(page, ONLY_METHOD)
    assert chosen.status_code == 422
    assert codes_sent() == 0


# --- Giving it ------------------------------------------------------------------------------------


@each_kind
def test_each_kind_confirms_and_the_interrupted_page_goes_on(browser, methods, kind):
    page = f"/security-info/add/{kind}/"

    response = confirm_by(browser, methods[kind], page)

    assert lands(response, page)
    assert browser.get(page).status_code == 200
    done = Event.objects.get(tag="step_up.completed")
    assert (done.kind, done.purpose) == (kind, "confirm")
    assert Session.objects.get().strength == methods[kind].method.strength


@each_kind
def test_a_wrong_answer_confirms_nothing(browser, methods, kind):
    page = f"/security-info/add/{kind}/"
    choose(browser, methods[kind], to(page, CONFIRM_OTHER))

    response = browser.post(to(page), wrong())

    assert response.status_code == 422
    assert is_said(response, str(methods[kind].method.wrong_answer))
    assert asks(browser.get(page))
    assert is_signed_in(browser)


def test_too_many_wrong_answers_wait_and_end_no_session(browser, methods):
    """C6: shared with signing in, whichever method is asked for."""
    page = change_of(methods["sms"])
    choose(browser, methods["sms"], to(page, CONFIRM_OTHER))
    for _ in range(5):
        last = browser.post(to(page), wrong())
    choose(browser, methods["authenticator"], to(page, CONFIRM_OTHER))
    waiting = browser.post(to(page), app_code(methods["authenticator"]))
    half = proving(User.objects.get())
    at_sign_in = half.post(VERIFY, app_code(methods["authenticator"]))

    assert is_said(last, "Too many wrong codes.")
    assert waiting.status_code == 429
    assert is_said(waiting, TOO_MANY)
    assert at_sign_in.status_code == 429
    assert is_signed_in(browser)
    assert asks(browser.get(page))


def test_the_page_says_what_for_and_asks_the_default_first(browser, methods):
    """SU4."""
    page = browser.get(to(delete_of(methods["sms"])))
    text = text_of(page)

    assert text.startswith("Confirm it's you Before you delete Text message, ending 78.")
    assert "Open your authenticator app" in text
    assert "Confirm another way" in text
    assert "Cancel" in text
    assert "Verify" in text
    assert f'href="{LIST}"' in page.content.decode()


@pytest.mark.parametrize(
    ("page", "before"),
    [
        (ADD, "Before you change your security info."),
        (PASSWORD_PAGE, "Before you change your password."),
    ],
)
def test_each_page_says_what_for(browser, page, before):
    assert is_said(browser.get(to(page)), before)


def test_what_is_sent_waits_for_a_choice_of_which_the_default_is_the_first(browser, methods):
    """No visit sends anything."""
    is_default(methods["sms"])

    page = browser.get(to(ADD), follow=True)

    assert page.redirect_chain == [(to(ADD, CONFIRM_OTHER), 302)]
    assert page.context["form"].initial == {"way": str(methods["sms"].uuid)}
    assert len(ways(page)) == len(SIGNING_IN)
    assert codes_sent() == 0


def test_a_default_that_is_too_weak_is_not_asked_for(browser, methods):
    is_default(methods["email"])

    page = browser.get(to(delete_of(methods["authenticator"])))

    assert is_said(page, "Open your authenticator app")
    assert is_said(page, f"{TOO_WEAK} authenticator app or something stronger.")


def test_methods_that_are_too_weak_are_left_out_with_the_reason(browser, methods):
    page = browser.get(to(delete_of(methods["sms"]), CONFIRM_OTHER))

    assert ways(page) == ["Text a code to the number ending 78", "Call the number ending 21"]
    assert is_said(page, f"{TOO_WEAK} text message or something stronger.") or is_said(
        page, f"{TOO_WEAK} phone call or something stronger."
    )


def test_where_all_are_strong_enough_nothing_is_said_of_weakness(browser):
    assert not is_said(browser.get(to(ADD)), TOO_WEAK)


def test_a_way_that_is_too_weak_is_not_taken(browser, methods):
    """R082: a session proved by email cannot delete the authenticator."""
    page = delete_of(methods["authenticator"])
    assert lands(confirm_by(browser, methods["email"], ADD), ADD)
    forget_codes()

    asked = browser.post(page)
    chosen = choose(browser, methods["email"], to(page, CONFIRM_OTHER))
    answered = browser.post(to(page), {"code": "123456"})

    assert asks(asked)
    assert chosen.status_code == 422
    assert codes_sent() == 0
    assert answered.status_code == 422
    assert Registration.objects.filter(pk=methods["authenticator"].pk).exists()


def test_a_weak_code_that_is_under_way_is_not_enough_for_a_stronger_page(browser, methods):
    """The page that asks for more begins anew, and blames no policy."""
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))
    given = right()
    page = delete_of(methods["authenticator"])

    response = browser.post(to(page), given, follow=True)
    shown = browser.get(to(page), follow=True)

    assert is_said(shown, "Open your authenticator app")
    assert not is_said(response, GONE)
    assert not is_said(shown, GONE)
    assert asks(browser.get(page))


def test_a_code_of_another_purpose_confirms_nothing(browser, bob, methods):
    """C2: the code of a sign-in under way."""
    is_default(methods["email"])
    proving(bob)
    given = right(purpose="sign_in")
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))

    response = browser.post(to(ADD), given)

    assert not lands(response, ADD)
    assert asks(browser.get(ADD))


def test_answered_twice_it_confirms_once(browser, methods):
    """F14."""
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))
    given = right()

    first = browser.post(to(ADD), given)
    second = browser.post(to(ADD), given)

    assert lands(first, ADD)
    assert lands(second, ADD)
    assert Event.objects.filter(tag="step_up.completed").count() == 1


def test_a_new_code_for_confirming_comes_back_to_the_same_page(browser, methods):
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))
    kinds.pass_time(seconds=31)

    again = browser.post(to(ADD, "/confirm/resend/"))

    assert lands(again, to(ADD))
    assert codes_sent() == 2
    assert browser.get(to(ADD, "/confirm/status/")).status_code == 200
    assert lands(browser.post(to(ADD), right()), ADD)


def test_no_longer_allowed_in_the_middle_another_way_has_to_be_chosen(browser, methods):
    """PU3."""
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))
    given = right()
    allow("email", state="off")

    page = browser.post(to(ADD), given, follow=True)

    assert is_said(page, GONE)
    assert page.redirect_chain[0] == (to(ADD, CONFIRM_OTHER), 302)
    assert asks(browser.get(ADD))


def test_what_does_not_work_right_now_is_passed_over_and_marked(browser, methods):
    """DE7."""
    is_default(methods["email"])
    policy(email_switch=False)

    first = browser.get(to(ADD))
    page = browser.get(to(ADD, CONFIRM_OTHER))

    assert is_said(first, "Open your authenticator app")
    assert str(page.context["cards"][-1]["mark"]) == NOT_WORKING


def test_canceling_changes_nothing(browser, methods):
    page = delete_of(methods["sms"])
    browser.get(to(page))

    assert browser.get(LIST).status_code == 200
    assert Registration.objects.count() == len(SIGNING_IN)
    assert asks(browser.get(page))


def test_what_was_posted_is_not_carried_over(browser, methods):
    """SU5: the page opens again, and its button has to be pressed."""
    page = delete_of(methods["email"])

    asked = browser.post(page)
    back = browser.post(asked["Location"], app_code(methods["authenticator"]))

    assert lands(asked, to(page))
    assert lands(back, page)
    assert Registration.objects.filter(pk=methods["email"].pk).exists()
    assert lands(browser.post(page), LIST)
    assert not Registration.objects.filter(pk=methods["email"].pk).exists()


def test_only_a_page_of_this_site_is_followed(browser, methods):
    for elsewhere in ("https://evil.example/", "//evil.example/", "/sign-out/", "/no/such/page/"):
        proved()
        response = browser.post(CONFIRM, app_code(methods["authenticator"]) | {"next": elsewhere})
        assert lands(response, HOME), elsewhere
        Registration.objects.update(last_counter=-1)


def test_a_made_up_method_of_the_page_asks_for_something_anyway(browser):
    """The page itself says that there is none."""
    page = "/security-info/00000000-0000-4000-8000-000000000000/delete/"

    assert asks(browser.get(page))
    assert browser.get(to(page)).status_code == 200


# --- Where email is all there is (SU3) ------------------------------------------------------------


@pytest.fixture
def by_email(bob, signed_in) -> Client:
    has(bob, "email")
    client = signed_in(bob)
    proved()
    return client


def email_code(client: Client) -> str:
    """Chosen, and what then stands in the message."""
    choose(client, Registration.objects.get(), to(ADD, CONFIRM_OTHER))
    return right()["code"]


def test_password_and_code_are_asked_for_together(by_email):
    code = email_code(by_email)
    page = by_email.get(to(ADD))

    assert 'name="code"' in page.content.decode()
    assert 'name="password"' in page.content.decode()
    assert lands(by_email.post(to(ADD), {"code": code, "password": PASSWORD}), ADD)
    assert not asks(by_email.get(ADD))


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"password": ""}, "Enter your password."),
        ({"password": "wrong"}, "That isn't your current password."),
        ({"code": ""}, "Enter the 6-digit code."),
    ],
)
def test_neither_of_the_two_is_enough_alone(by_email, typed, error):
    given = {"code": email_code(by_email), "password": PASSWORD} | typed

    page = by_email.post(to(ADD), given)

    assert page.status_code == 422
    assert is_said(page, error)
    assert asks(by_email.get(ADD))


def test_a_right_password_with_a_wrong_code_confirms_nothing(by_email):
    email_code(by_email)

    page = by_email.post(to(ADD), wrong() | {"password": PASSWORD})

    assert page.status_code == 422
    assert asks(by_email.get(ADD))
    assert newest().tries == 1


def test_a_wrong_password_costs_no_try_of_the_code(by_email):
    given = {"code": email_code(by_email), "password": "wrong"}

    by_email.post(to(ADD), given)

    assert newest().tries == 0


def test_a_proof_without_the_password_is_not_enough_where_email_is_all(by_email):
    for minutes, with_password in ((0, False), (11, True)):
        proved(Strength.WEAK, minutes=minutes, with_password=with_password)
        assert asks(by_email.get(ADD))

    proved(Strength.WEAK, with_password=True)
    assert not asks(by_email.get(ADD))


def test_a_sign_in_that_asked_for_both_counts(bob):
    has(bob, "email")
    client = proving(bob)
    client.post(VERIFY, right())

    assert not asks(client.get(ADD))


def test_who_has_something_stronger_types_no_password(browser, methods):
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))

    assert 'name="password"' not in browser.get(to(ADD)).content.decode()


# --- Where there is nothing (SU3) -----------------------------------------------------------------


def test_without_any_usable_method_the_password_has_to_do(bob, signed_in):
    suspend(has(bob, "email"))
    client = signed_in(bob)
    proved()

    page = client.get(to("/security-info/add/email/"))
    done = client.post(to("/security-info/add/email/"), {"password": PASSWORD})

    assert 'name="password"' in page.content.decode()
    assert lands(done, "/security-info/add/email/")
    assert not asks(client.get("/security-info/add/email/"))


@pytest.mark.parametrize("page", ["/admin/", "/admin/policy/orgpolicy/1/change/"])
def test_the_password_never_does_for_staff_pages(ada, signed_in, page):
    """SU6, R106: and nobody is sent in circles."""
    client = signed_in(ada)
    proved()
    Session.objects.update(strongest=Strength.NONE)

    shown = client.get(to(page))
    posted = client.post(to(page), {"password": PASSWORD})

    assert is_said(shown, NO_WAY)
    assert 'name="password"' not in shown.content.decode()
    assert not lands(posted, page)
    assert client.get(page).status_code == 302


def test_one_persons_counter_of_passwords_is_not_filled_from_the_page_for_codes(by_email):
    """The password is judged by the limits of passwords, the code by those of codes."""
    code = email_code(by_email)
    for _ in range(10):
        by_email.post(to(ADD), {"code": code, "password": "wrong"})

    waiting = by_email.post(to(ADD), {"code": code, "password": PASSWORD})
    forget_limits()

    assert waiting.status_code == 429
    assert lands(by_email.post(to(ADD), {"code": code, "password": PASSWORD}), ADD)


# --- How long (SU1; R085) -------------------------------------------------------------------------


def test_it_holds_in_this_session_alone_and_ends_with_it(browser, bob, methods, signed_in):
    other = signed_in(bob)
    proved()

    confirm_by(browser, methods["email"], ADD)

    assert not asks(browser.get(ADD))
    assert asks(other.get(ADD))
    browser.post("/sign-out/")
    browser.force_login(bob)
    proved()
    assert asks(browser.get(ADD))


def test_a_change_of_role_ends_it(browser, bob, methods):
    browser.post(to(ADD), app_code(methods["authenticator"]))
    bob.role = Role.HELPDESK
    people.update(bob, changed=["role"], actor=SYSTEM)

    assert not is_signed_in(browser)


def test_signing_in_is_as_strong_as_its_second_step(bob, methods):
    """SU1: by email nothing stronger opens."""
    is_default(methods["email"])
    client = proving(bob)
    client.post(VERIFY, right())

    assert not asks(client.get(ADD))
    assert asks(client.get(delete_of(methods["authenticator"])))
    assert asks(client.get(PASSWORD_PAGE))


def test_signing_in_with_a_new_method_is_not_enough_for_an_older_one(bob, methods):
    """K9."""
    make_new(methods["authenticator"])
    client = proving(bob)
    client.post(VERIFY, right())

    assert not asks(client.get(ADD))
    assert asks(client.get(delete_of(methods["sms"])))


def test_a_session_of_the_password_alone_is_fresh_for_nothing_once_there_are_methods(bob):
    """SI10, then a method added elsewhere."""
    policy(registration_required=False)
    client = new_browser()
    post_password(client, "bob")
    assert is_signed_in(client)
    has(bob, "email")
    Challenge.objects.all().delete()

    assert asks(client.get(ADD))


def test_a_weaker_page_in_another_tab_keeps_its_code(browser, methods):
    """Looking at what needs more ends nothing."""
    choose(browser, methods["email"], to(ADD, CONFIRM_OTHER))
    given = right()
    browser.get(to(delete_of(methods["authenticator"])), follow=True)

    assert lands(browser.post(to(ADD), given), ADD)


def test_another_persons_method_is_no_default_to_choose(browser, eve):
    """R085: as if there were none."""
    stranger = has(eve, "email", {"address": "eve@example.net"})
    page = f"{DEFAULT}{stranger.uuid}/"

    assert asks(browser.get(page))
    proved(Strength.STRONG)
    assert browser.get(page).status_code == 404


def test_a_chosen_kind_is_carried_over(client, bob, registered):
    """SU5: and nothing else of what was posted."""
    kinds.allow("email")
    kinds.allow("authenticator")
    registered("authenticator")
    client.force_login(bob)
    Session.objects.update(fresh_at=None)

    response = client.post("/security-info/add/", {"kind": "email", "other": "x"})

    assert response["Location"] == "/confirm/?next=%2Fsecurity-info%2Fadd%2Femail%2F"
