"""Confirm it's you: what the page behind asks for, and who is strong enough to say so (SU1–SU5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import transaction
from django.forms import Field, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import browsers, destinations, password_proof
from accounts.forms import ConfirmForm, password_field
from methods import needs, places
from methods.models import Registration
from methods.places import SignedIn
from methods.proof_place import ProofPlace
from methods.standing import Standing
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.freshness import Need, Proof
from securityinfo.policy.rules import Purpose, Strength


@dataclass(frozen=True)
class StepUp:
    """One person on the way to a page that asks for a proof."""

    request: SignedIn
    asked: str  # the page as it was asked for
    need: Need

    @classmethod
    def of(cls, request: SignedIn) -> StepUp:
        asked = request.POST.get("next") or request.GET.get("next", "")
        return cls(request, asked, _need_of(request, destinations.after(asked)))

    @property
    def next_page(self) -> str:
        return destinations.after(self.asked)

    @property
    def is_met(self) -> bool:
        """By a proof in another tab, or before the back button was pressed."""
        return freshness.meets(self.request, self.need)

    @property
    def by_password(self) -> bool:
        """There is nothing else to ask for, and it will do: for staff pages it never does."""
        return not self.standing.for_sign_in and self.need.strength <= Strength.NONE

    @property
    def standing(self) -> Standing:
        return places.standing_of(self.request)

    def place(self) -> ProofPlace:
        able = self.standing.able_to(Purpose.CONFIRM)
        offers = tuple(each for each in able if _is_enough(each, self.need))
        return ProofPlace(
            user=self.request.user,
            purpose=Purpose.CONFIRM,
            ruleset=self.standing.ruleset,
            actor=self._actor,
            offers=offers,
            first=self.standing.first_of(offers),
            suffix="confirm",
            verify_url=self._address("accounts:confirm"),
            resend_url=self._address("accounts:confirm-resend"),
            status_url=self._address("accounts:confirm-status"),
            other_url=self._address("accounts:confirm-another-way"),
            cancel_url=reverse("methods:list"),
            title=_("Confirm it's you"),
            choose_title=_("Confirm it's you"),
            choose_error=_("Choose how you want to confirm."),
            other_label=_("Confirm another way"),
            button=_("Verify"),
            before=self.need.before,
            left_out=tuple(each for each in able if each not in offers),
            too_weak=_too_weak(able, offers),
            further=self._further,
            holds=self._password_holds,
            done=self._done,
        )

    @property
    def _actor(self) -> Actor:
        known = browsers.known(self.request, self.request.user)
        counts_as = known.name if known.has_own_counters else ""
        return replace(Actor.of(self.request), known_browser=counts_as)

    def _address(self, name: str) -> str:
        return f"{reverse(name)}?{urlencode({'next': self.asked})}"

    def _further(self) -> Mapping[str, Field]:
        """SU3: where a mailbox is all there is, the password is asked for on the same page."""
        return {"password": password_field()} if self.need.with_password else {}

    def _password_holds(self, _request: HttpRequest, form: Form) -> bool:
        if not self.need.with_password:
            return True
        if password_proof.prove_own(self.request, form.cleaned_data["password"]):
            return True
        form.add_error("password", ConfirmForm.REFUSED)
        return False

    def _done(self, request: HttpRequest, registration: Registration, form: Form) -> HttpResponse:
        proof = Proof(
            registration.method.strength,
            is_settled=not registration.is_new(),
            with_password=self.need.with_password,
        )
        note(request, proof, kind=registration.kind)
        return HttpResponseRedirect(self.next_page)


@sensitive_variables("password")
def confirm_by_password(request: SignedIn, password: str) -> bool:
    """For a person who has nothing else to be asked for.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    if password_proof.prove_own(request, password) is None:
        return False
    with transaction.atomic():
        note(request, Proof(Strength.NONE, with_password=True))
    return True


def note(request: HttpRequest, proof: Proof, *, kind: str = "") -> None:
    """The session is fresh from now on, under a new id. In the transaction of the proof."""
    actor = Actor.of(request)
    log.record(
        tags.STEP_UP_COMPLETED, actor=actor, subject=actor.person, kind=kind, purpose="confirm"
    )
    freshness.note(request, proof)
    request.session.cycle_key()
    rotate_token(request)


def _need_of(request: SignedIn, page: str) -> Need:
    """What the page itself says; of one that says nothing, what its readers need."""
    match = resolve(urlsplit(page).path)
    need: Any = getattr(match.func, freshness.NEED, None)
    if need is None:
        return freshness.STAFF_NEED if request.user.is_privileged else needs.any_method(request)
    return need(request, *match.args, **match.kwargs)


def _is_enough(registration: Registration, need: Need) -> bool:
    is_settled = not (need.settled and registration.is_new())
    return registration.method.strength >= need.strength and is_settled


def _too_weak(able: tuple[Registration, ...], offers: tuple[Registration, ...]) -> str:
    """Why some methods are missing; empty if none is, or if nothing is left."""
    if len(able) == len(offers) or not offers:
        return ""
    weakest = offers[-1].method.in_words
    text = _("To change this, confirm with your {method} or something stronger.")
    return text.format(method=weakest)
