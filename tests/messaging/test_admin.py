"""Deliveries in the administration: to be searched, masked, never to be changed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from methods import registry
from securityinfo.messaging import notices, words
from securityinfo.messaging.content import Channel, Contact
from securityinfo.messaging.models import Category, Message, Reason, State
from tests import kinds

pytestmark = pytest.mark.django_db

LIST = "/admin/messaging/message/"


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


@pytest.fixture
def notice(bob) -> Message:
    contact = Contact("email", "private.bob@example.net", "p•••@example.net")
    queued = notices.method_added(bob, contacts=[contact], what="Email", actor=kinds.actor_for(bob))
    return queued[0]


def test_a_delivery_is_shown_with_its_mask_only(admin, notice):
    """K5, R107: not in the list, not on its page."""
    address = reverse("admin:messaging_message_change", args=[notice.pk])

    for page in (admin.get(LIST), admin.get(address)):
        words = page.content.decode()
        assert page.status_code == 200
        assert "p•••@example.net" in words
        assert "private.bob" not in words
        assert "aes1." not in words
        assert "was added to your security info" not in words


def test_a_code_is_shown_with_the_mask_of_its_method(admin, bob):
    kinds.allow("email")
    challenge = kinds.begin(bob, registry.get("email"), {"address": "bob@example.net"})

    page = admin.get(LIST).content.decode()

    assert "b•••@example.net" in page
    assert kinds.right(challenge)["code"] not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_no_delivery_is_added_or_deleted(admin, notice, method, page):
    """R107."""
    address = LIST + page.format(pk=notice.pk)

    assert getattr(admin, method)(address, {"post": "yes"}).status_code == 403
    assert Message.objects.filter(pk=notice.pk).exists()


def test_a_posted_change_changes_nothing(admin, notice):
    admin.post(f"{LIST}{notice.pk}/change/", {"state": "sent"})

    notice.refresh_from_db()
    assert notice.state == State.PENDING


@pytest.mark.parametrize(
    ("lookup", "found"),
    [
        ("state=failed", True),
        ("state=sent", False),
        ("category=notice", True),
        ("category=code", False),
        ("channel=email", True),
        ("channel=text", False),
        ("reason=opted_out", True),
        ("q=bob", True),
        ("q=bob@example.org", True),
        ("q=eve", False),
        ("q=SM123", True),
    ],
)
def test_it_is_found_by_what_the_page_offers(admin, notice, eve, lookup, found):
    Message.objects.update(state=State.FAILED, reason=Reason.OPTED_OUT, provider_id="SM123")

    page = admin.get(f"{LIST}?{lookup}").content.decode()

    assert ("p•••@example.net" in page) is found


@pytest.mark.parametrize("lookup", ["sealed__startswith=aes1", "user__password__gt=a"])
def test_nothing_else_can_be_asked_for(admin, notice, lookup):
    """R107."""
    assert admin.get(f"{LIST}?{lookup}").status_code in (302, 400)


def test_the_list_costs_the_same_however_long_it_is(
    admin, bob, notice, django_assert_max_num_queries
):
    Message.objects.bulk_create(
        Message(
            user=bob,
            job="x",
            category=Category.NOTICE,
            channel=Channel.EMAIL,
            reference=notice.reference,
            language="en",
            expires_at=notice.created_at,
        )
        for _ in range(60)
    )

    with django_assert_max_num_queries(10):
        assert admin.get(LIST).status_code == 200


def test_every_value_has_its_words():
    assert set(words.STATES) == set(State)
    assert set(words.CATEGORIES) == set(Category)
    assert set(words.CHANNELS) == set(Channel)
    assert set(words.REASONS) == set(Reason) - {Reason.NONE}
