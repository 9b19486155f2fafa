"""The rows of "Security info" and the sentence above them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from methods import rows
from methods.models import Registration
from methods.standing import Standing
from securityinfo import times
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


def rows_of(user, *, in_full: bool = False) -> list[rows.Row]:
    standing = Standing.of(user, policy.current_for(user))
    return rows.rows(standing, helpdesk="the IT desk", in_full=in_full)


def sentence(user) -> str:
    standing = Standing.of(user, policy.current_for(user))
    return rows.status_sentence(standing, standing.needed)


def test_a_row_shows_what_its_person_should_know(bob, email):
    """MG2."""
    registration = kinds.register(bob)

    (row,) = rows_of(bob)

    assert (row["icon"], row["label"], row["value"]) == ("email", "Email", "b•••@example.net")
    assert (row["uses"], row["dates"]) == ("For sign-in and password reset", "Added today")
    assert row["marks"] == (("Default", ""),)
    assert (row["change"], row["delete"]) == (
        "Change Email, b•••@example.net",
        "Delete Email, b•••@example.net",
    )
    assert row["change_url"] == f"/security-info/{registration.uuid}/change/"
    assert row["delete_url"] == f"/security-info/{registration.uuid}/delete/"
    assert (row["note"], row["is_muted"]) == ("", False)


def test_the_value_is_whole_only_when_that_is_asked_for(bob, email):
    """K5; the accessible name of the links stays masked."""
    kinds.register(bob)

    (row,) = rows_of(bob, in_full=True)

    assert row["value"] == "bob@example.net"
    assert "bob@" not in row["change"] + row["delete"]


@pytest.mark.parametrize(
    ("rule", "uses"),
    [
        ({}, "For sign-in and password reset"),
        ({"for_reset": False}, "For sign-in"),
        ({"for_sign_in": False}, "For password reset"),
        ({"for_sign_in": False, "for_reset": False}, ""),
    ],
)
def test_a_row_says_what_the_method_is_used_for(bob, email, rule, uses):
    kinds.register(bob)
    kinds.allow("email", **rule)

    assert rows_of(bob)[0]["uses"] == uses


def test_a_row_says_when_it_was_added_and_used(bob, email):
    kinds.register(bob)
    Registration.objects.update(
        confirmed_at=datetime(timezone.now().year - 1, 3, 3, 12, tzinfo=UTC),
        last_used_at=timezone.now(),
    )

    (row,) = rows_of(bob)

    assert row["dates"] == f"Added 3 Mar {timezone.now().year - 1} · last used today"


def test_a_new_method_says_from_when_it_is_trusted(bob, email):
    """K9."""
    kinds.register(bob)
    new = kinds.register(bob, form=BAKER)

    row = rows_of(bob)[1]

    assert row["marks"] == (("New", "info"),)
    assert row["note"] == f"New: fully trusted from {times.clock(new.trusted_from)}."


def test_a_method_that_was_new_is_new_no_longer(bob, email):
    kinds.register(bob)
    new = kinds.register(bob, form=BAKER)
    Registration.objects.filter(pk=new.pk).update(trusted_from=timezone.now())

    assert rows_of(bob)[1]["marks"] == ()


def test_a_method_that_is_not_allowed_says_so_and_can_be_deleted(bob, email):
    """K7, MG6."""
    kinds.register(bob)
    kinds.allow("email", state="off")

    (row,) = rows_of(bob)

    assert row["marks"] == (("Default", ""), ("Not allowed", "warning"))
    assert row["note"] == (
        "Your organization no longer allows this method. You can't use it, but you can delete it."
    )
    assert row["is_muted"]
    assert row["change_url"] == ""
    assert row["delete_url"]


def test_a_suspended_method_says_whom_to_ask(bob, email):
    kinds.register(bob)
    Registration.objects.update(suspended_at=timezone.now(), is_default=False)

    (row,) = rows_of(bob)

    assert row["marks"] == (("Suspended", "danger"),)
    assert row["note"] == "You told us that this wasn't you. Contact the IT desk."
    assert row["change_url"] == ""


def test_without_a_method_the_sentence_says_so(bob, email):
    assert sentence(bob) == "You have no method yet. Add one to protect your account."


def test_with_enough_methods_the_sentence_says_which_is_asked_for(bob, email, token_kind):
    kinds.register(bob)
    token.register(bob)

    assert sentence(bob) == "You have 2 methods. You're asked for your email first."


def test_with_too_few_methods_the_sentence_says_by_when(bob, email):
    kinds.register(bob)
    day = times.day(timezone.now() + timedelta(days=14))

    assert sentence(bob) == (
        f"You have 1 method. Add another one by {day}, so that losing it doesn't lock you out."
    )


def test_when_time_is_over_the_sentence_names_no_day(bob, email):
    OrgPolicy.objects.update(more_methods_days=0)
    kinds.register(bob)

    assert sentence(bob) == (
        "You have 1 method. Add another one, so that losing it doesn't lock you out."
    )


def test_a_default_that_is_skipped_is_not_promised(bob, email, token_kind):
    """MG8: what is not usable right now is skipped at sign-in."""
    OrgPolicy.objects.update(methods_to_register=1)
    token.register(bob)
    kinds.register(bob)
    kinds.allow(token.KIND, state="off")

    assert sentence(bob) == "You have 1 method. You're asked for your email first."


def test_a_kind_without_a_provider_is_not_called_forbidden(bob, settings):
    """K7: the organization has decided nothing, so the way out is another one."""
    kinds.allow("sms")
    kinds.register(bob, "sms")
    settings.TELEPHONY_TRANSPORT = ""

    (row,) = rows_of(bob)

    assert [text for text, _ in row["marks"]] == ["Default", "Not working right now"]
    assert row["note"].startswith("Your organization can't send anything this way right now.")
    assert row["is_muted"]
