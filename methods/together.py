"""Methods on one number: when one of them changes, the others follow with the same proof (CA7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from methods import changes, registrations, texts
from methods.admission import AlreadyAdded
from methods.models import Registration
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.policy.rules import Ruleset

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Unfit(Exception):
    """What was proved can't be reached by this kind: a landline, a phone behind an extension."""


@dataclass
class Followers:
    """Those that the person wants to follow, and afterwards what became of each."""

    uuids: Collection[str]
    channel: str  # which they share before the change
    ruleset: Ruleset
    actor: Actor
    changed: list[Registration] = field(default_factory=list)
    kept: list[tuple[Registration, StrOrPromise]] = field(default_factory=list)

    def follow(self, proved: Registration) -> None:
        """Change each, in the transaction that changed `proved`; what is refused stays as it is."""
        if not self.uuids or proved.channel == self.channel:
            return
        for follower in Standing.of(proved.user, self.ruleset).registrations:
            if str(follower.uuid) in self.uuids and follower.channel == self.channel:
                self._change(follower, proved)

    def _change(self, follower: Registration, proved: Registration) -> None:
        try:
            with transaction.atomic():
                moved = _moved(follower, proved, self.ruleset)
                self.changed.append(
                    registrations.take_effect(moved, ruleset=self.ruleset, actor=self.actor)
                )
        except changes.Refused as refused:
            self.kept.append((follower, texts.why_refused(follower.method, refused.reason)))
        except AlreadyAdded:
            self.kept.append((follower, follower.method.already_added))
        except Unfit:
            self.kept.append((follower, _("The new number can't be used for it.")))


def _moved(follower: Registration, proved: Registration, ruleset: Ruleset) -> Registration:
    """The follower on the number that was proved, stored but not in effect. Raises Unfit."""
    number = proved.method.destination(proved.details)
    if number is None:
        raise Unfit
    method = follower.method
    enrolment = method.moved_to(follower.details, number)
    moved = registrations.draft(follower.user, method, enrolment, follower)
    if moved.channel != proved.channel or not method.is_acceptable(
        enrolment.details, ruleset.settings
    ):
        raise Unfit
    moved.save()
    return moved
