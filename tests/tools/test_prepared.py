"""A prepared query gives what the ORM gives."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from accounts.models import Session, User
from methods.models import Registration
from securityinfo.prepared import Prepared

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
