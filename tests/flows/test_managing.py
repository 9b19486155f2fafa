"""Changing, deleting and choosing methods over HTTP, and the pages that list them."""

from __future__ import annotations

import pytest

from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.flows.steps import (
    ACTIVITY,
    BAKER,
    BOB,
    DEFAULT,
    GONE,
    LIST,
    START,
    VERIFY,
    WRONG,
    change_of,
    delete_of,
    lands,
    right,
    stale_session,
    text_of,
    wrong,
)

pytestmark = pytest.mark.django_db


# --- Changing -------------------------------------------------------------------------------------


def test_changing_an_address(browser, bob):
    """MG4, EM6: the old one works until the new one is proved; both are told."""
    old = kinds.register(bob, form=BOB)
    Message.objects.all().delete()
    start, verify = change_of(old)

    form = browser.get(start)
    sent = browser.post(start, BAKER)
    code = right()
    meanwhile = Registration.objects.of(bob).confirmed().get().details
    done = browser.post(verify, code, follow=True)

    assert "Change email" in text_of(form)
    assert "Now: bob@example.net. It keeps working until you confirm the new one." in text_of(form)
    assert lands(sent, verify)
    assert meanwhile == BOB
    assert done.redirect_chain == [(LIST, 302)]
    assert (
        "Email, b•••@example.net, was changed. We told you at your contacts, old and new."
        in text_of(done)
    )
    assert Registration.objects.of(bob).get().details == BAKER
    notices = Message.objects.filter(category="notice")
    assert sorted(notice.sealed["to"] for notice in notices) == [
        "bob.baker@example.net",
        "bob@example.net",
        "bob@example.org",
    ]


def test_canceling_a_change_changes_nothing(browser, bob):
    old = kinds.register(bob, form=BOB)
    start, verify = change_of(old)
    browser.post(start, BAKER)

    response = browser.post(start, {"cancel": "cancel"})

    assert lands(response, LIST)
    assert Registration.objects.get().details == BOB
    assert lands(browser.get(verify), start)


def test_a_wrong_code_for_a_change_changes_nothing(browser, bob):
    old = kinds.register(bob, form=BOB)
    start, verify = change_of(old)
    browser.post(start, BAKER)

    page = browser.post(verify, wrong())

    assert page.status_code == 422
    assert WRONG in text_of(page)
    assert Registration.objects.confirmed().get().details == BOB


def test_sending_the_code_of_a_change_twice_changes_once(browser, bob):
    """R131, F14."""
    old = kinds.register(bob, form=BOB)
    start, verify = change_of(old)
    browser.post(start, BAKER)
    code = right()

    answers = [browser.post(verify, code) for _ in range(5)]

    assert all(lands(each, LIST) for each in answers)
    assert Event.objects.filter(tag="method.changed").count() == 1


def test_a_change_and_an_addition_do_not_get_in_each_others_way(browser, bob):
    old = kinds.register(bob, form=BOB)
    start, verify = change_of(old)
    browser.post(start, BAKER)
    change = right()
    browser.post(START, {"address": "bob3@example.net"})
    add = right()

    browser.post(VERIFY, add)
    browser.post(verify, change)

    assert {each.details["address"] for each in Registration.objects.confirmed()} == {
        "bob.baker@example.net",
        "bob3@example.net",
    }


def test_what_is_not_allowed_can_not_be_changed(browser, bob):
    old = kinds.register(bob, form=BOB)
    kinds.allow("email", state="off")

    page = browser.get(change_of(old)[0], follow=True)

    assert page.redirect_chain == [(LIST, 302)]
    assert GONE in text_of(page)


# --- Deleting -------------------------------------------------------------------------------------


@pytest.fixture
def three(bob, browser):
    forms = (BOB, BAKER, {"address": "carl@example.net"})
    return [kinds.register(bob, form=form) for form in forms]


def test_deleting_a_method(browser, bob, three):
    """MG5."""
    page = text_of(browser.get(delete_of(three[0])))
    done = browser.post(delete_of(three[0]), follow=True)

    assert "Delete Email, b•••@example.net (added " in page
    assert "You can't undo this. You can add it again later." in page
    assert "Email, c•••@example.net." in page.partition("After that you have: Email, b•••")[2]
    assert "Your default sign-in method will be: Email, c•••@example.net." in page
    assert done.redirect_chain == [(LIST, 302)]
    assert (
        "), was deleted. We told you at your contacts. "
        "Email, c•••@example.net, is now your default sign-in method." in text_of(done)
    )
    assert Registration.objects.of(bob).count() == 2


def test_a_page_that_asks_deletes_nothing(browser, bob, three):
    browser.get(delete_of(three[0]))

    assert Registration.objects.of(bob).count() == 3


def test_a_second_click_on_delete_leads_where_the_first_one_did(browser, bob, three):
    """R131: not to "There is no such page."."""
    answers = [browser.post(delete_of(three[2])) for _ in range(3)]

    assert all(lands(each, LIST) for each in answers)
    assert Event.objects.filter(tag="method.deleted").count() == 1
    assert browser.get(delete_of(three[2])).status_code == 404


def test_what_is_needed_can_not_be_deleted(browser, bob, three):
    """MG6: no button; a post anyway is refused."""
    browser.post(delete_of(three[2]))
    text = "You need at least 2 methods. Add another one first, or change this one."

    page = browser.get(delete_of(three[1]))
    posted = browser.post(delete_of(three[1]), follow=True)

    assert text in text_of(page)
    assert "button-danger" not in page.content.decode()
    for word in ("Add method", "Change", "Cancel"):
        assert word in text_of(page)
    assert text in text_of(posted)
    assert Registration.objects.of(bob).count() == 2


def test_the_last_one_is_not_deleted_either(browser, bob):
    OrgPolicy.objects.update(methods_to_register=1)
    only = kinds.register(bob)

    page = browser.post(delete_of(only), follow=True)

    assert "You need at least 1 method. Add another one first, or change this one." in text_of(page)


def test_where_none_is_required_a_box_is_ticked_first(browser, bob):
    """MG6."""
    OrgPolicy.objects.update(registration_required=False)
    only = kinds.register(bob)

    page = text_of(browser.get(delete_of(only)))
    without = browser.post(delete_of(only))
    done = browser.post(delete_of(only), {"password_only": "on"}, follow=True)

    assert "Sign in with my password only" in page
    assert "After that you have no method." in page
    assert without.status_code == 422
    assert "Tick the box if that is what you want." in text_of(without)
    assert "was deleted." in text_of(done)
    assert not Registration.objects.exists()


# --- Default --------------------------------------------------------------------------------------


def test_choosing_the_default(browser, bob, three):
    """MG8."""
    page = browser.get(DEFAULT)
    done = browser.post(DEFAULT, {"method": str(three[2].uuid)}, follow=True)
    again = browser.post(DEFAULT, {"method": str(three[2].uuid)}, follow=True)

    assert "Which method should we ask for first?" in text_of(page)
    assert "Email, c•••@example.net, is now your default sign-in method." in text_of(done)
    assert "is now your default" not in text_of(again)
    assert Registration.objects.get(is_default=True) == three[2]
    assert Event.objects.filter(tag="method.default_changed").count() == 1


def test_the_present_default_is_chosen_on_the_page(browser, three):
    html = browser.get(DEFAULT).content.decode()

    chosen = next(part for part in html.split("<input") if str(three[0].uuid) in part)
    assert "checked" in chosen.partition(">")[0]


@pytest.mark.parametrize("choice", ["", "not-a-uuid", "00000000-0000-0000-0000-000000000000"])
def test_a_default_that_is_none_of_ones_own_is_refused(browser, three, choice):
    page = browser.post(DEFAULT, {"method": choice})

    assert page.status_code == 422
    assert "Choose a method." in text_of(page)


def test_another_persons_method_is_no_default(browser, three, eve):
    hers = kinds.register(eve)

    assert browser.post(DEFAULT, {"method": str(hers.uuid)}).status_code == 422


# --- The list -------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(browser):
    page = text_of(browser.get(LIST))

    assert "You use these methods for two-step verification and to reset your password." in page
    assert "You have no method yet. Add one to protect your account." in page
    assert "No methods yet." in page
    assert "Don't see the method you want?" in page
    assert "Default sign-in method" not in page


def test_a_fresh_session_shows_values_in_full_and_another_one_masks(browser, bob):
    """K5."""
    kinds.register(bob)
    fresh = text_of(browser.get(LIST))
    stale_session()
    stale = browser.get(LIST)

    assert "bob@example.net" in fresh
    assert "Show in full" not in fresh
    assert "b•••@example.net" in text_of(stale)
    assert "bob@example.net" not in stale.content.decode()
    assert "Show in full" in text_of(stale)


def test_a_single_method_offers_no_choice_of_default(browser, bob):
    kinds.register(bob)
    page = text_of(browser.get(LIST))

    assert "Default sign-in method:" not in page


def test_recent_activity_tells_the_story(browser, bob):
    browser.post(START, BOB)
    browser.post(VERIFY, wrong())
    browser.post(VERIFY, right())

    page = text_of(browser.get(ACTIVITY))

    assert "Email, b•••@example.net was added" in page
    assert "Wrong code: Email, b•••@example.net" in page
    assert "A code was sent: Email, b•••@example.net" in page
    assert "127.0.0.1" in page
    assert "bob@example.net" not in page


def test_recent_activity_begins_empty(browser):
    assert "Nothing yet." in text_of(browser.get(ACTIVITY))


def test_recent_activity_has_pages_of_fifty(browser, bob):
    for _ in range(26):
        kinds.register(bob, form=BOB, flow="f")
        Registration.objects.all().delete()
        Counter.objects.all().delete()

    first, second = browser.get(ACTIVITY), browser.get(ACTIVITY, {"page": "2"})

    assert first.content.decode().count("row-label") == 50
    assert "Older" in text_of(first)
    assert "Newer" in text_of(second)
    assert browser.get(ACTIVITY, {"page": "x"}).status_code == 200
    assert browser.get(ACTIVITY, {"page": "999999999999999999999"}).status_code == 200
