"""Queues a notice: one message for each contact, with what its reader has to know."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from securityinfo import clock, disown_links
from securityinfo.actor import Actor
from securityinfo.messaging import folding, service
from securityinfo.messaging.content import Channel, Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.texts import About

if TYPE_CHECKING:
    from accounts.models import User
    from securityinfo.audit.models import Event

# A sentence as its caller has it: translated when the reader's language is active.
Words = str | Promise

P = ParamSpec("P")


def in_language_of_reader(
    notice: Callable[Concatenate[User, P], list[Message]],
) -> Callable[Concatenate[User, P], list[Message]]:
    """For a function that words a notice: its first argument is whoever reads it."""

    @wraps(notice)
    def worded(reader: User, /, *args: P.args, **kwargs: P.kwargs) -> list[Message]:
        with translation.override(service.language_of(reader)):
            return notice(reader, *args, **kwargs)

    return worded


def queue(
    user: User,
    contacts: Iterable[Contact],
    actor: Actor,
    subject: str,
    *sentences: str,
    about: About = About.OTHER,
    kind: Words = "",
    event: Event | None = None,
) -> list[Message]:
    """One message for each different contact; in the caller's transaction, so never lost.

    `event` is what happened, which its reader can disown (NO5); None where there is nothing to.
    What was told a moment ago is counted in one further message (NO4), which is returned then.
    """
    facts = {
        "subject": subject,
        "sentences": list(sentences),
        "about": about.value,
        "kind": str(kind),
        "method": event.facts.get("method", "") if event else "",
        "at": clock.now().isoformat(),
        "by": _by(user, actor),
        "browser": actor.origin.browser,
        "network": actor.origin.address,
        "link": disown_links.address_for(event.pk) if event else "",
    }
    reference = uuid.uuid4()
    recipients = {(each.channel, each.value.lower()): each for each in contacts}
    return folding.queue(user, recipients.values(), reference=reference, facts=facts)


def by_mail(contacts: Iterable[Contact]) -> list[Contact]:
    """For notices that are no reason to spend a text message."""
    return [each for each in contacts if each.channel == Channel.EMAIL]


def _by(user: User, actor: Actor) -> str:
    """Empty for a visitor: nobody knows who that is."""
    if actor.person == user.public_id:
        return _("you")
    if actor.person is None and not actor.role:
        return ""
    return {"administrator": _("an administrator"), "helpdesk": _("the helpdesk")}.get(
        actor.role, _("the system")
    )
