"""A pass that was typed: counted first, compared second, used up third; no challenge is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import TemporaryPass, User
from accounts.pass_models import TemporaryPassQuerySet
from methods import answering, changes, contacts, registry
from methods.answers import WRONG, Answer, Result
from methods.base import Method, Prompt
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import pass_notices
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose


def may_use(user: User, purpose: Purpose) -> bool:
    """As policy is at this moment."""
    method = registry.issued()
    return method is not None and bool(policy.current_for(user).may_use(method.traits, purpose))


def match(
    whose: int, given: Mapping[str, Any], rows: TemporaryPassQuerySet
) -> TemporaryPass | None:
    """The pass, of `rows`, of the person with this id, if it was typed.

    The same is asked for and computed whether or not there is such a person, or such a pass.
    """
    method = registry.issued()
    if method is None:
        return None
    found = rows.filter(user=whose).first()
    row = found or TemporaryPass()
    prompt = Prompt(
        id=row.id,
        nonce=b"",
        generation=0,
        purpose=Purpose.SIGN_IN,
        details={"digest": row.digest},
        expires_at=row.expires_at or clock.now(),
    )
    return found if method.check(prompt, given).right else None


def use(
    user: User,
    given: Mapping[str, Any],
    *,
    flow: str,
    actor: Actor,
    then: Callable[[TemporaryPass], object],
) -> Answer:
    """At sign-in; if it is right, `then` happens in the same transaction.

    `flow`: which sign-in. Raises throttling.Throttled, and then nothing was compared.
    """
    counted = answering.charge_person(user.pk, Purpose.SIGN_IN, actor)
    found = match(user.pk, given, TemporaryPass.objects.live())
    if found and may_use(user, Purpose.SIGN_IN) and _use_up(user, found, flow, actor, then):
        throttling.give_back(*counted.hits)
        return Answer(Result.RIGHT)
    used_here = TemporaryPass.objects.carrying().filter(used_in=flow)
    if match(user.pk, given, used_here):  # the other click of a double click has gone on
        throttling.give_back(*counted.hits)
        return Answer(Result.USED)
    with transaction.atomic():
        log.record(tags.PASS_USED, actor=actor, subject=user.public_id, **WRONG)
    return Answer(Result.WRONG, wrong_today=counted.today)


def wrong(method: Method) -> str:
    """One text, whatever the reason."""
    helpdesk = policy.current().helpdesk.text
    return str(method.wrong_answer).format(helpdesk=helpdesk or _("your IT helpdesk"))


@transaction.atomic
def _use_up(
    user: User,
    found: TemporaryPass,
    flow: str,
    actor: Actor,
    then: Callable[[TemporaryPass], object],
) -> bool:
    """Of many at the same time one gets True."""
    locked = changes.lock(user)  # first, as every change does
    same = TemporaryPass.objects.live().filter(pk=found.pk)
    if locked.frozen_at or same.update(used_at=Now(), used_in=flow) != 1:
        return False
    event = log.record(tags.PASS_USED, actor=actor, subject=user.public_id, purpose=Purpose.SIGN_IN)
    told = contacts.contacts_of(user)
    pass_notices.used(user, contacts=told, actor=actor, event=event)
    then(found)
    return True
