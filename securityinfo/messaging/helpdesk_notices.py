"""What a person is told of the helpdesk (N12), and administrators of its agents (N17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from securityinfo.actor import Actor
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.telling import Words, by_mail, in_language_of_reader, queue

if TYPE_CHECKING:
    from accounts.models import User
    from securityinfo.audit.models import Event


@in_language_of_reader
def acted(
    user: User,
    *,
    contacts: Iterable[Contact],
    sentences: Iterable[Words],
    actor: Actor,
    event: Event | None = None,
) -> list[Message]:
    """N12. `sentences` are lazy: they are translated into the language of the person."""
    subject = _("The helpdesk changed your account")
    told = [str(each) for each in sentences]
    return queue(user, contacts, actor, subject, *told, event=event)


@in_language_of_reader
def limit_reached(
    administrator: User, *, contacts: Iterable[Contact], whose: str, actor: Actor
) -> list[Message]:
    """N17. `whose`: the user name of the agent who may do nothing more for now (R104)."""
    subject = _("For administrators: an agent has reached the limit")
    sentence = _("%(user)s has reached the limit of helpdesk actions.") % {"user": whose}
    what_to_do = _("Look at what was done in the audit log.")
    return queue(administrator, by_mail(contacts), actor, subject, sentence, what_to_do)
