"""Two administrators at one policy, and at one group, on PostgreSQL."""

from __future__ import annotations

from collections import Counter as Count

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy import changes, nesting, proposals, service
from securityinfo.policy.models import GroupPart, OrgPolicy, PolicyVersion
from securityinfo.policy.proposals import Result
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ADMINISTRATORS = 20


def by(user) -> Actor:
    return Actor(person=user.public_id, role=user.role)


def test_of_many_who_saw_one_policy_one_saves(ada):
    """What the others have looked at is no longer what it was."""
    shown = []
    for number in range(ADMINISTRATORS):
        proposal = proposals.propose(
            {"code_tries": 3 + number % 2, "session_hours": 20}, actor=by(ada)
        )
        preview = proposals.preview(proposal)
        shown.append((proposal, preview.token, preview.impact.as_seen))

    def save(number: int) -> Result:
        proposal, token, seen = shown[number]
        return proposals.save(proposal, actor=by(ada), token=token, seen=seen)

    found = Count(all_at_once(save, times=ADMINISTRATORS))

    assert found == {Result.SAVED: 1, Result.CHANGED_MEANWHILE: ADMINISTRATORS - 1}
    assert OrgPolicy.objects.get().version == 2
    assert sorted(PolicyVersion.objects.values_list("number", flat=True)) == [1, 2]
    assert Event.objects.filter(tag=tags.POLICY_SAVED).count() == 1


def test_one_preview_sent_twice_is_saved_once(ada):
    proposal = proposals.propose({"code_tries": 7}, actor=by(ada))
    preview = proposals.preview(proposal)

    def save(_number: int) -> Result:
        own = type(proposal).objects.get(pk=proposal.pk)
        return proposals.save(own, actor=by(ada), token=preview.token, seen=preview.impact.as_seen)

    found = [each for each in all_at_once(save, times=10) if each == Result.SAVED]

    assert found == [Result.SAVED]
    assert PolicyVersion.objects.count() == 2


def test_every_change_from_elsewhere_is_a_version_of_its_own():
    def save(number: int) -> int | None:
        return changes.change({"session_hours": 1 + number}, actor=Actor())

    found = all_at_once(save, times=ADMINISTRATORS)

    assert sorted(found) == list(range(2, 2 + ADMINISTRATORS))
    newest = PolicyVersion.objects.first()
    assert newest.state["session_hours"] == service.current().session_hours
    chain = list(PolicyVersion.objects.order_by("number"))
    for before, after in zip(chain, chain[1:], strict=False):
        assert after.changes["session_hours"][0] == before.state["session_hours"]


def test_two_administrators_close_no_circle_together():
    groups = [Group.objects.create(name=f"Group {number}") for number in range(2)]

    def put(number: int) -> None:
        nesting.set_parts(groups[number % 2], [groups[1 - number % 2]], actor=Actor())

    found = all_at_once(put, times=8)

    assert GroupPart.objects.count() == 1
    assert sum(isinstance(each, ValidationError) for each in found) == 4
    assert Event.objects.filter(tag=tags.GROUP_CHANGED).count() == 1
