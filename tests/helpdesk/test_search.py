"""Finding a person: by what an agent is told on the phone, and never more than needed (HD2)."""

from __future__ import annotations

import pytest

from accounts import duties
from accounts.models import Role
from methods.models import Registration
from securityinfo.audit import tags
from securityinfo.duties import Duty
from tests import kinds
from tests.flows.steps import text_of
from tests.helpdesk.steps import DESK, events, search

pytestmark = pytest.mark.django_db

NOBODY = "Nobody found, or not somebody you can help."


@pytest.mark.parametrize(
    "typed", ["dave", "DAV", "dave@example.org", "Dave D", "  dave dune ", "e-77", "E-77"]
)
def test_a_person_is_found(agent, dave, bob, typed):
    page = text_of(search(agent, typed))

    assert "Dave Dune" in page
    assert "Bob" not in page


@pytest.mark.parametrize("kind", ["sms", "email"])
def test_a_person_is_found_by_a_whole_number_or_address(agent, methods_of_dave, bob, kind):
    whole = methods_of_dave[kind].method.full_value(methods_of_dave[kind].details)

    assert "Dave Dune" in text_of(search(agent, whole))
    assert NOBODY in text_of(search(agent, whole[:-1]))


@pytest.mark.parametrize("typed", ["dune", "77", "nobody", "%%", "__"])
def test_what_begins_nothing_finds_nobody(agent, dave, typed):
    assert NOBODY in text_of(search(agent, typed))


@pytest.mark.parametrize("typed", ["", "d", "   d   "])
def test_one_letter_is_too_short(agent, dave, typed):
    answer = agent.post(DESK, {"typed": typed})

    assert answer.status_code == 422
    assert "Enter at least 2 characters." in text_of(answer)
    assert events(tags.HELPDESK_SEARCHED) == []


def test_those_whom_an_agent_may_not_help_are_not_listed(agent, make_person, carol):
    make_person("same-person")
    make_person("same-agent", role=Role.HELPDESK)
    make_person("same-admin", role=Role.ADMINISTRATOR)
    duties.give(make_person("same-auditor"), [Duty.READ_AND_AUDIT])

    page = text_of(search(agent, "same"))

    assert "same-person" in page
    assert not any(each in page for each in ("same-agent", "same-admin", "same-auditor"))
    assert NOBODY in text_of(search(agent, carol.username))


def test_an_agent_is_not_found_by_their_number(agent, ada, registered):
    kinds.allow("email")
    registration = registered("email")
    Registration.objects.update(user=ada)
    whole = registration.method.full_value(registration.details)

    assert NOBODY in text_of(search(agent, whole))


def test_twenty_are_shown_and_whoever_is_meant_exactly_is_among_them(agent, make_person):
    for number in range(25):
        make_person(f"dan{number:02}", full_name=f"Dan {number:02}")
    make_person("dan", full_name="Zacharias Dan")

    page = text_of(search(agent, "dan"))

    assert page.count(" Help") == 20
    assert "Zacharias Dan" in page
    assert "The first 20 are shown." in page


def test_a_deactivated_account_is_found_and_marked(agent, make_person):
    make_person("gone", is_active=False)

    assert "Deactivated" in text_of(search(agent, "gone"))


def test_every_search_is_an_event_that_does_not_say_what_was_typed(agent, carol, methods_of_dave):
    dave = methods_of_dave["sms"].user
    whole = methods_of_dave["sms"].method.full_value(methods_of_dave["sms"].details)

    search(agent, whole)

    [event] = events(tags.HELPDESK_SEARCHED)
    assert event.actor == carol.public_id
    assert event.facts == {"found": [str(dave.public_id)]}
    assert whole not in str(dict(agent.session))


def test_the_list_stays_when_the_page_is_loaded_again(agent, dave):
    search(agent, "dave")

    assert "Dave Dune" in text_of(agent.get(DESK))
    assert len(events(tags.HELPDESK_SEARCHED)) == 1


def test_who_became_an_agent_is_no_longer_in_the_list(agent, dave):
    search(agent, "dave")
    dave.role = Role.HELPDESK
    dave.save()

    assert "Dave Dune" not in text_of(agent.get(DESK))
