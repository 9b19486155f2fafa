"""What a person is told of the account: one function for each notice."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from securityinfo.actor import Actor
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.telling import Words, by_mail, in_language_of_reader, queue
from securityinfo.messaging.texts import About

if TYPE_CHECKING:
    from accounts.models import User
    from securityinfo.audit.models import Event


class AccountChange(StrEnum):
    """What an administrator may have changed of an account."""

    WORK_ADDRESS = "work_address"
    ROLE = "role"
    DUTIES = "duties"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"


_ACCOUNT_CHANGES = {
    AccountChange.WORK_ADDRESS: gettext_lazy("Your work address was changed."),
    AccountChange.ROLE: gettext_lazy("Your role was changed."),
    AccountChange.DUTIES: gettext_lazy("Your duties were changed."),
    AccountChange.DEACTIVATED: gettext_lazy("Your account was deactivated."),
    AccountChange.ACTIVATED: gettext_lazy("Your account was activated again."),
}


@in_language_of_reader
def method_added(
    user: User,
    *,
    contacts: Iterable[Contact],
    what: Words,
    actor: Actor,
    kind: Words = "",
    event: Event | None = None,
) -> list[Message]:
    """N1. `what` is kind and mask: "Email, a•••@example.net"; `kind` the kind inside a sentence."""
    return queue(
        user,
        contacts,
        actor,
        _("A method was added to your security info"),
        _("%(method)s was added to your security info.") % {"method": what},
        about=About.ADDED,
        kind=kind,
        event=event,
    )


@in_language_of_reader
def method_changed(
    user: User,
    *,
    contacts: Iterable[Contact],
    old: Words,
    new: Words,
    actor: Actor,
    kind: Words = "",
    event: Event | None = None,
) -> list[Message]:
    """N2. `old` and `new` are both masked; `contacts` holds the old one and the new one."""
    if str(old) == str(new):
        sentence = _("%(method)s was changed in your security info.") % {"method": new}
    else:
        sentence = _("%(old)s was changed to %(new)s in your security info.")
        sentence %= {"old": old, "new": new}
    subject = _("A method was changed in your security info")
    return queue(
        user, contacts, actor, subject, sentence, about=About.CHANGED, kind=kind, event=event
    )


@in_language_of_reader
def method_renamed(
    user: User,
    *,
    contacts: Iterable[Contact],
    old: Words,
    new: Words,
    actor: Actor,
    event: Event | None = None,
) -> list[Message]:
    """N4. `old` and `new` are kind and name: "Authenticator app, Work phone"."""
    sentence = _("%(old)s was renamed to %(new)s.") % {"old": old, "new": new}
    return queue(user, by_mail(contacts), actor, _("A method was renamed"), sentence, event=event)


@in_language_of_reader
def method_deleted(
    user: User,
    *,
    contacts: Iterable[Contact],
    what: Words,
    actor: Actor,
    kind: Words = "",
    event: Event | None = None,
) -> list[Message]:
    """N3. `contacts` holds the deleted one too."""
    return queue(
        user,
        contacts,
        actor,
        _("A method was deleted from your security info"),
        _("%(method)s was deleted from your security info.") % {"method": what},
        about=About.DELETED,
        kind=kind,
        event=event,
    )


@in_language_of_reader
def default_changed(
    user: User,
    *,
    contacts: Iterable[Contact],
    what: Words,
    actor: Actor,
    event: Event | None = None,
) -> list[Message]:
    """N4. `what` is the new default; empty if there is none any more."""
    if what:
        sentence = _("%(method)s is now your default sign-in method.") % {"method": what}
    else:
        sentence = _("You no longer have a default sign-in method.")
    subject = _("Your default sign-in method was changed")
    return queue(user, by_mail(contacts), actor, subject, sentence, event=event)


@in_language_of_reader
def password_changed(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """N5."""
    return queue(
        user,
        contacts,
        actor,
        _("Your password was changed"),
        _("Your password was changed."),
        _("Choose a new password if this wasn't you."),
        about=About.PASSWORD,
        event=event,
    )


@in_language_of_reader
def password_reset(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """N5, after "Forgot your password?"."""
    return queue(
        user,
        contacts,
        actor,
        _("Your password was reset"),
        _("Your password was reset."),
        _("Choose a new password if this wasn't you."),
        about=About.PASSWORD,
        event=event,
    )


@in_language_of_reader
def reset_check_passed(
    user: User,
    *,
    contacts: Iterable[Contact],
    what: Words,
    actor: Actor,
    event: Event | None = None,
) -> list[Message]:
    """N6. `what` is kind and mask of the method that was the first check."""
    subject = _("Somebody is resetting your password")
    sentence = _("The first check was passed with this method: %(method)s.") % {"method": what}
    unchanged = _("Your password hasn't changed yet.")
    return queue(user, by_mail(contacts), actor, subject, sentence, unchanged, event=event)


@in_language_of_reader
def staff_password_reset(
    administrator: User, *, contacts: Iterable[Contact], whose: str, actor: Actor
) -> list[Message]:
    """N17, to each other administrator. `whose` is the user name."""
    sentence = _("The password of %(user)s was reset.") % {"user": whose}
    subject = _("For administrators: a staff password was reset")
    return queue(administrator, by_mail(contacts), actor, subject, sentence)


@in_language_of_reader
def signed_out_everywhere(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """N11."""
    subject = _("You were signed out everywhere")
    sentence = _("All sessions of your account were ended.")
    return queue(user, by_mail(contacts), actor, subject, sentence, event=event)


@in_language_of_reader
def trusted_browser_added(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """N10."""
    return queue(
        user,
        by_mail(contacts),
        actor,
        _("A trusted browser was added"),
        _("A browser was added in which only your password is asked for at sign-in."),
        event=event,
    )


@in_language_of_reader
def trusted_browser_replayed(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """Somebody has a copy of a trusted browser's cookie, and the right password (TB3)."""
    return queue(
        user,
        contacts,
        actor,
        _("Somebody may know your password"),
        _("A trusted browser was used from a copy, with your right password."),
        _("That browser is no longer trusted. Choose a new password if this wasn't you."),
        event=event,
    )


@in_language_of_reader
def call_disowned(
    user: User, *, contacts: Iterable[Contact], actor: Actor, event: Event | None = None
) -> list[Message]:
    """N14. Somebody answered a call and keyed that they did not ask for it."""
    return queue(
        user,
        contacts,
        actor,
        _("You told us that you didn't ask for a call"),
        _("Somebody answered our call and told us that they didn't ask for it."),
        _("We have stopped what it was for. Somebody may know your password."),
        event=event,
    )


@in_language_of_reader
def account_changed(
    user: User,
    *,
    contacts: Iterable[Contact],
    changes: Iterable[AccountChange],
    actor: Actor,
    event: Event | None = None,
) -> list[Message]:
    """N16. After a change of the work address `contacts` holds the old one and the new one."""
    sentences = [str(_ACCOUNT_CHANGES[change]) for change in changes]
    return queue(user, contacts, actor, _("Your account was changed"), *sentences, event=event)
