"""The first check of a reset, in which nobody is known: what is shown, sent and compared.

The caller counts the tries, for names that exist and for those that don't.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from methods import challenges, fingerprints, lookup, references, registry, statements
from methods.base import Method, Prompt, Verdict
from methods.models import NEVER_COUNTED, Challenge, Outcome, Registration
from methods.standing import Standing
from methods.whole_number import WholeNumberForm
from securityinfo import clock, crypto
from securityinfo.actor import Actor
from securityinfo.policy import resets
from securityinfo.policy.rules import Purpose, Ruleset, Settings


@dataclass
class _Nobody:
    """Who types a number before anybody is known."""

    username: str = ""
    full_name: str = ""
    work_address: str = ""


@dataclass(frozen=True)
class Shown:
    """A request for proof as its page shows it, whether or not there is anybody to prove."""

    id: UUID
    nonce: bytes = bytes(crypto.NONCE_BYTES)
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def reference(self) -> str:
        return references.of(self.nonce, 0)

    def prompt(
        self,
        method: Method,
        settings: Settings,
        *,
        details: Mapping[str, Any] | None = None,
        key_id: str = "",
    ) -> Prompt:
        """As its kind sees it; where something is sent, it isn't told to whom."""
        known = details or {}
        context = method.prepare(known, settings=settings, last_counter=NEVER_COUNTED)
        return Prompt(
            id=self.id,
            nonce=self.nonce,
            generation=0,
            purpose=Purpose.RESET,
            details=known,
            context=context | {crypto.KEY_ID: key_id},
            expires_at=self.expires_at or clock.now(),
            reference=self.reference,
        )


@dataclass(frozen=True)
class Match:
    """The method that an answer belongs to, and what is used up with it."""

    registration: Registration
    verdict: Verdict
    challenge: Challenge | None = None  # of what was sent


def offers(ruleset: Ruleset) -> tuple[Method, ...]:
    """What a reset may begin with, strongest first; `ruleset` is nobody's."""
    return tuple(
        method for method in registry.strongest_first() if resets.may_begin(ruleset, method.traits)
    )


def chosen(standing: Standing, method: Method, *, line: str) -> Registration | None:
    """Where a code goes: to the one used last, or to the one whose number was typed."""
    usable = of_kind(standing, method.kind)
    if method.first_check_form is not None:
        usable = [each for each in usable if lookup.is_on(each, line)]
    return max(usable, key=lambda each: (each.last_used_at or each.added_at, each.pk), default=None)


def line_of(method: Method, number: WholeNumberForm | None) -> str:
    """The fingerprint of the number that was typed; empty for kinds that ask for none."""
    if number is None:
        return ""
    typed: Any = number.cleaned_data
    return lookup.channel_of(method, method.enrol(_Nobody(), typed).identity)


def of_kind(standing: Standing, kind: str) -> list[Registration]:
    return [each for each in standing.able_to(Purpose.RESET) if each.kind == kind]


def send(
    registration: Registration, shown: Shown, *, flow: str, settings: Settings, actor: Actor
) -> Challenge:
    """The challenge that the page has shown already. Raises what sending.charge does."""
    return challenges.issue(
        registration,
        purpose=Purpose.RESET,
        flow=flow,
        settings=settings,
        actor=actor,
        as_shown={
            "id": shown.id,
            "nonce": shown.nonce,
            "issued_at": shown.issued_at,
            "expires_at": shown.expires_at,
        },
    )


def match(
    method: Method, shown: Shown, given: Mapping[str, Any], standing: Standing
) -> Match | None:
    """The method of this person that the answer is right for; None if there is none.

    The same is computed and asked for whether or not there is such a person, or such a method.
    """
    if not method.sends:
        return _of_any(method, given, standing)
    sent = Challenge.objects.open().filter(pk=shown.id, user_id=standing.user.pk)
    challenge = sent.first()
    key_id = str(challenge.context.get(crypto.KEY_ID, "")) if challenge else ""
    prompt = shown.prompt(method, standing.ruleset.settings, key_id=key_id)
    verdict = method.check(prompt, given)
    right = challenge.is_keyed_right if challenge and method.is_keyed else verdict.right
    if challenge is None or not right:
        return None
    for registration in of_kind(standing, method.kind):
        is_same = fingerprints.is_same(registration, challenge.destination)
        if registration.pk == challenge.registration_id and is_same:
            return Match(registration, verdict, challenge)
    return None


def _of_any(method: Method, given: Mapping[str, Any], standing: Standing) -> Match | None:
    """Whoever has several apps isn't asked which: it is the code of one of them."""
    for registration in of_kind(standing, method.kind):
        prompt = Shown(registration.uuid).prompt(
            method, standing.ruleset.settings, details=registration.details
        )
        verdict = method.check(prompt, given)
        is_used = verdict.counter is not None and verdict.counter <= registration.last_counter
        if verdict.right and not is_used:
            return Match(registration, verdict)
    return None


def use_up(match: Match) -> bool:
    """In the transaction of what it proves; False if it was used in this moment already."""
    if match.challenge is not None:
        same = Challenge.objects.open().filter(pk=match.challenge.pk)
        if same.close(Outcome.VERIFIED) != 1:
            return False
    return statements.note_use(match.registration, match.verdict.counter)
