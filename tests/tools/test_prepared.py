"""A prepared statement does what the ORM does."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Session, User
from methods.models import Challenge, Registration
from securityinfo.audit.models import AppendOnly, Event
from securityinfo.prepared import Prepared, PreparedInsert, PreparedUpdate

pytestmark = pytest.mark.django_db


def test_the_objects_are_those_of_the_orm(bob, eve):
    ask = Prepared(lambda name: User.objects.filter(username=name), "?")

    found = ask("bob")

    assert found == [bob]
    assert {f.attname: getattr(found[0], f.attname) for f in User._meta.concrete_fields} == {
        f.attname: getattr(bob, f.attname) for f in User._meta.concrete_fields
    }


def test_each_call_has_its_own_value(bob, eve):
    ask = Prepared(lambda name: User.objects.filter(username=name), "?")

    assert [ask("bob"), ask("eve"), ask("nobody")] == [[bob], [eve], []]


def test_relations_and_annotations_come_along(bob, django_assert_num_queries):
    Session.objects.create(digest="abc", user=bob, data="x")
    ask = Prepared(
        lambda digest: (
            Session.objects.select_related("user").annotate(read_at=Now()).filter(digest=digest)
        ),
        "?",
    )

    with django_assert_num_queries(1):
        session = ask("abc")[0]
        owner = session.user

    assert owner == bob
    assert session.read_at >= session.created_at


def test_a_missing_relation_is_none(db):
    Session.objects.create(digest="abc", data="x")
    ask = Prepared(lambda digest: Session.objects.select_related("user").filter(digest=digest), "?")

    assert ask("abc")[0].user is None


def test_sealed_columns_open(bob):
    Registration.objects.create(user=bob, kind="email", details={"address": "bob@example.net"})
    ask = Prepared(lambda user: Registration.objects.filter(user_id=user), -1)

    assert ask(bob.pk)[0].details == {"address": "bob@example.net"}


def test_an_object_can_be_saved_again(bob):
    ask = Prepared(lambda name: User.objects.filter(username=name), "?")
    found = ask("bob")[0]

    found.full_name = "Robert"
    found.save(update_fields=["full_name"])

    assert User.objects.get().full_name == "Robert"


def test_several_values_each_take_their_place(bob, eve):
    ask = Prepared(
        lambda name, uuid: User.objects.filter(username=name, public_id=uuid), "?", UUID(int=1)
    )

    assert ask("bob", bob.public_id) == [bob]
    assert ask("bob", eve.public_id) == []


def test_a_stand_in_that_the_query_lost_is_an_error(db):
    ask = Prepared(lambda name, other: User.objects.filter(username=name), "?", "other?")

    with pytest.raises(ValueError, match="stand-in"):
        ask("bob", "eve")


# --- Updates --------------------------------------------------------------------------------------

NOW, ONE_MORE = Now(), F("skips_used") + 1


def test_an_update_changes_the_rows_of_its_values_and_counts_them(bob, eve):
    change = PreparedUpdate(lambda pk: User.objects.filter(pk=pk), -1)

    assert change(bob.pk, full_name="Robert", skips_used=ONE_MORE) == 1
    assert change(bob.pk, full_name="Rob", skips_used=ONE_MORE) == 1
    assert change(0, full_name="Nobody", skips_used=ONE_MORE) == 0

    found = dict(User.objects.values_list("full_name", "skips_used"))
    assert found == {"Rob": 2, eve.full_name: 0}


def test_each_set_of_columns_is_a_statement_of_its_own(bob):
    change = PreparedUpdate(lambda pk: User.objects.filter(pk=pk), -1)

    change(bob.pk, full_name="Robert")
    change(bob.pk, department="Sales", short_since=NOW)
    change(bob.pk, short_since=None)

    bob.refresh_from_db()
    assert (bob.full_name, bob.department, bob.short_since) == ("Robert", "Sales", None)


def test_another_expression_is_another_statement(bob):
    change = PreparedUpdate(lambda pk: User.objects.filter(pk=pk), -1)

    for step in range(5):
        change(bob.pk, skips_used=F("skips_used") + step)

    bob.refresh_from_db()
    assert bob.skips_used == 10


def test_an_update_can_answer_its_rows_as_they_are_now(bob, eve):
    change = PreparedUpdate(
        lambda pk: User.objects.filter(pk=pk), -1, returning=("full_name", "skips_used")
    )

    assert change.rows(bob.pk, full_name="Robert", skips_used=ONE_MORE) == [("Robert", 1)]
    assert change.rows(bob.pk, full_name="Rob", skips_used=ONE_MORE) == [("Rob", 2)]
    assert change.rows(0, full_name="Nobody", skips_used=ONE_MORE) == []


# --- Inserts --------------------------------------------------------------------------------------


def test_an_insert_stores_what_save_stores(bob):
    add = PreparedInsert(Challenge)
    registration = Registration.objects.create(user=bob, kind="email", details={"address": "b@x"})
    values = {
        "user": bob,
        "registration": registration,
        "max_tries": 5,
        "context": {"a": [1, "é"]},
        "expires_at": timezone.now(),
    }

    for purpose in ("reset", "confirm"):
        challenge = Challenge(purpose=purpose, **values)
        add(challenge)

    found = Challenge.objects.get(pk=challenge.pk)
    assert found.created_at == challenge.created_at
    for name in ("user_id", "registration_id", "nonce", "context", "expires_at", "closed_at"):
        assert getattr(found, name) == getattr(challenge, name)


def test_an_insert_sets_a_key_that_the_database_gives(db):
    add = PreparedInsert(Event)
    events = [Event(tag="x", stamp=b"1", facts={}) for _ in range(2)]

    for event in events:
        add(event)

    assert set(Event.objects.values_list("pk", flat=True)) == {each.pk for each in events}
    with pytest.raises(AppendOnly):
        events[0].save()
