"""PO7 at the helpdesk: the same answer as in the administration."""

from __future__ import annotations

import pytest

from accounts import explain, explain_words
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from tests.helpdesk.steps import action_of, page_of

pytestmark = pytest.mark.django_db


def test_the_case_leads_to_what_the_caller_can_use(case, carol, dave, methods_of_dave):
    assert action_of(dave, "explain") in case.get(page_of(dave)).content.decode()

    page = case.get(action_of(dave, "explain")).content.decode()

    explanation = explain.Explanation.of(dave)
    for row in explain_words.table(explanation):
        assert row.value.replace("'", "&#x27;") in page
        assert all(cell.text.replace("'", "&#x27;") in page for cell in row.cells)
    assert explain_words.required(explanation) in page
    event = Event.objects.get(tag=tags.POLICY_EXPLAINED)
    assert (event.actor, event.subject) == (carol.public_id, dave.public_id)


def test_without_a_checked_caller_nothing_is_explained(agent, dave, methods_of_dave):
    page = agent.get(action_of(dave, "explain"), follow=True)

    assert "The case is closed. Check the caller again." in page.content.decode()
    assert not Event.objects.filter(tag=tags.POLICY_EXPLAINED).exists()


def test_nobody_else_reads_it(case, dave, bob, ada, signed_in):
    assert signed_in(bob).get(action_of(dave, "explain")).status_code == 404
    assert case.get(action_of(ada, "explain")).status_code == 404


def test_it_is_only_looked_at(case, dave):
    assert case.post(action_of(dave, "explain")).status_code == 405


def test_it_asks_no_more_for_more_methods(case, dave, django_assert_max_num_queries):
    case.get(action_of(dave, "explain"))

    with django_assert_max_num_queries(14):
        case.get(action_of(dave, "explain"))
