"""N17: administrators hear of who may administer now or no longer, and of each new policy."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import translation

from accounts import duties
from accounts.models import User
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.duties import Duty
from securityinfo.messaging import service, staff_notices
from securityinfo.policy import differences
from securityinfo.policy.models import PolicyVersion


def tell(user: User, *, had: Collection[Duty], actor: Actor) -> None:
    """After a change of role, duties or state. `had`: what the person held before it."""
    has = user.duties if user.is_active else frozenset[Duty]()
    told = (Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY)
    gained = [duty for duty in told if duty in has and duty not in had]
    lost = [duty for duty in told if duty in had and duty not in has]
    if not gained and not lost:
        return
    administrators = duties.holders(Duty.MANAGE_PEOPLE)
    for administrator in administrators.exclude(pk=user.pk):
        staff_notices.rights_changed(
            administrator,
            contacts=[contacts.work_contact(administrator)],
            whose=user.get_username(),
            gained=gained,
            lost=lost,
            actor=actor,
        )


def tell_policy_saved(version: PolicyVersion, actor: Actor) -> None:
    """All who answer for the policy, whoever saved it as well: it may have been a stranger."""
    author = User.objects.filter(public_id=actor.person).first() if actor.person else None
    for told in duties.holders(Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY):
        with translation.override(service.language_of(told)):
            what = differences.labels(version.changes)
        staff_notices.policy_saved(
            told,
            contacts=[contacts.work_contact(told)],
            whose=author.get_username() if author else "",
            number=version.number,
            what=what,
            actor=actor,
        )
