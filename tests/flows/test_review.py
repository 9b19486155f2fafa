"""Is this still right? When the review is asked for, and every answer to it, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import review
from accounts.models import User
from methods.models import Registration
from securityinfo.audit.models import Event
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SUMMARY,
    VERIFY,
    confirm,
    post_sign_in,
    proved_at,
    set_up_email,
)
from tests.accounts.doors import policy as set_policy
from tests.flows.proofs import app_code, has, new_browser, newest, proving
from tests.flows.steps import change_of, lands, text_of

pytestmark = pytest.mark.django_db

REVIEW = "/security-info/review/"
LATER = "/security-info/review/later/"
ACTIVITY = "/security-info/activity/"


@pytest.fixture(autouse=True)
def _one_is_enough(db):
    set_policy(methods_to_register=1)


@pytest.fixture
def email(bob) -> Registration:
    return has(bob, "email", {"address": "bob.private@example.net"})


def last_answered(user: User, *, days: float) -> None:
    User.objects.filter(pk=user.pk).update(reviewed_at=timezone.now() - timedelta(days=days))
    user.refresh_from_db()


def sign_in(user: User, **options):
    browser = new_browser()
    return browser, post_sign_in(browser, user.username, **options)


@pytest.fixture
def asked(bob, email):
    """A browser that waits for the answer."""
    last_answered(bob, days=181)
    browser, response = sign_in(bob)
    assert lands(response, REVIEW)
    return browser


def tags_of(user: User) -> list[str]:
    return list(
        Event.objects.filter(subject=user.public_id, tag__startswith="review.")
        .order_by("pk")
        .values_list("tag", flat=True)
    )


# --- When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "page"), [(179.9, HOME), (180.1, REVIEW)])
def test_it_is_asked_once_the_days_of_the_policy_have_passed(bob, email, days, page):
    """RV1."""
    last_answered(bob, days=days)

    _, response = sign_in(bob)

    assert lands(response, page)
    assert tags_of(bob) == (["review.shown"] if page == REVIEW else [])


def test_with_no_days_it_is_never_asked(bob, email):
    """RV1: 0."""
    set_policy(review_days=0)
    last_answered(bob, days=1000)

    browser, response = sign_in(bob)

    assert lands(response, HOME)
    assert lands(browser.get(REVIEW), HOME)


def test_who_was_never_required_to_register_has_the_first_method_to_count_from(bob, email):
    Registration.objects.update(confirmed_at=timezone.now() - timedelta(days=181))

    _, response = sign_in(bob)

    assert lands(response, REVIEW)


def test_a_method_added_or_changed_later_does_not_move_the_date(bob, email):
    """RV1."""
    last_answered(bob, days=181)
    Registration.objects.update(confirmed_at=timezone.now())

    _, response = sign_in(bob)

    assert lands(response, REVIEW)


def test_the_end_of_required_registration_counts_as_an_answer(bob):
    """RV1."""
    kinds.allow("email")
    last_answered(bob, days=400)
    User.objects.update(reviews_postponed=2)
    browser, response = sign_in(bob)
    assert lands(response, KEEP_SECURE)
    set_up_email(browser)

    response = browser.post(SUMMARY)

    bob.refresh_from_db()
    assert lands(response, HOME)
    assert bob.reviewed_at > timezone.now() - timedelta(minutes=1)
    assert bob.reviews_postponed == 0


def test_who_signs_in_with_the_password_alone_is_not_asked(bob, email):
    """RV1: after a completed second step."""
    set_policy(registration_required=False)
    Registration.objects.all().delete()
    last_answered(bob, days=400)

    _, response = sign_in(bob)

    assert lands(response, HOME)


def test_a_frozen_account_is_not_asked(bob, email):
    """Nothing could be changed."""
    last_answered(bob, days=400)
    User.objects.update(frozen_at=timezone.now())

    browser, response = sign_in(bob)

    assert lands(response, HOME)
    assert lands(browser.get(REVIEW), HOME)


def test_a_new_password_that_is_due_comes_first(bob, email):
    """RR12."""
    last_answered(bob, days=400)
    User.objects.update(must_change_password=True)
    browser, response = sign_in(bob)
    assert lands(response, "/sign-in/new-password/")

    form = {"new_password": "another horse battery", "new_password_again": "another horse battery"}
    response = browser.post("/sign-in/new-password/", form)

    assert lands(response, REVIEW)


# --- The page -------------------------------------------------------------------------------------


def test_the_page_shows_all_methods_in_full_with_reason_and_next_time(asked, email):
    """RV2."""
    page = asked.get(REVIEW)

    text = text_of(page)
    assert "Is this still right?" in text
    assert "Your organization asks this every 180 days, so that you can always get back in." in text
    assert "bob.private@example.net" in text
    assert f'href="{change_of(email)[0]}"' in page.content.decode()
    assert f'href="/security-info/{email.uuid}/delete/"' in page.content.decode()
    next_time = timezone.localdate() + timedelta(days=180)
    assert f"Next time: {next_time.day} " in text
    assert "Ask me later (3 times left)" in text


def test_one_day_has_words_of_its_own(bob, email):
    set_policy(review_days=1)
    last_answered(bob, days=2)

    browser, _ = sign_in(bob)

    assert "asks this every day, so" in text_of(browser.get(REVIEW))


def test_who_was_proved_long_ago_confirms_first(asked, bob):
    """K5: the page shows whole values."""
    proved_at(None)

    response = asked.get(REVIEW)

    assert response["Location"].startswith("/confirm/?next=")
    assert asked.post(REVIEW)["Location"].startswith("/confirm/?next=")
    assert tags_of(bob) == ["review.shown"]
    assert lands(confirm(asked, to=REVIEW), REVIEW)
    assert "bob.private@example.net" in text_of(asked.get(REVIEW))


def test_looking_changes_nothing(asked, bob):
    before = User.objects.filter(pk=bob.pk).values().get()

    for _ in range(2):
        asked.get(REVIEW)
        asked.head(REVIEW)

    assert User.objects.filter(pk=bob.pk).values().get() == before
    assert tags_of(bob) == ["review.shown"]


def test_the_page_needs_two_queries(asked):
    """The session with its person; the methods."""
    asked.get(REVIEW)

    with CaptureQueriesContext(connection) as captured:
        asked.get(REVIEW)

    assert len(captured) == 2


# --- Answers --------------------------------------------------------------------------------------


def test_looks_good_is_recorded_and_goes_on(bob, email):
    """RV2."""
    last_answered(bob, days=181)
    User.objects.update(reviews_postponed=3)
    browser, _ = sign_in(bob, to=ACTIVITY)

    response = browser.post(REVIEW)

    bob.refresh_from_db()
    assert lands(response, ACTIVITY)
    assert bob.reviewed_at > timezone.now() - timedelta(minutes=1)
    assert bob.reviews_postponed == 0
    assert tags_of(bob) == ["review.shown", "review.confirmed"]
    assert browser.get(HOME).status_code == 200
    _, response = sign_in(bob)
    assert lands(response, HOME)


def test_it_can_be_put_off_three_times_once_in_a_sign_in(bob, email):
    """RV2."""
    last_answered(bob, days=181)
    for left in ("3 times left", "2 times left", "1 time left"):
        browser, response = sign_in(bob, to=ACTIVITY)
        assert lands(response, REVIEW)
        assert f"Ask me later ({left})" in text_of(browser.get(REVIEW))
        assert lands(browser.post(LATER), ACTIVITY)
        assert browser.get(HOME).status_code == 200
        browser.post(LATER)  # once more counts nothing
        assert "Ask me later" not in text_of(browser.get(REVIEW))

    browser, _ = sign_in(bob)

    assert "Ask me later" not in text_of(browser.get(REVIEW))
    assert lands(browser.post(LATER), REVIEW)
    assert lands(browser.get(HOME), REVIEW)
    assert tags_of(bob).count("review.postponed") == 3


def test_two_clicks_put_off_once(asked, bob):
    """Both were read before one of them was counted."""
    stale = User.objects.get(pk=bob.pk)
    asked.post(LATER)

    assert review.postpone(stale, actor=kinds.actor_for(bob))

    bob.refresh_from_db()
    assert bob.reviews_postponed == 1
    assert tags_of(bob).count("review.postponed") == 1


def test_putting_off_cannot_be_linked_to(asked):
    assert asked.get(LATER).status_code == 405


# --- Until it is answered -------------------------------------------------------------------------


@pytest.mark.parametrize("page", [HOME, "/", "/admin/", "/admin/accounts/user/"])
def test_the_page_comes_before_everything_else(ada, page):
    """RV2: and not counted as put off."""
    app = has(ada, "authenticator")
    last_answered(ada, days=181)
    browser = proving(ada)
    assert lands(browser.post(VERIFY, app_code(app)), REVIEW)

    response = browser.get(page, follow=True)

    assert response.redirect_chain[-1][0] == REVIEW


def test_a_change_leads_back_to_the_page_which_says_so(asked, email):
    address, verify = change_of(email)
    assert asked.get(address).status_code == 200
    asked.post(address, {"address": "bob.new@example.net"})

    response = asked.post(verify, kinds.right(newest()), follow=True)

    assert response.redirect_chain == [(HOME, 302), (REVIEW, 302)]
    assert "was changed. We told you at your contacts" in text_of(response)
    assert "bob.new@example.net" in text_of(response)


def test_signing_out_is_always_possible(asked):
    assert lands(asked.post("/sign-out/"), "/sign-in/")


def test_an_answer_in_another_browser_frees_this_one(asked, bob):
    other, _ = sign_in(bob)
    other.post(REVIEW)

    assert asked.get(HOME).status_code == 200
    assert "Ask me later" not in text_of(asked.get(REVIEW))


def test_a_policy_that_asks_no_longer_frees_everybody(asked):
    set_policy(review_days=0)

    assert asked.get(HOME, follow=True).redirect_chain[-1][0] == HOME


def test_who_wasnt_asked_may_answer_all_the_same(bob, email, signed_in):
    last_answered(bob, days=20)
    browser = signed_in(bob)
    text = text_of(browser.get(REVIEW))
    assert "Looks good" in text
    assert "Ask me later" not in text

    assert lands(browser.post(REVIEW), HOME)

    assert tags_of(bob) == ["review.confirmed"]


def test_strangers_are_led_to_sign_in(client):
    assert client.get(REVIEW)["Location"].startswith("/sign-in/")
    assert client.post(LATER)["Location"].startswith("/sign-in/")


def test_reviews_that_were_put_off_begin_again_with_the_next_one(bob, email):
    last_answered(bob, days=181)
    browser, _ = sign_in(bob)
    browser.post(LATER)
    browser, _ = sign_in(bob)
    browser.post(REVIEW)
    User.objects.update(reviewed_at=F("reviewed_at") - timedelta(days=181))

    browser, _ = sign_in(bob)

    assert "3 times left" in text_of(browser.get(REVIEW))
