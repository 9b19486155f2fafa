"""Who gets at reports: whoever reads for the organization, in a session proved strongly."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Role, Session, User
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with
from tests.i18n import tour

pytestmark = pytest.mark.django_db

PAGES = sorted(tour.report_names() - {"reports:trial"})  # of administrators alone
TAGS = ("report.viewed", "export.downloaded")

every_page = pytest.mark.parametrize("name", PAGES)


def given(person: User, *duties: Duty) -> User:
    person.groups.add(*groups_with(duties))
    return User.objects.get(pk=person.pk)


@every_page
def test_administrators_and_auditors_read(ada, bob, signed_in, name):
    for person in (ada, given(bob, Duty.READ_AND_AUDIT)):
        assert signed_in(person).get(reverse(name)).status_code == 200


@every_page
@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
def test_for_people_and_agents_there_is_no_such_page(make_person, signed_in, role, name):
    client = signed_in(make_person("sam", role=role, is_superuser=True))

    assert client.get(reverse(name), follow=True).status_code == 404
    assert not Event.objects.filter(tag__in=TAGS).exists()


@every_page
def test_another_duty_opens_none(bob, signed_in, name):
    client = signed_in(given(bob, Duty.EDIT_POLICY))

    assert client.get(reverse(name)).status_code == 403
    assert not Event.objects.filter(tag__in=TAGS).exists()


@every_page
def test_visitors_are_sent_to_sign_in(client, name):
    response = client.get(reverse(name), follow=True)

    assert response.redirect_chain[-1][0].startswith("/sign-in/")


@every_page
def test_a_session_without_a_strong_proof_is_asked_for_one(ada, signed_in, name):
    client = signed_in(ada)
    Session.objects.update(strongest=-2, fresh_at=None)

    response = client.get(reverse(name), follow=True)

    assert response.redirect_chain[1][0].startswith("/confirm/?next=")


@every_page
def test_nothing_is_posted(ada, signed_in, name):
    assert signed_in(ada).post(reverse(name)).status_code == 405
