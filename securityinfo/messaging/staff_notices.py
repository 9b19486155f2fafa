"""What administrators are told of one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from securityinfo.actor import Actor
from securityinfo.duties import Duty
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.telling import by_mail, in_language_of_reader, queue

if TYPE_CHECKING:
    from accounts.models import User

_GAINED = {
    Duty.MANAGE_PEOPLE: gettext_lazy("%(user)s is an administrator now."),
    Duty.EDIT_POLICY: gettext_lazy("%(user)s may edit the policy now."),
}
_LOST = {
    Duty.MANAGE_PEOPLE: gettext_lazy("%(user)s is no administrator any more."),
    Duty.EDIT_POLICY: gettext_lazy("%(user)s may no longer edit the policy."),
}


@in_language_of_reader
def rights_changed(
    administrator: User,
    *,
    contacts: Iterable[Contact],
    whose: str,
    gained: Collection[Duty],
    lost: Collection[Duty],
    actor: Actor,
) -> list[Message]:
    """N17, to each other administrator. `whose` is the user name."""
    sentences = [str(_GAINED[duty]) for duty in gained] + [str(_LOST[duty]) for duty in lost]
    named = [sentence % {"user": whose} for sentence in sentences]
    subject = _("For administrators: somebody's rights were changed")
    return queue(administrator, by_mail(contacts), actor, subject, *named)


@in_language_of_reader
def policy_saved(
    administrator: User,
    *,
    contacts: Iterable[Contact],
    whose: str,
    number: int,
    what: str,
    actor: Actor,
) -> list[Message]:
    """N17. `whose`: the user name, empty for the command line; `what`: what changed, by name."""
    sentence = (
        _("%(user)s saved version %(number)s of the policy.")
        if whose
        else _("Version %(number)s of the policy was saved on the server.")
    )
    return queue(
        administrator,
        by_mail(contacts),
        actor,
        _("For administrators: the policy was changed"),
        sentence % {"user": whose, "number": number},
        _("What changed: %(names)s.") % {"names": what},
    )
