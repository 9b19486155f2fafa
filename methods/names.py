"""Names that people give their methods, to tell one of a kind from another."""

from __future__ import annotations

from collections.abc import Collection
from itertools import count
from typing import TYPE_CHECKING

from django.db import transaction

from methods import changes, contacts
from methods.base import Method
from methods.manage_forms import NameField
from methods.models import Registration
from methods.standing import Standing
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.messaging import notices

if TYPE_CHECKING:
    from accounts.models import User
    from securityinfo.policy.rules import Ruleset


class Taken(Exception):
    """Another method of this person has the name."""


def taken(user: User, *, besides: Registration | None = None) -> list[str]:
    """The names in use, but for that of `besides`; also those of kinds that are gone."""
    named = Registration.objects.of(user).confirmed().named()
    others = named.exclude(pk=besides.pk) if besides else named
    return list(others.values_list("name", flat=True))


def suggested(method: Method, names: Collection[str]) -> str:
    """ "Authenticator app", then "Authenticator app 2", …: the first that is not in `names`."""
    used = {each.casefold() for each in names}
    label = str(method.label)[: NameField.LONGEST - 3]
    numbered = (label if number == 1 else f"{label} {number}" for number in count(1))
    return next(name for name in numbered if name.casefold() not in used)


def of_new(method: Method, chosen: str, user: User) -> str:
    """What a new method is called; empty for kinds that aren't named. Raises Taken."""
    if not method.is_named:
        return ""
    used = taken(user)
    _check_free(chosen, used)
    return chosen or suggested(method, used)


def rename(registration: Registration, name: str, *, ruleset: Ruleset, actor: Actor) -> bool:
    """False if it had the name already. Raises Taken, changes.Refused and throttling.Throttled."""
    hits = changes.charge(registration.user)
    renamed = _rename(registration, name, ruleset, actor)
    if not renamed:
        throttling.give_back(*hits)
    return renamed


@transaction.atomic
def _rename(registration: Registration, name: str, ruleset: Ruleset, actor: Actor) -> bool:
    user = changes.lock_for_change(registration.user)
    standing = Standing.of(user, ruleset)
    found = next((each for each in standing.registrations if each.pk == registration.pk), None)
    if found is None:
        raise changes.Refused(None)
    if not (decision := standing.may_change(found)):
        raise changes.Refused(decision.reason)
    _check_free(name, taken(user, besides=found))
    if found.name == name:
        return False
    old = changes.what(found)
    found.name = registration.name = name
    found.save(update_fields=["name"])
    event = changes.record(tags.METHOD_RENAMED, found, actor, ruleset)
    notices.method_renamed(
        user,
        contacts=contacts.contacts_of(user),
        old=old,
        new=changes.what(found),
        actor=actor,
        event=event,
    )
    return True


def _check_free(name: str, used: Collection[str]) -> None:
    if name.casefold() in {each.casefold() for each in used}:
        raise Taken
