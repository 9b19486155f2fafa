"""What the pages of the actions say: exactly what is deleted and kept, in numbers and names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import passes, waits
from accounts.helpdesk import removing
from accounts.helpdesk.forms import PassForm
from accounts.helpdesk.models import Action, HelpdeskAction
from accounts.models import Session, TrustedBrowser, User
from methods import changes, suspension
from methods.standing import Standing
from securityinfo import times
from securityinfo.policy import service as policy


def of_deletion(person: User, uuid: UUID) -> dict[str, Any] | None:
    """None if there is no such method."""
    standing = Standing.of(person, policy.current_for(person))
    registration = standing.named(uuid)
    if registration is None:
        return None
    left = standing.without(registration)
    return {
        "what": changes.what(registration),
        "left": [changes.what(each) for each in left.for_sign_in],
    }


def of_reregistration(person: User) -> dict[str, Any]:
    """HD7: both lists, each method by label and mask."""
    kept, deleted = removing.kept_and_deleted(person)
    return {
        "deleted": [changes.what(each) for each in deleted],
        "kept": [changes.what(each) for each in kept],
        "needs_pass": removing.passes_are_used(person),
    }


def of_sessions(person: User) -> dict[str, Any]:
    opened = Session.objects.of(person).count()
    trusted = TrustedBrowser.objects.of(person).count()
    ends = ngettext("{n} session", "{n} sessions", opened).format(n=opened)
    forgets = ngettext("{n} trusted browser", "{n} trusted browsers", trusted).format(n=trusted)
    if passes.is_live(person):
        sentence = _(
            "This ends {sessions} and the temporary access pass, and forgets {browsers}. "
            "Methods stay."
        )
    else:
        sentence = _("This ends {sessions} and forgets {browsers}. Methods stay.")
    return {
        "title": _("End all sessions of {name}?").format(name=person.get_full_name()),
        "sentence": sentence.format(sessions=ends, browsers=forgets),
        "button": _("End sessions"),
    }


def of_unlocking(person: User) -> dict[str, Any]:
    until = waits.until(person)
    if until:
        sentence = _(
            "{name} has to wait until {until}. This ends all waits after wrong passwords and "
            "codes, and sets their counters to zero. Nobody is signed out."
        ).format(name=person.get_full_name(), until=times.clock(until))
    else:
        sentence = _(
            "Nothing makes {name} wait right now. This sets the counters of wrong passwords and "
            "codes to zero. Nobody is signed out."
        ).format(name=person.get_full_name())
    return {
        "title": _("Unlock {name}?").format(name=person.get_full_name()),
        "sentence": sentence,
        "button": _("Unlock"),
    }


def of_freeze(person: User) -> dict[str, Any]:
    return {
        "title": _("Lift the freeze of {name}?").format(name=person.get_full_name()),
        "sentence": _(
            "Methods can be changed again, and the password reset. What you don't restore stays "
            "suspended. A new password stays due."
        ),
        "button": _("Lift freeze"),
    }


def suspended(person: User) -> dict[str, str]:
    """Public id and name of what lifting a freeze can restore."""
    found = suspension.suspended_of(person)
    return {
        str(each.uuid): _("Restore {method}").format(method=changes.what(each)) for each in found
    }


def what_was_asked(asked: HelpdeskAction) -> list[str]:
    """For the second person: what will happen, in sentences."""
    person, name = asked.case.person, asked.name
    if name == Action.DELETE:
        found = of_deletion(person, UUID(asked.details["method"]))
        return [str(found["what"])] if found else [_("It is gone already.")]
    if name == Action.REREGISTER:
        return [str(each) for each in of_reregistration(person)["deleted"]]
    if name == Action.LIFT_FREEZE:
        ticked = asked.details["restore"]
        return [words for uuid, words in suspended(person).items() if uuid in ticked]
    if name == Action.PASS:
        return [str(dict(PassForm.PURPOSES)[bool(asked.details["sets_password"])])]
    return []
