"""Many at once at one welcome link, and administrators who remove each other."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import duties, people, welcome
from accounts.models import Role, User, Welcome
from securityinfo.actor import Actor
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WORDS = ["otters", "herons", "badgers", "weasels", "magpies", "lizards", "beetles", "sparrows"]


def test_of_many_who_open_one_link_one_chooses_the_password():
    address = welcome.invite("root", "root@example.org").address.removeprefix(settings.PUBLIC_URL)

    def choose(number: int) -> int:
        password = f"seven {WORDS[number]} juggle lanterns"
        form = {"new_password": password, "new_password_again": password}
        return Client().post(address, form).status_code

    answers = all_at_once(choose, times=len(WORDS))

    assert sorted(answers) == [302] + [410] * (len(WORDS) - 1)
    assert Event.objects.filter(tag="account.welcomed").count() == 1
    assert not Welcome.objects.exists()


@pytest.mark.parametrize("way", ["role", "duty", "deactivation"])
def test_two_who_remove_each_other_leave_one(make_person, way):
    both = [make_person(name, role=Role.ADMINISTRATOR) for name in ("otto", "olga")]

    def remove(number: int) -> None:
        other = User.objects.get(pk=both[1 - number].pk)
        if way == "deactivation":
            people.deactivate(other, actor=Actor())
        elif way == "duty":
            people.update(other, changed=["duties"], actor=Actor(), given=[])
        else:
            other.role = Role.PERSON
            people.update(other, changed=["role"], actor=Actor(), given=[Duty.EDIT_POLICY])

    answers = all_at_once(remove, times=2)

    assert sorted(str(type(each).__name__) for each in answers) == ["NobodyLeft", "NoneType"]
    assert duties.holders(Duty.EDIT_POLICY).count() == (2 if way == "role" else 1)
    assert duties.holders(Duty.MANAGE_PEOPLE).count() == (2 if way == "duty" else 1)


def test_all_who_could_keep_two_duties_are_locked_at_once(make_person):
    """Two changes that lock one after the other could wait for each other."""
    olga = make_person("olga", role=Role.ADMINISTRATOR)
    make_person("otto", role=Role.ADMINISTRATOR)

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        duties.keep_somebody(olga, role=Role.PERSON, is_active=False, given=[])

    locking = [each for each in queries.captured_queries if "FOR UPDATE" in each["sql"]]
    assert len(locking) == 1
