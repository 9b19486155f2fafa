"""What a person is told of that may be the work of somebody else: one function for each notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
def new_sign_in(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event
) -> list[Message]:
    """N8. In a browser that wasn't known."""
    return queue(
        user,
        by_mail(contacts),
        actor,
        _("New sign-in to your account"),
        _("Somebody signed in to your account in a browser that wasn't used for it before."),
        event=event,
    )


@in_language_of_reader
def second_step_failed(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event
) -> list[Message]:
    """N9. The password was right, what followed was wrong three times."""
    return queue(
        user,
        contacts,
        actor,
        _("Somebody may know your password"),
        _("Somebody entered your password, and then a wrong answer three times."),
        _("Choose a new password if this wasn't you."),
        event=event,
    )


@in_language_of_reader
def account_disowned(
    user: User, *, contacts: Iterable[Contact], what: Words, actor: Actor
) -> list[Message]:
    """N15. `what` is kind and mask of the method that was suspended; empty if none was."""
    sentences = [
        _("Somebody reported that something on your account wasn't you."),
        _("Everybody was signed out. Changes and password reset are frozen."),
        _("You choose a new password when you next sign in."),
    ]
    if what:
        sentences.append(_("%(method)s was suspended.") % {"method": what})
    return queue(user, contacts, actor, _("Your account is protected"), *sentences)


@in_language_of_reader
def account_disowned_to_staff(
    colleague: User, *, contacts: Iterable[Contact], whose: str, actor: Actor
) -> list[Message]:
    """N15, to agents and administrators. `whose` is the user name."""
    subject = _('For the helpdesk: somebody reported "This wasn\'t me"')
    sentence = _("The account of %(user)s is protected and frozen.") % {"user": whose}
    what_to_do = _("Talk to its owner before you lift the freeze.")
    return queue(colleague, by_mail(contacts), actor, subject, sentence, what_to_do)


@in_language_of_reader
def freeze_lifted(
    user: User,
    *,
    contacts: Iterable[Contact],
    restored: Sequence[Words],
    actor: Actor,
) -> list[Message]:
    """N12. `restored`: kind and mask of each method that works again.

    Without a link: one of the contacts may be the stranger's, who would freeze it again.
    """
    sentences = [_("Your account is no longer frozen.")]
    sentences += [_("%(method)s works again.") % {"method": each} for each in restored]
    subject = _("The helpdesk changed your account")
    return queue(user, contacts, actor, subject, *sentences)
