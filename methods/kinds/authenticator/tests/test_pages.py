"""Setting up an authenticator app: one page, from the QR code to the list."""

from __future__ import annotations

import html

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from methods.kinds.authenticator import totp
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.accounts.doors import SUMMARY, main_of, post_sign_in, proved_at
from tests.pages import crawl

pytestmark = pytest.mark.django_db

KIND = "authenticator"
PAGE = "/security-info/add/authenticator/"
LIST = "/security-info/"
EXPIRED = "This QR code has expired. Scan the new one."
WRONG = "That code isn't right. Codes change every 30 seconds: wait for the next one and try again."
TAKEN = "You already have a method with this name."


@pytest.fixture
def browser(bob, signed_in):
    return signed_in(bob)


@pytest.fixture
def app(bob, registered):
    return registered(KIND)


def said(response) -> str:
    return html.unescape(main_of(response))


def under_way() -> Registration:
    return Registration.objects.under_way().latest("pk")


def in_fours(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, 32, 4))


def code(registration: Registration | None = None, steps: int = 0) -> str:
    registration = registration or under_way()
    return totp.code_at(registration.details["key"], totp.step_now() + steps)


def wrong() -> str:
    return code(steps=-10)


def address_of(page: str, registration: Registration) -> str:
    return f"/security-info/{registration.uuid}/{page}/"


# --- The page -------------------------------------------------------------------------------------


def test_the_page_shows_the_key_in_three_ways(browser):
    """AU2."""
    page = said(browser.get(PAGE))

    key = under_way().details["key"]
    uri = totp.uri(key, issuer="Your organization", account="bob")
    assert in_fours(key) in page
    assert f'href="{uri}"' in page
    assert 'role="img"' in page
    assert "the same key is under 'Can't scan image?'" in page
    assert ">bob<" in page


def test_the_key_is_in_no_address(browser):
    """AU2: the link to the app leads to no server."""
    page = browser.get(PAGE).content.decode()

    key = under_way().details["key"]
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert [link.split(":")[0] for link in links if key in link] == ["otpauth"]


def test_the_key_stays_the_same_after_a_reload_a_wrong_code_and_in_a_second_tab(browser):
    """AU3."""
    first, second = said(browser.get(PAGE)), said(browser.get(PAGE))
    refused = browser.post(PAGE, {"code": wrong()})

    key = in_fours(Registration.objects.get().details["key"])
    assert refused.status_code == 422
    assert WRONG in said(refused)
    assert all(key in page for page in (first, second, said(refused)))


def test_one_right_code_adds_it(clock, browser, bob):
    """AU3."""
    browser.get(PAGE)

    done = browser.post(PAGE, {"code": code()}, follow=True)

    added = Registration.objects.of(bob).confirmed().get()
    assert (added.name, added.is_default) == ("Authenticator app", True)
    assert added.last_counter == totp.step_now()
    assert "Authenticator app was added. We told you at your other contacts." in said(done)
    assert Message.objects.filter(user=bob).exists()


def test_a_double_click_adds_it_once(browser, bob):
    browser.get(PAGE)
    right = code()
    browser.post(PAGE, {"code": right})

    again = browser.post(PAGE, {"code": right})

    assert again["Location"] == LIST
    assert Registration.objects.of(bob).count() == 1


def test_afterwards_the_page_begins_another_one(browser, bob, app):
    browser.get(PAGE)
    browser.post(PAGE, {"code": code()})

    page = said(browser.get(PAGE))

    assert in_fours(under_way().details["key"]) in page
    assert EXPIRED not in page
    assert Registration.objects.of(bob).confirmed().count() == 2


def test_a_key_from_the_browser_is_ignored(browser):
    """R018: whether it comes along with the code or with the address."""
    browser.get(PAGE, {"key": "A" * 32, "secret": "A" * 32})
    before = under_way().details["key"]

    browser.post(PAGE, {"code": wrong(), "key": "A" * 32, "secret": "A" * 32, "details": "{}"})

    assert before != "A" * 32
    assert Registration.objects.get().details == {"key": before}


def test_no_key_is_in_the_session(browser):
    """R018: set-up lives on the server."""
    browser.get(PAGE)

    assert under_way().details["key"] not in str(dict(browser.session))


def test_another_browser_gets_another_key(browser, bob, signed_in):
    """K2."""
    browser.get(PAGE)
    first = under_way().details["key"]

    other = signed_in(bob).get(PAGE)

    assert in_fours(first) not in said(other)


def test_when_its_time_is_over_there_is_a_new_key(clock, browser):
    """C13, AU3."""
    browser.get(PAGE)
    old = under_way()
    clock.advance(minutes=10, seconds=1)
    proved_at(timezone.now())

    late = browser.post(PAGE, {"code": code(old)}, follow=True)

    assert EXPIRED in said(late)
    assert in_fours(under_way().details["key"]) in said(late)
    assert under_way().details != old.details
    assert not Registration.objects.confirmed().exists()


@pytest.mark.parametrize("ended", ["expired", "exhausted"])
def test_when_the_challenge_has_ended_there_is_a_new_key(browser, ended):
    browser.get(PAGE)
    old = under_way().details["key"]
    if ended == "expired":
        kinds.pass_time(minutes=31)
    else:
        Challenge.objects.update(tries=4)
        browser.post(PAGE, {"code": wrong()})

    page = said(browser.get(PAGE))

    assert EXPIRED in page
    assert old not in str(list(Registration.objects.values("details")))
    assert in_fours(old) not in page
    assert Registration.objects.count() == 1


def test_cancel_leaves_nothing_behind(browser):
    """K2."""
    browser.get(PAGE)

    left = browser.post(PAGE, {"cancel": "cancel"})

    assert left["Location"] == LIST
    assert not Registration.objects.exists()


def test_it_is_shown_only_to_somebody_freshly_proved(browser):
    """R017."""
    proved_at(None)

    assert browser.get(PAGE)["Location"].startswith("/confirm/")
    assert not Registration.objects.exists()


def test_at_the_maximum_no_key_is_made(browser, app):
    """K4."""
    kinds.allow(KIND, maximum=1)

    page = browser.get(PAGE, follow=True)

    assert "You already have the most that your organization allows." in said(page)
    assert not Registration.objects.under_way().exists()


def test_after_it_was_switched_off_the_right_code_adds_nothing(browser):
    browser.get(PAGE)
    right = code()
    kinds.allow(KIND, state="off")

    refused = browser.post(PAGE, {"code": right}, follow=True)

    assert "Your organization no longer allows this method." in said(refused)
    assert not Registration.objects.confirmed().exists()


def test_the_key_is_shown_on_no_page_once_it_is_set_up(browser, bob):
    """R017: neither as text nor in a link, nor the drawing of it."""
    drawing = browser.get(PAGE).context["qr"].path
    key = under_way().details["key"]
    browser.post(PAGE, {"code": code()})

    pages = crawl.crawl(browser)
    added = Registration.objects.confirmed().get()
    for page in ("change", "change/verify", "delete"):
        pages[page] = browser.get(address_of(page, added))

    shown = {name: page.content.decode(errors="replace") for name, page in pages.items()}
    for canary in (key, in_fours(key), drawing):
        assert not [name for name, text in shown.items() if canary in text]
    assert "Open your authenticator app" in shown["change/verify"]


def test_no_key_is_in_the_log_or_in_a_message(browser):
    """R017."""
    browser.get(PAGE)
    key = under_way().details["key"]
    browser.post(PAGE, {"code": code()})

    kept = str([list(model.objects.values()) for model in (Event, Message, Challenge)])

    assert Event.objects.filter(tag="method.registered").exists()
    assert key not in kept


# --- Names ----------------------------------------------------------------------------------------


def test_the_suggested_names_are_numbered(bob, registered):
    """K6."""
    names = [registered(KIND).name for _ in range(3)]

    assert names == ["Authenticator app", "Authenticator app 2", "Authenticator app 3"]


def test_the_page_suggests_a_name_and_takes_another(browser, bob, app):
    """K6."""
    page = said(browser.get(PAGE))

    done = browser.post(PAGE, {"code": code(), "name": "  Work \n phone\u200b "}, follow=True)

    assert 'value="Authenticator app 2"' in page
    assert Registration.objects.latest("pk").name == "Work phone"
    assert "Authenticator app, Work phone, was added." in said(done)


def test_no_two_methods_have_one_name(browser, app):
    """K6: and the right code is still good afterwards."""
    browser.get(PAGE)
    right = code()

    refused = browser.post(PAGE, {"code": right, "name": "AUTHENTICATOR app"})
    taken = browser.post(PAGE, {"code": right, "name": "Other"})

    assert refused.status_code == 422
    assert TAKEN in said(refused)
    assert taken.status_code == 302
    assert Registration.objects.confirmed().count() == 2


def test_a_name_of_more_than_forty_characters_is_refused(browser):
    """K6."""
    browser.get(PAGE)

    refused = browser.post(PAGE, {"code": code(), "name": "x" * 41})

    assert refused.status_code == 422
    assert not Registration.objects.confirmed().exists()


def test_what_is_called_like_its_kind_is_named_once(browser, app):
    page = said(browser.get(LIST))

    assert 'aria-label="Delete Authenticator app"' in page
    assert "Authenticator app, Authenticator app" not in page


def test_what_is_called_like_its_kind_in_another_language_is_named_once(browser, app):
    """Set up in Dutch, read in English: by its owner, by the helpdesk and in notices."""
    Registration.objects.filter(pk=app.pk).update(name="Authenticator-app")

    page = said(browser.get(LIST))

    assert 'aria-label="Delete Authenticator app"' in page
    assert "Authenticator-app" not in page


def test_change_renames_it(browser, bob, app):
    """AU5, N4."""
    Message.objects.all().delete()

    done = browser.post(address_of("change", app), {"name": "Old phone"}, follow=True)

    app.refresh_from_db()
    assert app.name == "Old phone"
    assert "Authenticator app, Old phone, was renamed." in said(done)
    assert Event.objects.filter(tag="method.renamed").count() == 1
    assert Message.objects.filter(user=bob).count() == 1


def test_the_same_name_again_changes_nothing(browser, app):
    Message.objects.all().delete()

    same = browser.post(address_of("change", app), {"name": "Authenticator app"})

    assert same["Location"] == LIST
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("name", "error"), [("", "Enter a name."), ("authenticator APP", TAKEN), ("\u200b", "Enter a")]
)
def test_a_name_that_is_missing_or_taken_is_refused(browser, app, registered, name, error):
    other = registered(KIND)

    refused = browser.post(address_of("change", other), {"name": name})

    assert refused.status_code == 422
    assert error in said(refused)


def test_a_name_of_a_kind_that_is_gone_stays_taken(browser, bob, app):
    Registration.objects.create(user=bob, kind="gone", name="Old phone", details={})

    refused = browser.post(address_of("change", app), {"name": "old Phone"})

    assert refused.status_code == 422
    assert TAKEN in said(refused)


def test_the_database_keeps_two_methods_of_one_person_from_having_one_name(bob, eve, app):
    """K6."""
    same = {"kind": "gone", "name": app.name, "details": {}}

    Registration.objects.create(user=eve, **same)
    Registration.objects.create(user=bob, confirmed=False, **same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(user=bob, **same)


def test_nobody_renames_the_method_of_another_person(eve, app, signed_in):
    assert signed_in(eve).post(address_of("change", app), {"name": "Mine"}).status_code == 404


# --- Another phone, and none ----------------------------------------------------------------------


def test_moving_to_another_phone(browser, bob, app):
    """AU5."""
    move = address_of("change/verify", app)
    offer = said(browser.get(address_of("change", app)))
    page = said(browser.get(move))
    new = under_way()
    Registration.objects.filter(pk=app.pk).update(name="Work phone")

    done = browser.post(move, {"code": code(new)}, follow=True)

    moved = Registration.objects.of(bob).get()
    assert move in offer
    assert "Move to another phone" in offer
    assert "Your old phone keeps working until the new one is confirmed." in page
    assert "Give it a name" not in page
    assert (moved.pk, moved.name, moved.details) == (app.pk, "Work phone", new.details)
    assert "Authenticator app, Work phone, was changed." in said(done)


def test_recent_activity_says_that_it_was_changed(browser, app):
    move = address_of("change/verify", app)
    browser.get(move)
    browser.post(move, {"code": code()})

    page = said(browser.get("/security-info/activity/"))

    assert "Authenticator app was changed" in page
    assert "was changed to" not in page
    assert "A code was sent" not in page


def test_after_deletion_the_page_reminds_of_the_entry_in_the_app(browser, app):
    """AU6."""
    OrgPolicy.objects.update(registration_required=False)

    gone = browser.post(address_of("delete", app), {"password_only": "on"}, follow=True)

    assert "Also delete the entry in the app." in said(gone)


# --- Keep your account secure ---------------------------------------------------------------------


def test_the_wizard_proposes_it_first_and_signs_in_with_it(client, bob):
    """RR4, AU3."""
    post_sign_in(client, "bob")
    start = said(client.get("/keep-secure/"))
    page = said(client.get("/keep-secure/authenticator/"))
    refused = client.post("/keep-secure/authenticator/", {"code": wrong()})
    done = client.post("/keep-secure/authenticator/", {"code": code()}, follow=True)
    end = client.post(SUMMARY)

    assert "/keep-secure/authenticator/" in start
    assert "Method 1 of 2: Authenticator app" in page
    assert in_fours(Registration.objects.get().details["key"]) in said(refused)
    assert done.redirect_chain == [(SUMMARY, 302)]
    assert "Authenticator app was added." in said(done)
    assert end["Location"] == LIST


def test_staff_set_it_up_at_their_first_sign_in(client, carol):
    """K10."""
    post_sign_in(client, "carol")

    page = said(client.get("/keep-secure/authenticator/"))

    assert "Method 1 of 2: Authenticator app" in page


def test_back_in_the_wizard_leaves_nothing_behind(client, bob):
    post_sign_in(client, "bob")
    client.get("/keep-secure/authenticator/")

    back = client.post("/keep-secure/authenticator/", {"cancel": "cancel"})

    assert back["Location"] == "/keep-secure/"
    assert not Registration.objects.exists()
