"""What a person, and who administers, is told of a temporary access pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from securityinfo.actor import Actor
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.telling import by_mail, in_language_of_reader, queue

if TYPE_CHECKING:
    from accounts.models import User
    from securityinfo.audit.models import Event


@in_language_of_reader
def issued(
    user: User,
    *,
    contacts: Iterable[Contact],
    sets_password: bool,
    actor: Actor,
    event: Event,
) -> list[Message]:
    """N12. With a link: whoever was taken for this person can be stopped with it."""
    if sets_password:
        what_for = _("With it somebody can choose a new password and set up new methods.")
    else:
        what_for = _("With it and your password somebody can set up new methods.")
    return queue(
        user,
        contacts,
        actor,
        _("The helpdesk changed your account"),
        _("A temporary access pass was issued for your account."),
        what_for,
        event=event,
    )


@in_language_of_reader
def revoked(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event
) -> list[Message]:
    """N12."""
    subject = _("The helpdesk changed your account")
    sentence = _("The temporary access pass of your account no longer works.")
    return queue(user, contacts, actor, subject, sentence, event=event)


@in_language_of_reader
def used(user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event) -> list[Message]:
    """N13, at sign-in."""
    subject = _("Your temporary access pass was used")
    sentence = _("Somebody signed in with your password and a temporary access pass.")
    return queue(user, contacts, actor, subject, sentence, event=event)


@in_language_of_reader
def used_to_reset(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event
) -> list[Message]:
    """N13 and N6 in one: it was the only check of a reset."""
    subject = _("Your temporary access pass was used")
    sentence = _("Somebody is resetting your password with a temporary access pass.")
    unchanged = _("Your password hasn't changed yet.")
    return queue(user, contacts, actor, subject, sentence, unchanged, event=event)


@in_language_of_reader
def issued_on_the_server(
    administrator: User, *, contacts: Iterable[Contact], whose: str, actor: Actor
) -> list[Message]:
    """N17, to each administrator. `whose` is the user name."""
    subject = _("For administrators: an emergency pass was issued")
    sentence = _("A temporary access pass for %(user)s was issued on the server.")
    return queue(administrator, by_mail(contacts), actor, subject, sentence % {"user": whose})
