"""N17: administrators hear of whoever may administer now, and of whoever may not any more."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Role, User
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.duties import Duty
from securityinfo.messaging import staff_notices


def tell(user: User, *, had: Collection[Duty], actor: Actor) -> None:
    """After a change of role, duties or state. `had`: what the person held before it."""
    has = user.duties if user.is_active else frozenset[Duty]()
    told = (Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY)
    gained = [duty for duty in told if duty in has and duty not in had]
    lost = [duty for duty in told if duty in had and duty not in has]
    if not gained and not lost:
        return
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    for administrator in administrators.exclude(pk=user.pk):
        staff_notices.rights_changed(
            administrator,
            contacts=[contacts.work_contact(administrator)],
            whose=user.get_username(),
            gained=gained,
            lost=lost,
            actor=actor,
        )
