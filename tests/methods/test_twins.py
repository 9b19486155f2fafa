"""Two methods of one person that read the same are told apart wherever they are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from methods import changes, deletion
from methods.models import Registration
from methods.standing import Standing
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from tests import kinds

pytestmark = pytest.mark.django_db

MASK = "b•••@example.net"


@pytest.fixture
def twins(bob, email):
    OrgPolicy.objects.update(methods_to_register=1)
    first = kinds.register(bob, form={"address": "bob@example.net"})
    second = kinds.register(bob, form={"address": "bill@example.net"})
    added(first, datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    added(second, datetime(2026, 3, 5, 9, 0, tzinfo=UTC))
    return first, second


def added(registration: Registration, moment: datetime) -> None:
    Registration.objects.filter(pk=registration.pk).update(confirmed_at=moment)


def names_of(user) -> list[str]:
    standing = Standing.of(user, policy.current_for(user))
    return [str(changes.what(each)) for each in standing.registrations]


def test_twins_are_told_apart_by_the_day(bob, twins, clock):
    clock.move_to(datetime(2026, 4, 1, tzinfo=UTC))

    assert names_of(bob) == [
        f"Email, {MASK} (added 3 Mar)",
        f"Email, {MASK} (added 5 Mar)",
    ]


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(minutes=5), "added 3 Mar, 09:05"),
        (timedelta(seconds=7), "added 3 Mar, 09:00:07"),
    ],
)
def test_twins_of_one_day_are_told_apart_by_the_time(bob, twins, clock, later, said):
    clock.move_to(datetime(2026, 4, 1, tzinfo=UTC))
    added(twins[1], datetime(2026, 3, 3, 9, 0, tzinfo=UTC) + later)

    with timezone.override("UTC"):
        assert said in names_of(bob)[1]


def test_who_reads_differently_is_named_by_the_mask_alone(bob, email):
    kinds.register(bob, form={"address": "bob@example.net"})
    kinds.register(bob, form={"address": "rob@example.net"})

    assert names_of(bob) == [f"Email, {MASK}", "Email, r•••@example.net"]


def test_the_pages_tell_twins_apart(bob, twins, signed_in):
    client = signed_in(bob)
    address = reverse("methods:delete", args=[twins[0].uuid])

    pages = [client.get(each).content.decode() for each in (reverse("methods:default"), address)]

    assert all("3 Mar" in page and "5 Mar" in page for page in pages)
    assert not any("bill@" in page for page in pages)


def test_the_list_tells_twins_apart_in_its_accessible_names(bob, twins, signed_in):
    page = signed_in(bob).get(reverse("methods:list")).content.decode()

    assert page.count("Delete Email, b•••@example.net (added 3 Mar") == 1
    assert page.count("Delete Email, b•••@example.net (added 5 Mar") == 1


def test_the_notice_says_which_twin_was_deleted(bob, twins):
    standing = Standing.of(bob, policy.current_for(bob))
    Message.objects.all().delete()

    deletion.delete(standing.registrations[0], ruleset=standing.ruleset, actor=kinds.actor_for(bob))

    sentences = Message.objects.first().sealed["sentences"]
    assert "(added 3 Mar" in sentences[0]
    assert "was deleted" in sentences[0]


def test_the_notice_says_which_twin_was_added(bob, twins):
    Message.objects.all().delete()

    kinds.register(bob, form={"address": "ben@example.net"})

    notice = Message.objects.filter(category="notice").first()
    assert "(added " in notice.sealed["sentences"][0]


def test_it_costs_no_query_where_the_methods_were_read_together(
    bob, twins, django_assert_num_queries
):
    standing = Standing.of(bob, policy.current_for(bob))

    with django_assert_num_queries(0):
        assert all("added" in str(each.shown) for each in standing.registrations)


def test_the_words_are_those_of_the_reader(bob, twins):
    standing = Standing.of(bob, policy.current_for(bob))
    name = changes.what(standing.registrations[0])

    with translation.override("nl"):
        assert "mrt" in str(name)
