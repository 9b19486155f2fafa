"""Where the pages that ask for a proof stand: whose, for what, with which addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.forms import Field, Form
from django.http import HttpRequest, HttpResponse

from methods.models import Registration
from securityinfo.actor import Actor
from securityinfo.policy.rules import Purpose, Ruleset

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User
    from methods.answers import Answer

Further = Callable[[], Mapping[str, Field]]
Address = Callable[[], str]


def _nothing_further() -> Mapping[str, Field]:
    return {}


def _nowhere() -> str:
    return ""


def _holds(_request: HttpRequest, _form: Form) -> bool:
    return True


def _nothing(_registration: Registration, _answer: Answer) -> None:
    return None


@dataclass(frozen=True)
class ProofPlace:
    """One person to be proved for one purpose, and what comes after."""

    user: User
    purpose: Purpose
    ruleset: Ruleset
    actor: Actor
    offers: tuple[Registration, ...]  # what may be asked for, in the order of the list
    first: Registration | None  # asked before anything was chosen; None: nothing works right now
    suffix: str  # keeps the proofs of one browser apart
    verify_url: str
    resend_url: str
    status_url: str
    other_url: str
    cancel_url: str
    done: Callable[[HttpRequest, Registration, Form], HttpResponse]  # within the transaction
    title: StrOrPromise = ""  # empty: the heading of the method
    choose_title: StrOrPromise = ""
    choose_step: StrOrPromise = ""  # which step of several the choice is
    button: StrOrPromise = ""
    other_label: StrOrPromise = ""
    choose_error: StrOrPromise = ""
    before: StrOrPromise = ""  # what the proof is for
    why: StrOrPromise = ""  # why another method than the default was chosen
    too_weak: StrOrPromise = ""  # why some methods are missing
    left_out: tuple[Registration, ...] = ()  # those: allowed, but not for this page
    is_issued_only: bool = False  # nothing but what the helpdesk issues is asked for
    issued_at: Address = _nowhere  # page for what the helpdesk issues, where it helps; else empty
    flow_id: str = ""  # of the flow this belongs to, where two clicks must be one
    further: Further = _nothing_further  # what else the page asks
    holds: Callable[[HttpRequest, Form], bool] = _holds  # judges that, before the answer
    wrong: Callable[[Registration, Answer], None] = field(default=_nothing)  # hears of it

    def works(self, registration: Registration) -> bool:
        """Whether something can be sent to it right now (DE7)."""
        return bool(self.ruleset.may_send(registration.method.traits))

    @cached_property
    def issued_url(self) -> str:
        return self.issued_at()

    @property
    def has_choice(self) -> bool:
        return len(self.offers) > 1 or (bool(self.offers) and bool(self.issued_url))

    @property
    def is_only_method(self) -> bool:
        """There is nothing else that this person signs in with."""
        is_all = len(self.offers) == 1 and not self.left_out
        return is_all and not self.issued_url and self.purpose in (Purpose.SIGN_IN, Purpose.CONFIRM)

    @property
    def is_for_sign_in(self) -> bool:
        return self.purpose is Purpose.SIGN_IN
