"""The limited session of a temporary access pass: it registers and replaces, and nothing else.

Like every sign-in under way it belongs to nobody yet, so no page but these opens in it (R057); it
becomes an ordinary session when there is a method that signs in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import signin
from accounts.models import User
from accounts.signin_flow import State
from accounts.wizard import NotHere, Wizard
from methods import changes
from methods.base import Method
from methods.models import Registration
from methods.place import Place
from securityinfo.flows import FlowExpired
from securityinfo.policy.rules import Purpose


def resume(request: HttpRequest) -> Wizard:
    """The registration under way in this browser, after a pass a limited one.

    Raises NotHere, and FlowExpired if signing in has to start over.
    """
    under_way = signin.resume(request)
    if under_way is None or under_way[0].state != State.REGISTERING:
        raise NotHere
    kind = Limited if under_way[0].passed else Wizard
    wizard = kind(request, *under_way)
    wizard.check()
    return wizard


def cards(replaceable: Iterable[Registration]) -> list[dict[str, Any]]:
    """Methods whose place a new one may take, as radio cards."""
    return [
        {
            "value": str(each.uuid),
            "label": _("Replace {method}").format(method=changes.what(each)),
            "hint": _("The old one stops working as soon as the new one is confirmed."),
            "icon": each.method.icon,
            "mark": "",
        }
        for each in replaceable
    ]


class Limited(Wizard):
    """The wizard after a pass: a first method that signs in, then what policy asks for."""

    template: ClassVar[str] = "accounts/keep_secure_pass.html"

    def check(self) -> None:
        """Whatever else there is: the pass stands for methods that can't be used any more."""

    @property
    def until(self) -> datetime:
        """When this session is over, whatever is done in it."""
        return datetime.fromtimestamp(self.flow.pass_ends, UTC)

    @property
    def proposals(self) -> tuple[Method, ...]:
        """What signs in, before anything else: it takes the place of the pass."""
        found = self.asked.proposals
        return (
            found if self.flow.registered else tuple(each for each in found if self._signs_in(each))
        )

    @property
    def first(self) -> Method | None:
        works = self.ruleset.may_send
        return next((method for method in self.proposals if works(method.traits)), None)

    @property
    def replaceable(self) -> tuple[Registration, ...]:
        """Methods that sign in; none of them goes without another in its place (R059)."""
        standing = self.asked.standing
        return tuple(
            each
            for each in standing.registrations
            if self._signs_in(each.method) and standing.may_change(each)
        )

    @property
    def may_add(self) -> bool:
        if self.flow.registered:
            return super().may_add
        return bool(self.proposals or self.replaceable)

    @property
    def skip_until(self) -> None:
        """HD7: there is no grace after a pass."""

    def skip(self) -> None:
        """Nor by who posts it all the same."""

    def offers(self, place: Place) -> bool:
        if place.replaces:
            return place.replaces in self.replaceable
        return place.method in self.proposals

    @property
    def is_first_time(self) -> bool:
        """Beside older methods a new one waits, whoever has let this person in (K9)."""
        return not self.flow.beside_others

    @property
    def progress(self) -> tuple[int, int] | None:
        return None if self.flow.beside_others else super().progress

    def place(self, what: str) -> Place:
        """`what`: a kind, or the public id of a method whose place a new one takes."""
        old = self._named(what)
        if old is None:
            return super().place(what)
        place = self._place(old.method, what)
        # Masked: a pass shows nobody what the methods are (K5).
        return replace(place, replaces=old, in_full=False, progress=None, done=self.replaced)

    def _named(self, what: str) -> Registration | None:
        try:
            return self.asked.standing.named(UUID(what))
        except ValueError:
            return None

    def replaced(self, request: HttpRequest, registration: Registration) -> HttpResponse:
        """A change ends whatever was begun before; only this sign-in goes on."""
        epoch = User.objects.values_list("access_epoch", flat=True).get(pk=self.user.pk)
        if epoch > self.flow.epoch + 1:  # something else has ended it as well
            raise FlowExpired
        self.flow.epoch = epoch
        self.flow.registered = registration.kind
        self.step()
        if request.method == "POST":
            text = _("{method} was changed.").format(method=registration.method.label)
            messages.success(request, text)
        return redirect("accounts:keep-secure-summary")

    def _signs_in(self, method: Method) -> bool:
        is_meant = self.ruleset.may_use(method.traits, Purpose.SIGN_IN)
        return bool(is_meant) and method.traits.counts
