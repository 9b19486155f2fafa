"""Where a signed-in person sets up, adds and changes methods: the addresses and what is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from methods import registry, texts
from methods.base import Method
from methods.models import Registration
from methods.place import Place, call_instead
from methods.standing import Standing
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Ruleset, Strength

if TYPE_CHECKING:
    from accounts.models import User


class SignedIn(HttpRequest):
    """A request whose person is known: LoginRequiredMiddleware lets no other one through."""

    user: User
    standing: Standing  # once it was asked for


def unless_frozen(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """While the account is frozen nobody is asked for a proof of what can't be done anyway."""

    @wraps(view)
    def guarded(request: SignedIn, **named: Any) -> HttpResponse:
        if request.user.frozen_at:
            return redirect("methods:list")  # which says so
        return view(request, **named)

    return guarded


def method_or_404(kind: str) -> Method:
    try:
        return registry.get(kind)
    except registry.UnknownKind:
        raise Http404 from None


def standing_of(request: SignedIn) -> Standing:
    """As it was when this request first asked; whatever is written is judged anew, under a lock."""
    if not hasattr(request, "standing"):
        request.standing = Standing.of(request.user, policy.current_for(request.user))
    return request.standing


def own_or_404(standing: Standing, uuid: UUID) -> Registration:
    """One of this person's own methods; another person's looks like none at all."""
    registration = standing.named(uuid)
    if registration is None:
        raise Http404
    return registration


def of(request: SignedIn, *, kind: str = "", uuid: UUID | None = None) -> Place:
    """By what the address names: a kind that is added, or a method that is changed."""
    if uuid is None:
        return adding(request, method_or_404(kind))
    standing = standing_of(request)
    return changing(request, own_or_404(standing, uuid), standing)


def chosen_page(request: HttpRequest) -> str:
    """Where the kind that was chosen is set up: the one thing a proof carries over (SU5)."""
    kind = request.POST.get("kind", "")
    return reverse("methods:set-up", args=[kind]) if registry.has(kind) else ""


def adding(request: SignedIn, method: Method) -> Place:
    standing = standing_of(request)
    return Place(
        user=request.user,
        method=method,
        ruleset=standing.ruleset,
        actor=Actor.of(request),
        title=str(method.offer),
        start_url=reverse("methods:set-up", args=[method.kind]),
        verify_url=reverse("methods:verify", args=[method.kind]),
        resend_url=reverse("methods:resend", args=[method.kind]),
        status_url=reverse("methods:status", args=[method.kind]),
        cancel_url=reverse("methods:list"),
        call_url=_call_url(method, standing),
        different_url=reverse("methods:add") if len(standing.addable) > 1 else "",
        done=_added,
    )


def _call_url(method: Method, standing: Standing) -> str:
    """Where the same phone could be called instead of texted; empty if policy has no calls."""
    instead = call_instead(method, standing.addable, standing.ruleset)
    return reverse("methods:set-up", args=[instead.kind]) if instead else ""


def changing(request: SignedIn, registration: Registration, standing: Standing) -> Place:
    method, uuid = registration.method, registration.uuid
    return Place(
        user=request.user,
        method=method,
        ruleset=standing.ruleset,
        actor=Actor.of(request),
        title=_("Change {method}").format(method=method.in_words),
        start_url=reverse("methods:change", args=[uuid]),
        verify_url=reverse("methods:change-verify", args=[uuid]),
        resend_url=reverse("methods:change-resend", args=[uuid]),
        status_url=reverse("methods:change-status", args=[uuid]),
        cancel_url=reverse("methods:list"),
        call_url=_call_url(method, standing),
        replaces=registration,
        done=_changed,
    )


def cards(methods: Iterable[Method], ruleset: Ruleset) -> list[dict[str, Any]]:
    """Kinds as radio cards; those whose channel is stopped come last and say so."""
    works = {method: bool(ruleset.may_send(method.traits)) for method in methods}
    return [
        {
            "value": method.kind,
            "label": method.offer,
            "hint": method.description,
            "icon": method.icon,
            "mark": _mark(method, ruleset, works=works[method]),
        }
        for method in sorted(works, key=lambda method: not works[method])
    ]


def default_cards(choices: Mapping[str, Registration]) -> list[dict[str, Any]]:
    return [
        {
            "value": uuid,
            "label": each.method.label,
            "hint": each.shown,
            "icon": each.method.icon,
        }
        for uuid, each in choices.items()
    ]


def _mark(method: Method, ruleset: Ruleset, *, works: bool) -> str:
    if not works:
        return _("Not working right now")
    return _("Recommended") if ruleset.is_recommended(method.kind) else ""


def _added(request: HttpRequest, registration: Registration) -> HttpResponse:
    """A first method has just proved its person; one beside others has yet to be trusted."""
    strength = registration.method.strength
    if request.method == "POST" and strength > Strength.NONE and not registration.is_new():
        freshness.note(request, freshness.Proof(strength, with_password=True))
    messages.success(request, texts.added(registration))
    return redirect("methods:list")


def _changed(request: HttpRequest, registration: Registration) -> HttpResponse:
    messages.success(request, texts.changed(registration))
    return redirect("methods:list")
