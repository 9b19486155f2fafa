"""The second step of signing in: which methods may be asked for, and what follows the proof."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import failures, pass_proof, passes, signin, trusted_browsers
from accounts.forms import trust_field
from accounts.models import User
from accounts.required import Asked
from accounts.signin_flow import SignInFlow, State
from methods import proof_pages
from methods.models import Registration
from methods.proof_place import ProofPlace
from methods.standing import Standing
from securityinfo import times
from securityinfo.actor import Actor
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Whoever gives the right answer sees none of them.
ANOTHER_WAY = gettext_lazy("Sign in another way")
CHOOSE = gettext_lazy("Choose how you want to sign in.")
VERIFY = gettext_lazy("Verify")
PASS = "accounts:sign-in-pass"  # noqa: S105 - the name of a page
_address = cache(reverse)  # each answer needs five, a twentieth of its work


def under_way(request: HttpRequest) -> tuple[SignInFlow, User] | None:
    """The sign-in of this browser, if it is waiting for its second step. Raises FlowExpired."""
    found = signin.resume(request)
    return found if found and found[0].state == State.PROVING else None


def enter(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    """Right after the password. Raises FlowExpired.

    Whoever has a method that signs in is asked for one, whatever is due otherwise (SI7, RR12):
    the default, and what that sends is sent.
    """
    standing = Standing.of(user, policy.current_for(user))
    flow.is_trusted = _is_skipped(request, flow, standing)
    if flow.is_trusted or not signin.needs_second_step(standing):
        return HttpResponseRedirect(signin.go_on(request, flow, user))
    flow.move(State.PROVING)
    flow.save(request.session)
    place = place_of(request, flow, user)
    if place.first is None:
        is_at_hand = not place.offers and passes.is_live(user)
        return HttpResponseRedirect(_address(PASS) if is_at_hand else place.verify_url)
    return proof_pages.begin(request, place, place.first)


def place_of(request: HttpRequest, flow: SignInFlow, user: User) -> ProofPlace:
    """Where all that signs in may be asked for, or once more what policy has taken away (RR11)."""
    standing = Standing.of(user, policy.current_for(user))
    is_pass_only = passes.is_required(user)
    offers = () if is_pass_only else standing.for_sign_in or standing.last_resort
    first = standing.first_of(offers)
    actor = actor_of(request, flow, user)

    def done(request: HttpRequest, registration: Registration, form: Form) -> HttpResponse:
        flow.trust = form.cleaned_data.get("trust", False)
        return HttpResponseRedirect(signin.proved(request, flow, standing, registration))

    return ProofPlace(
        user=user,
        purpose=Purpose.SIGN_IN,
        ruleset=standing.ruleset,
        actor=actor,
        offers=offers,
        first=first,
        suffix="sign-in",
        flow_id=flow.id,
        verify_url=_address("accounts:verify"),
        resend_url=_address("accounts:verify-resend"),
        status_url=_address("accounts:verify-status"),
        other_url=_address("accounts:another-way"),
        cancel_url=_address("accounts:sign-in"),
        choose_title=ANOTHER_WAY,
        choose_error=CHOOSE,
        other_label=ANOTHER_WAY,
        button=VERIFY,
        why=_why_another(standing, first),
        is_issued_only=is_pass_only,
        issued_at=lambda: _pass_page(user, offers),
        further=lambda: trust_field(user, standing.ruleset.settings),
        wrong=lambda _registration, answer: failures.note_wrong_second_step(user, actor, answer),
        done=done,
    )


def _is_skipped(request: HttpRequest, flow: SignInFlow, standing: Standing) -> bool:
    """TB2: in a trusted browser, unless what comes next needs a proof: a method, a password."""
    user = standing.user
    is_due = user.must_change_password or user.must_use_pass or not Asked(standing).may_finish
    if is_due or not standing.for_sign_in:
        return False
    return trusted_browsers.is_trusted(request, standing, attempt=flow.id)


def _pass_page(user: User, offers: tuple[Registration, ...]) -> str:
    """Where a temporary access pass is typed: if there is one, or nothing else works (RR11)."""
    if not pass_proof.may_use(user, Purpose.SIGN_IN):
        return ""
    return _address(PASS) if not offers or passes.is_live(user) else ""


def actor_of(request: HttpRequest, flow: SignInFlow, user: User) -> Actor:
    counts_as = flow.known_browser if flow.has_own_counters else ""
    return replace(Actor.of(request).acting_as(user), known_browser=counts_as)


def step(request: HttpRequest, flow: SignInFlow) -> None:
    """The person did something: the idle time of the sign-in begins again."""
    flow.touch()
    flow.save(request.session)


def _why_another(standing: Standing, first: Registration | None) -> StrOrPromise:
    """Why the default was passed over; empty where nobody would wonder."""
    default = standing.default
    if default is None or first is None or default == first or not standing.for_sign_in:
        return ""
    if default in standing.held:
        text = _("{method} can't be used until {time} because you reset your password with it.")
        until = times.clock(default.held_until) if default.held_until else ""
        return text.format(method=default.method.label, time=until)
    return default.method.passed_over if default in standing.for_sign_in else ""
