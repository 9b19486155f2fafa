"""The waits of one person's second steps and resets: what there is, and forgetting it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from methods import answering, registry, sending
from methods.models import Registration
from securityinfo import throttling
from securityinfo.policy.rules import Purpose

if TYPE_CHECKING:
    from accounts.models import User


def answers_of(user: User, browsers: Iterable[str]) -> list[throttling.Try]:
    """Wrong answers at sign-in and in resets; `browsers`: names of those that count apart."""
    accounts = [f"{user.pk}:{each}" for each in browsers]
    at_sign_in = [str(user.pk), f"{user.pk}:phone", *accounts]
    return [
        *(
            each
            for account in at_sign_in
            for each in answering.by_account(Purpose.SIGN_IN, account)
        ),
        *answering.by_account(Purpose.RESET, str(user.pk)),
        *answering.by_account(Purpose.RESET, f"{user.pk}:phone"),
    ]


def sends_of(
    user: User, registrations: Iterable[Registration], browsers: Iterable[str]
) -> list[throttling.Try]:
    """Codes sent to this person's own methods, and calls that were reported as not asked for."""
    known = [f":{each}" for each in browsers]
    found = []
    for each in registrations:
        if not registry.has(each.kind) or each.is_damaged:
            continue
        found += sending.counters_of(each, apart=["", ":reset", *known])
    return found
