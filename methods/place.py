"""Where the pages of setting up stand: for whom, with which addresses, and what is known there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse

from methods import known, phone, registry, texts
from methods.base import Method
from methods.models import Registration
from methods.phone import PhoneForm, PhoneNumber
from methods.standing import Standing
from securityinfo import crypto
from securityinfo.actor import Actor
from securityinfo.messaging.content import Channel
from securityinfo.policy.rules import Decision, Ruleset

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User


@dataclass(frozen=True)
class Place:
    """One method being added or changed by one person, and what comes after."""

    user: User
    method: Method
    ruleset: Ruleset
    actor: Actor
    title: str
    start_url: str
    verify_url: str
    resend_url: str
    status_url: str
    cancel_url: str
    done: Callable[[HttpRequest, Registration], HttpResponse]
    call_url: str = ""  # "Call me instead", where a call could take the place of a text
    different_url: str = ""  # "I want to set up a different method", where there is a choice
    progress: tuple[int, int] | None = None  # method 1 of 2
    replaces: Registration | None = None  # this is a change of that method
    required: bool = False  # sign-in demands it
    in_full: bool = True  # whoever is here has just been proved: values are shown whole (K5)
    is_first_time: bool = False  # and nothing was registered before: trusted at once (K9)

    @property
    def suffix(self) -> str:
        """Keeps the set-ups of one browser apart."""
        return str(self.replaces.uuid) if self.replaces else self.start_url

    @property
    def current_value(self) -> str:
        """What is to be changed, empty unless this is a change."""
        old = self.replaces
        if old is None:
            return ""
        return old.method.full_value(old.details) if self.in_full else str(old.shown)

    @cached_property
    def _standing(self) -> Standing:
        return Standing.of(self.user, self.ruleset)

    @property
    def others(self) -> list[Mapping[str, Any]]:
        """The details of the person's other methods of this kind."""
        return [
            each.details
            for each in self._standing.readable
            if self._is_of_kind(each) and each != self.replaces
        ]

    @property
    def proven(self) -> dict[str, PhoneNumber]:
        """Numbers that other kinds have proved; to adopt one, step-up is enough (SM3).

        Not in the registration that sign-in demands: there nobody has been proved yet.
        """
        if self.required or self.replaces or not issubclass(self.method.enrol_form, PhoneForm):
            return {}
        used = {each.channel for each in self._standing.registrations if self._is_of_kind(each)}
        found = {}
        for each in self._standing.usable:
            number = each.method.destination(each.details)
            if number and each.channel not in used and each.channel in _channels_of(number):
                found[str(each.uuid)] = number
        return found

    @property
    def shared(self) -> dict[str, StrOrPromise]:
        """Boxes for the person's other methods on this number: they may follow the change (CA7)."""
        old, standing = self.replaces, self._standing
        if old is None or self.required:
            return {}
        return {
            str(each.uuid): each.method.change_too
            for each in standing.registrations
            if each.channel == old.channel and each != old and each.method.change_too
            if standing.may_change(each)
        }

    @property
    def why_undeliverable(self) -> str:
        """What is wrong with the number that is to be changed, or proved again."""
        old = self.replaces
        return texts.why_undeliverable(old) if old and old.undeliverable else ""

    def initial(self, flows: Iterable[str]) -> Mapping[str, Any]:
        """What can't be reached, to prove it again; or what was just typed for another kind.

        The latter in this browser only, whose set-ups under way are `flows` (K5). The new number
        of a phone is most likely of the same country, and the phone is the same one. At last what
        the organization knows beforehand.
        """
        old = self.replaces
        if old and old.undeliverable and self.in_full:
            return old.method.form_initial(old.details)
        suggested = self.suggested
        if not issubclass(self.method.enrol_form, PhoneForm):
            return suggested
        filled_in = old.method.form_initial(old.details) if old else {}
        kept = {name: filled_in[name] for name in ("country", "type") if name in filled_in}
        return kept | dict(self._just_typed(flows) or suggested)

    @cached_property
    def suggested(self) -> Mapping[str, Any]:
        """The form filled in with what the organization knows; the person proves it or not."""
        if self.replaces:
            return {}
        return self.method.suggested(known.of(self.user), self.others)

    def _just_typed(self, flows: Iterable[str]) -> Mapping[str, Any]:
        typed = Registration.objects.of(self.user).just_entered().in_flow(*flows).first()
        if typed is None or not registry.has(typed.kind) or typed.is_damaged:
            return {}
        number = typed.method.destination(typed.details)
        return phone.typed_again(number) if number else {}

    def _is_of_kind(self, registration: Registration) -> bool:
        return registration.kind == self.method.kind

    def may_begin(self) -> Decision:
        """Policy and maximum, as they are at this moment."""
        standing = self._standing
        if self.replaces:
            decision = standing.may_change(self.replaces)
        else:
            decision = standing.may_add(self.method)
        return decision and self.ruleset.may_send(self.method.traits)


def call_instead(method: Method, offered: Iterable[Method], ruleset: Ruleset) -> Method | None:
    """The kind of `offered` that can call the phone that `method` would text, if calls work."""
    if method.sends != Channel.TEXT:
        return None
    calls = (each for each in offered if each.sends == Channel.CALL)
    return next((each for each in calls if ruleset.may_send(each.traits)), None)


def _channels_of(number: PhoneNumber) -> list[str]:
    """Of the number alone: behind an extension somebody else may be reached."""
    return crypto.fingerprints("channel", phone.channel_of(number.e164))
