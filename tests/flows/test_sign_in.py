"""Signing in: every state and move, then the stories over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.signin_flow import SignInFlow, State
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.flows import IDLE_SECONDS, IllegalMove
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    allow,
    code_sent,
    has_method,
    is_signed_in,
    main_of,
    policy,
    post_sign_in,
    set_up_email,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

ALLOWED_MOVES = {
    (State.PASSWORD_ACCEPTED, State.PROVING),
    (State.PROVING, State.NEW_PASSWORD),
    (State.PROVING, State.REGISTERING),
    (State.PROVING, State.COMPLETED),
    (State.PASSWORD_ACCEPTED, State.NEW_PASSWORD),
    (State.NEW_PASSWORD, State.REGISTERING),
    (State.NEW_PASSWORD, State.COMPLETED),
    (State.PASSWORD_ACCEPTED, State.REGISTERING),
    (State.PASSWORD_ACCEPTED, State.COMPLETED),
    (State.REGISTERING, State.COMPLETED),
}
STALE = "This took too long, so we started over. Nothing was changed."


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("end", State)
def test_a_flow_makes_the_moves_of_its_table_only(start, end):
    flow = SignInFlow(state=start)

    if (start, end) in ALLOWED_MOVES:
        flow.move(end)
        assert flow.state == end
    else:
        with pytest.raises(IllegalMove):
            flow.move(end)


def tags() -> list[str]:
    return list(Event.objects.order_by("id").values_list("tag", flat=True))


# --- Without a wizard -----------------------------------------------------------------------------


def test_a_person_with_a_method_signs_in(client, bob):
    has_method(bob)

    response = post_sign_in(client, "bob")

    assert (response.status_code, response["Location"]) == (302, HOME)
    assert is_signed_in(client)
    assert tags() == [
        "sign_in.password_accepted",
        "challenge.sent",
        "challenge.answered",
        "sign_in.completed",
        "browser.known_added",
    ]


def test_the_page_that_was_asked_for_is_followed_afterwards(client, bob):
    has_method(bob)

    asked = client.get("/security-info/activity/?page=2")
    page = client.get(asked["Location"])
    response = post_sign_in(client, "bob", to=page.context["form"]["next"].value())

    assert response["Location"] == "/security-info/activity/?page=2"


def test_signing_in_is_dated(client, bob):
    has_method(bob)

    post_sign_in(client, "bob")

    bob.refresh_from_db()
    assert timezone.now() - bob.last_sign_in_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"name": "", "password": "x"}, "Enter your user name or work email."),
        ({"name": "bob", "password": ""}, "Enter your password."),
        ({"name": "bob", "password": "wrong"}, "Check your user name and password, then try again"),
        ({"name": "b\x00b", "password": "\x00"}, "Check your user name and password, then try"),
    ],
)
def test_errors_are_told_and_the_name_stays(client, bob, form, error):
    response = client.post(SIGN_IN, form)

    assert response.status_code == 422
    assert error in main_of(response)
    assert "There is a problem" in main_of(response)
    assert 'value="wrong"' not in main_of(response)
    assert response.context["form"]["name"].value() == form["name"]


def test_who_is_signed_in_already_goes_on(client, bob):
    client.force_login(bob)

    assert client.get(SIGN_IN)["Location"] == HOME
    assert client.get(SIGN_IN, {"next": "/security-info/add/"})["Location"] == "/security-info/add/"


def test_signing_out_is_a_post(client, bob):
    client.force_login(bob)

    page = client.get("/sign-out/")
    assert "Sign out" in main_of(page)
    assert is_signed_in(client)

    response = client.post("/sign-out/", follow=True)
    assert "You&#x27;re signed out." in main_of(response)
    assert not is_signed_in(client)
    assert tags() == ["sign_in.signed_out"]


def test_signing_out_signed_out_is_harmless(client, db):
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert tags() == []


# --- Keep your account secure ---------------------------------------------------------------------


def test_a_newcomer_is_led_through_the_wizard_and_then_signed_in(email_alone, client, bob):
    response = post_sign_in(client, "bob", to="/security-info/activity/")
    assert response["Location"] == KEEP_SECURE
    assert not is_signed_in(client)

    start = main_of(client.get(KEEP_SECURE))
    assert "Your organization needs you to set up ways to confirm it's you" in start
    assert "I want to set up a different method" not in start
    assert "Skip for now" not in start

    page = main_of(client.get("/keep-secure/email/"))
    assert "Method 1 of 1: Email" in page

    response = set_up_email(client)
    assert response["Location"] == SUMMARY
    assert not is_signed_in(client)

    summary = main_of(client.get(SUMMARY))
    assert "You're set up" in summary
    assert "Email was added." in summary
    assert "p•••@example.net" in summary
    assert "Default" in summary
    assert "Add another method" not in summary

    response = client.post(SUMMARY)
    assert response["Location"] == "/security-info/activity/"
    assert is_signed_in(client)
    completed = Event.objects.get(tag="sign_in.completed")
    assert completed.kind == "email"
    assert Event.objects.filter(tag="registration.completed", subject=bob.public_id).count() == 1


def test_two_methods_are_asked_for_one_after_the_other(client, bob):
    allow(maximum=3)
    post_sign_in(client, "bob")

    assert "Method 1 of 2: Email" in main_of(client.get("/keep-secure/email/"))
    set_up_email(client, "one@example.net")
    summary = main_of(client.get(SUMMARY))
    assert "One more method to go" in summary
    assert "so that losing one doesn't lock you out." in summary
    assert "Add another method" in summary
    assert "Done" in summary

    assert "Method 2 of 2: Email" in main_of(client.get("/keep-secure/email/"))
    set_up_email(client, "two@example.net")
    assert "You're set up" in main_of(client.get(SUMMARY))

    client.post(SUMMARY)
    assert is_signed_in(client)
    assert Registration.objects.of(bob).confirmed().count() == 2


def test_one_method_is_enough_to_go_on_until_the_days_are_over(client, bob):
    """RR1 (b), RR5."""
    allow(maximum=3)
    post_sign_in(client, "bob")
    set_up_email(client)

    client.post(SUMMARY)

    bob.refresh_from_db()
    assert is_signed_in(client)
    assert bob.short_since is not None


def test_after_the_days_the_second_method_is_due_at_sign_in(client, bob):
    allow(maximum=3)
    has_method(bob)
    User.objects.update(short_since=timezone.now() - timedelta(days=14, seconds=1))

    response = post_sign_in(client, "bob")
    assert response["Location"] == KEEP_SECURE
    start = main_of(client.get(KEEP_SECURE))
    assert "You have 1 method. Your organization asks for 2, so that losing your phone" in start
    assert client.post(SUMMARY)["Location"] == KEEP_SECURE
    assert not is_signed_in(client)

    set_up_email(client, "second@example.net")
    client.post(SUMMARY)
    assert is_signed_in(client)
    bob.refresh_from_db()
    assert bob.short_since is None


def test_skipping_is_offered_while_days_and_skips_are_left(client, bob):
    """RR6."""
    policy(grace_days=13, grace_skips=2)

    post_sign_in(client, "bob")
    start = main_of(client.get(KEEP_SECURE))
    assert "Skip for now" in start
    assert "2 more times." in start
    assert client.post("/keep-secure/skip/")["Location"] == HOME
    assert is_signed_in(client)
    assert "sign_in.skipped_registration" in tags()

    client = Client()
    post_sign_in(client, "bob")
    assert "1 more time." in main_of(client.get(KEEP_SECURE))
    client.post("/keep-secure/skip/")
    assert is_signed_in(client)

    client = Client()
    post_sign_in(client, "bob")
    assert "Skip for now" not in main_of(client.get(KEEP_SECURE))
    assert client.post("/keep-secure/skip/")["Location"] == KEEP_SECURE
    assert not is_signed_in(client)


def test_the_days_of_skipping_count_from_the_first_time(client, bob):
    policy(grace_days=3, grace_skips=20)
    post_sign_in(client, "bob")
    User.objects.update(asked_first_at=timezone.now() - timedelta(days=3, seconds=1))

    assert "Skip for now" not in main_of(client.get(KEEP_SECURE))
    client.post("/keep-secure/skip/")
    assert not is_signed_in(client)


def test_without_grace_nobody_skips(client, bob):
    post_sign_in(client, "bob")

    client.post("/keep-secure/skip/")

    assert not is_signed_in(client)


def test_staff_never_skip_but_are_not_asked_for_what_is_not_installed(email_alone, client, carol):
    """K10: no installed kind is strong enough for agents yet."""
    policy(grace_days=10, grace_skips=10)

    assert post_sign_in(client, "carol")["Location"] == HOME


def test_nobody_is_let_in_because_nothing_can_be_set_up(email_alone, client, bob):
    """RR8."""
    allow(state="off")

    post_sign_in(client, "bob")

    assert "There is no method that you can set up right now." in main_of(client.get(KEEP_SECURE))
    assert client.post(SUMMARY)["Location"] == KEEP_SECURE
    assert not is_signed_in(client)


def test_a_channel_that_is_stopped_is_not_proposed(email_alone, client, bob):
    """RR8, DE7: all allowed kinds are out of order."""
    policy(email_switch=False)

    post_sign_in(client, "bob")

    assert "There is no method that you can set up right now." in main_of(client.get(KEEP_SECURE))


@pytest.mark.parametrize("address", ["/", SIGN_IN, HOME])
def test_a_second_tab_leads_back_to_the_registration_under_way(client, bob, address):
    """The session is still nobody's: only the wizard opens."""
    post_sign_in(client, "bob")

    tab = client.get(address, follow=True)

    assert tab.redirect_chain[-1][0] == KEEP_SECURE
    assert not tab.context["user"].is_authenticated
    assert not is_signed_in(client)
    assert Client().get("/", follow=True).redirect_chain[-1][0] == SIGN_IN


def test_a_second_tab_after_the_time_is_over_says_so(client, bob):
    post_sign_in(client, "bob")
    session = client.session
    session["flow:sign-in"] |= {"touched": session["flow:sign-in"]["touched"] - IDLE_SECONDS}
    session.save()

    tab = client.get("/", follow=True)

    assert tab.redirect_chain[-1][0] == SIGN_IN
    assert STALE in tab.content.decode()
    assert 'name="password"' in tab.content.decode()


def test_another_person_can_still_sign_in_after_signing_out(client, bob, eve):
    post_sign_in(client, "bob")
    client.post("/sign-out/")

    assert client.get(SIGN_IN).status_code == 200


def test_where_registration_is_not_required_the_password_is_enough(client, bob):
    """SI10."""
    policy(registration_required=False)

    assert post_sign_in(client, "bob")["Location"] == HOME


def test_methods_that_work_only_for_reset_do_not_finish_the_wizard(client, bob):
    """RR3: at least one has to be for signing in."""
    allow(maximum=2)
    post_sign_in(client, "bob")
    set_up_email(client)
    allow(for_sign_in=False)

    summary = main_of(client.get(SUMMARY))

    assert "These methods work only for password reset. Add one for signing in too." in summary
    assert "Done" not in summary
    client.post(SUMMARY)
    assert not is_signed_in(client)


def test_a_kind_switched_off_in_the_middle_is_refused(client, bob):
    """PU3: policy is read again when the form is posted."""
    post_sign_in(client, "bob")
    client.get("/keep-secure/email/")
    allow(state="off")

    client.post("/keep-secure/email/", {"address": "private@example.net"})

    assert not Challenge.objects.exists()
    page = main_of(client.get(KEEP_SECURE))
    assert "Your organization no longer allows this method. Choose another one." in page


def test_the_chooser_offers_what_counts_and_refuses_the_rest(client, bob):
    post_sign_in(client, "bob")

    page = main_of(client.get("/keep-secure/choose/"))
    assert "Which method would you like to set up?" in page
    assert "Don't see the method you want?" in page
    refused = client.post("/keep-secure/choose/", {})
    assert refused.status_code == 422
    assert "Choose a method." in main_of(refused)
    refused = client.post("/keep-secure/choose/", {"kind": "unheard-of"})
    assert refused.status_code == 422
    assert "Your organization no longer allows this method." in main_of(refused)
    chosen = client.post("/keep-secure/choose/", {"kind": "email"})
    assert chosen["Location"] == "/keep-secure/email/"


def test_an_unknown_kind_is_no_page(client, bob):
    post_sign_in(client, "bob")

    assert client.get("/keep-secure/unheard-of/").status_code == 404
    assert client.get("/keep-secure/unheard-of/verify/").status_code == 404


def test_the_wizard_is_left_and_resumed(client, bob):
    post_sign_in(client, "bob")
    client.post("/keep-secure/email/", {"address": "private@example.net"})
    code = code_sent()

    client.get(HOME)
    client.get(KEEP_SECURE)
    page = client.get("/keep-secure/email/verify/")

    assert page.status_code == 200
    assert client.post("/keep-secure/email/verify/", {"code": code})["Location"] == SUMMARY


def test_a_summary_that_was_closed_is_reached_by_signing_in_again(client, bob):
    """RR2: what was confirmed stays."""
    post_sign_in(client, "bob")
    set_up_email(client)
    kinds.pass_time(minutes=31)
    another = Client()

    response = post_sign_in(another, "bob")

    assert (response.status_code, response["Location"]) == (302, HOME)


def test_reloading_each_page_changes_nothing(client, bob):
    post_sign_in(client, "bob")
    client.post("/keep-secure/email/", {"address": "private@example.net"})

    for _ in range(3):
        assert client.get("/keep-secure/email/verify/").status_code == 200
        assert client.get(KEEP_SECURE).status_code == 200

    assert Message.objects.count() == 1


def test_the_same_form_sent_in_two_tabs_sends_one_code_and_registers_once(client, bob):
    post_sign_in(client, "bob")

    for _tab in range(2):
        response = client.post("/keep-secure/email/", {"address": "private@example.net"})
        assert response["Location"] == "/keep-secure/email/verify/"
    code = code_sent()
    answers = [client.post("/keep-secure/email/verify/", {"code": code}) for _tab in range(2)]

    assert [answer["Location"] for answer in answers] == [SUMMARY, SUMMARY]
    assert Registration.objects.confirmed().count() == 1
    assert tags().count("method.registered") == 1


def test_the_second_tab_after_done_finds_the_person_signed_in(client, bob):
    post_sign_in(client, "bob")
    set_up_email(client)
    client.post(SUMMARY)

    assert client.get(KEEP_SECURE, follow=True).redirect_chain[-1][0] == HOME
    assert client.post(SUMMARY, follow=True).redirect_chain[-1][0] == HOME


def test_a_wizard_that_took_too_long_starts_over_and_says_so(client, bob, clock):
    post_sign_in(client, "bob")
    clock.advance(seconds=IDLE_SECONDS + 1)

    response = client.get(KEEP_SECURE, follow=True)

    assert response.redirect_chain == [(SIGN_IN, 302)]
    assert STALE in main_of(response)
    assert STALE not in main_of(client.get(SIGN_IN))


def test_each_step_lets_the_idle_time_begin_again(client, bob, clock):
    post_sign_in(client, "bob")
    clock.advance(minutes=9)
    client.post("/keep-secure/choose/", {"kind": "email"})
    clock.advance(minutes=9)

    assert client.get(KEEP_SECURE).status_code == 200


def test_a_visitor_without_a_password_finds_no_wizard(client, db):
    for page in (KEEP_SECURE, SUMMARY, "/keep-secure/email/", "/keep-secure/email/verify/"):
        assert client.get(page)["Location"] == SIGN_IN


def test_signing_out_ends_the_wizard(client, bob):
    post_sign_in(client, "bob")

    client.post("/sign-out/")

    assert client.get(KEEP_SECURE)["Location"] == SIGN_IN


def test_another_person_signing_in_finds_nothing_of_the_first(client, bob, eve):
    post_sign_in(client, "bob")
    client.post("/keep-secure/email/", {"address": "bobs@example.net"})
    post_sign_in(client, "eve")

    assert "bobs@example.net" not in client.get("/keep-secure/email/").content.decode()
    assert client.get("/keep-secure/email/verify/")["Location"] == "/keep-secure/email/"


def test_being_asked_is_recorded_once(client, bob):
    post_sign_in(client, "bob")
    client.get(KEEP_SECURE)
    client.get(KEEP_SECURE)

    assert tags() == ["sign_in.password_accepted", "registration.required"]


def test_an_agent_who_becomes_a_person_is_asked_like_one(client, make_person):
    agent = make_person("sam", role=Role.HELPDESK)
    User.objects.filter(pk=agent.pk).update(role=Role.PERSON)

    assert post_sign_in(client, "sam", PASSWORD)["Location"] == KEEP_SECURE
