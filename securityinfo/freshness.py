"""Freshness: what a session knows of its person's latest proof, and what a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

View = Callable[..., HttpResponse]

CONFIRM = "accounts:confirm"  # by name: this module knows no page
NEED = "need"  # on a view: what it asks for, as a function of the request


@dataclass(frozen=True)
class Need:
    """What a page asks for; strengths are those of policy.rules.Strength."""

    strength: int
    settled: bool = False  # a method in its first hours is not enough (K9)
    with_password: bool = False  # the password has to be asked for as well (SU3)
    before: StrOrPromise = ""  # what is about to be done: "Before you change your password."


@dataclass(frozen=True)
class Proof:
    """How a person was proved."""

    strength: int
    is_settled: bool = True
    with_password: bool = False

    def meets(self, need: Need) -> bool:
        return (
            self.strength >= need.strength
            and (self.is_settled or not need.settled)
            and (self.with_password or not need.with_password)
        )


# Agents and administrators confirm with a strong method; as policy.rules.STAFF_STRENGTH.
STAFF_NEED = Need(strength=2)


class ProvingSession(Protocol):
    """What a session has to know of its person's proofs; see accounts.session_store."""

    @property
    def strongest(self) -> int: ...

    def note_proof(self, proof: Proof) -> None: ...

    def fresh_proof(self) -> Proof | None: ...


def note(request: HttpRequest, proof: Proof) -> None:
    """The person has just been proved."""
    _session(request).note_proof(proof)


def proof_of(request: HttpRequest) -> Proof | None:
    """The latest proof within `step_up_minutes` of the policy, by the database's clock."""
    return _session(request).fresh_proof() if request.user.is_authenticated else None


def is_fresh(request: HttpRequest) -> bool:
    return proof_of(request) is not None


def meets(request: HttpRequest, need: Need) -> bool:
    proof = proof_of(request)
    return proof is not None and proof.meets(need)


def is_strong_session(request: HttpRequest) -> bool:
    """Whether this session has ever seen a proof that is enough for staff, fresh or not (SU6)."""
    return _session(request).strongest >= STAFF_NEED.strength


def proof_required(
    need: Callable[..., Need], *, then: Callable[[HttpRequest], str] = lambda _: ""
) -> Callable[[View], View]:
    """Asks for a proof first, then comes back with GET: posted data is not carried over.

    `need` gets what the view gets. "Confirm it's you" finds it on the view, and asks it again.
    `then`: the page that follows what was posted; empty for the view's own.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if meets(request, need(request, *args, **kwargs)):
                return view(request, *args, **kwargs)
            return ask(request, then(request))

        setattr(guarded, NEED, need)
        return guarded

    return decorate


def ask(request: HttpRequest, page: str = "") -> HttpResponse:
    """To "Confirm it's you", which comes back to `page`, or here."""
    query = urlencode({"next": page or request.get_full_path()})
    return HttpResponseRedirect(f"{reverse(CONFIRM)}?{query}")


def _session(request: HttpRequest) -> ProvingSession:
    return cast(ProvingSession, request.session)
