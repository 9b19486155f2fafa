"""The first check of a reset: the same for every name, whether or not there is such a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts import pass_proof, reset, reset_by_pass, reset_delivery, reset_limits
from accounts.models import TemporaryPass, User
from accounts.reset import State, UnderWay
from accounts.reset_forms import FirstCheckForm
from accounts.reset_models import PasswordReset
from methods import changes, contacts, first_check, places, registry
from methods.base import Method
from methods.first_check import Match
from methods.models import new_nonce
from methods.sending import COOLDOWNS
from methods.standing import Standing
from methods.whole_number import WholeNumberForm
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import notices
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Ruleset

NOBODY = -2  # no person has this id: what is asked for finds nothing, and takes as long


class Result(StrEnum):
    PASSED = "passed"
    REFUSED = "refused"  # whatever the reason
    PASSED_ALREADY = "passed-already"  # by the other click of a double click


def offers() -> tuple[tuple[Method, ...], Ruleset]:
    """What may be chosen, by whoever it is; with the rules that say so."""
    ruleset = policy.current_for_anybody()
    return first_check.offers(ruleset), ruleset


def cards(
    methods: tuple[Method, ...], ruleset: Ruleset, form: FirstCheckForm
) -> list[dict[str, Any]]:
    """The ways as radio cards, without recommending one; some with fields below."""
    return [
        card
        | {
            "label": method.first_check or method.offer,
            "hint": "",
            "mark": "" if ruleset.may_send(method.traits) else card["mark"],
            "form": form.numbers.get(method.kind),
        }
        for card in places.cards(methods, ruleset)
        for method in [registry.get(card["value"])]
    ]


def choose(
    request: HttpRequest, under_way: UnderWay, method: Method, *, number: WholeNumberForm | None
) -> None:
    """From now on this is asked for. What it sends is sent by a worker, if there is anybody.

    A double click, a second tab or a reload sends nothing more. `number`: what was typed with it.
    """
    row, line = under_way.reset, first_check.line_of(method, number)
    if method.kind != row.way:  # tries are counted over all ways: coming back gives none back
        _update(row, way=method.kind)
    if method.sends and not _is_sent(row, method, line):
        _send(row, line)
    under_way.flow.move(State.FIRST_CODE)
    under_way.flow.save(request.session)


def send_again(request: HttpRequest, under_way: UnderWay) -> datetime | None:
    """A new code takes the place of the old one; tries are kept. When it may, if that isn't now."""
    row = under_way.reset
    if until := next_send_at(row):
        return until
    if method_of(row).sends:
        _send(row, row.line)
    under_way.flow.move(State.FIRST_CODE)
    under_way.flow.save(request.session)
    return None


def method_of(row: PasswordReset) -> Method:
    """Raises registry.UnknownKind."""
    return registry.get(row.way)


def next_send_at(row: PasswordReset) -> datetime | None:
    """When another code may be asked for; None if now. Knows of this browser's codes alone."""
    if row.issued_at is None:
        return None
    wait = COOLDOWNS[min(row.sends, len(COOLDOWNS)) - 1]
    until = row.issued_at + timedelta(seconds=wait)
    return until if until > clock.now() else None


def judge(request: HttpRequest, under_way: UnderWay, given: Mapping[str, Any]) -> Result:
    """Count the try, compare, and if it is right go on; see `reset.passed`.

    Every name costs the same: the same counters, the same questions to the database, an event.
    Raises throttling.Throttled, and then nothing was compared.
    """
    row, actor = under_way.reset, Actor.of(request)
    method = method_of(row)
    user = _person(row)
    charged = [] if method.is_keyed else reset_limits.charge_answer(row.name, actor)
    own = () if method.is_keyed else reset_limits.charge_person(user, row.name)
    is_counted = method.is_keyed or _count(row, method)
    found = _match(row, method, user, given)
    if found and is_counted and own is not None and _pass(request, under_way, found):
        throttling.give_back(*charged, *own)
        return Result.PASSED
    if PasswordReset.objects.proved().filter(pk=row.pk).exists():
        return Result.PASSED_ALREADY
    if not method.is_keyed:  # what was keyed into the phone was counted and recorded there
        _refuse(user, method, actor)
    return Result.REFUSED


def _is_sent(row: PasswordReset, method: Method, line: str) -> bool:
    same = row.sent_way == method.kind and row.line == line
    return same and next_send_at(row) is not None


def _send(row: PasswordReset, line: str) -> None:
    """Two clicks at once send once: the row says what was there before."""
    now, minutes = clock.now(), policy.current().code_minutes
    tries = F("tries") if row.sent_way == row.way else 0  # another kind takes over
    with transaction.atomic():
        if not row.is_limited:
            transaction.on_commit(partial(reset_delivery.publish, row.pk))
        PasswordReset.objects.as_read(row).update(
            sent_way=row.way,
            line=line,
            code_id=uuid.uuid4(),
            nonce=new_nonce(),
            issued_at=now,
            expires_at=now + timedelta(minutes=minutes),
            sends=F("sends") + 1,
            tries=tries,
            is_waiting=not row.is_limited,
        )


def _update(row: PasswordReset, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    PasswordReset.objects.filter(pk=row.pk).update(**values)


def _person(row: PasswordReset) -> User | None:
    """A deactivated account is nobody's."""
    user = User.objects.named(row.name)
    return user if user and user.is_active else None


def _match(
    row: PasswordReset, method: Method, user: User | None, given: Mapping[str, Any]
) -> Match | TemporaryPass | None:
    """What the answer is right for; the same is asked for whether or not there is anybody."""
    if method.is_issued:
        rows = TemporaryPass.objects.for_reset().select_related("user")
        return pass_proof.match(user.pk if user else NOBODY, given, rows)
    return first_check.match(method, row.shown, given, _standing_of(user))


def _standing_of(user: User | None) -> Standing:
    whose = user or User(pk=NOBODY)
    return Standing.of(whose, policy.current_for(whose))


def _count(row: PasswordReset, method: Method) -> bool:
    """The try is spent before anything is compared, and stays spent.

    Only what was sent has tries; those of an app are counted by its account (reset_limits).
    """
    open_ones, spent = PasswordReset.objects.as_read(row), 0
    if method.sends:
        open_ones = open_ones.filter(expires_at__gt=Now(), tries__lt=policy.current().code_tries)
        spent = 1
    with transaction.atomic(durable=True):
        return open_ones.update(tries=F("tries") + spent) == 1


def _pass(request: HttpRequest, under_way: UnderWay, match: Match | TemporaryPass) -> bool:
    """One transaction: what was used up, whose reset it is, the record, the notice."""
    if isinstance(match, TemporaryPass):
        return reset_by_pass.go_on(request, under_way, match)
    registration = match.registration
    with transaction.atomic():
        user = changes.lock(registration.user)  # first, as every change does
        registration.user = user
        if not (user.is_active and first_check.use_up(match)):
            transaction.set_rollback(True)
            return False
        event = reset.passed(request, under_way, registration, is_first=True)
        if event is None:
            transaction.set_rollback(True)
            return False
        notices.reset_check_passed(
            user,
            contacts=contacts.contacts_of(user),
            what=changes.what(registration),
            actor=Actor.of(request).acting_as(user),
            event=event,
        )
    return True


def _refuse(user: User | None, method: Method, actor: Actor) -> None:
    with transaction.atomic():
        log.record(
            tags.RESET_CHECK_REFUSED,
            actor=actor,
            subject=user.public_id if user else None,
            result="refused",
            reason="wrong",
            kind=method.kind,
        )
