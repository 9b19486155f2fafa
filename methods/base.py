"""What a kind of method is: all that the author of a kind has to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import UUID

from django.forms import Form
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from methods.forms import CodeForm, EnrolForm
from methods.phone import PhoneNumber
from methods.whole_number import WholeNumberForm
from securityinfo import crypto
from securityinfo.messaging.content import Contact, Outgoing
from securityinfo.policy.rules import (
    InitialRule,
    KindTraits,
    Purpose,
    RuleState,
    Settings,
    Strength,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Choices = list[tuple[str, StrOrPromise]]

__all__ = [
    "CodeMethod",
    "Contact",
    "Enrolment",
    "Factor",
    "Method",
    "Outgoing",
    "Prompt",
    "Purpose",
    "RuleState",
    "Settings",
    "Strength",
    "Verdict",
]


class Factor(StrEnum):
    """What a proof shows: something known, or something held."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"


class Person(Protocol):
    """What a kind may know of a person."""

    username: str
    full_name: str
    work_address: str


@dataclass(frozen=True)
class Enrolment:
    """What a kind makes of a filled-in form."""

    details: dict[str, Any]  # kept, encrypted; its shape belongs to the kind
    identity: str = ""  # what makes it "the same one again": address, E.164 number, credential id


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right; `counter` is the step that matched, if the kind counts."""

    right: bool
    counter: int | None = None


@dataclass(frozen=True)
class Prompt:
    """A challenge as a kind sees it: no person, no policy, no database."""

    id: UUID
    nonce: bytes
    generation: int
    purpose: Purpose
    details: Mapping[str, Any]
    expires_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""  # "B7": the same on the page and in the message
    person_name: str = ""

    @property
    def code(self) -> str:
        return crypto.derived_code(self.id, self.nonce, self.generation, key_id=self.key_id)

    @property
    def key_id(self) -> str:  # of the key that was the current one when it was made
        return str(self.context.get(crypto.KEY_ID, ""))

    @property
    def words(self) -> str:
        """Two words that the helpdesk's agent sees too; empty unless a caller is checked."""
        return str(self.context.get("words", ""))

    @property
    def number(self) -> str:
        """Two digits to be keyed in; another one each time it is sent again."""
        return crypto.derived_number(self.id, self.nonce, self.generation, key_id=self.key_id)


class Method(ABC):
    """One way to prove who you are. Stateless: one instance serves everybody.

    No request, no address of a page, no policy and no audit in it. `details` is always the dict
    that `enrol` returned. A folder ends with `method = EmailMethod()`.
    """

    kind: ClassVar[str]  # the folder's name, with hyphens
    label: ClassVar[StrOrPromise]  # in the list: "Text message"
    offer: ClassVar[StrOrPromise]  # where it is offered: "Text me a code"
    in_words: ClassVar[StrOrPromise]  # inside a sentence: "text message"
    description: ClassVar[StrOrPromise]  # one sentence that helps to choose
    icon: ClassVar[str]
    factor: ClassVar[Factor]
    strength: ClassVar[Strength]  # orders the offers, decides what may delete what
    purposes: ClassVar[frozenset[Purpose]]  # what it can serve; policy says what it may
    position: ClassVar[int] = 100  # order in lists; among equals in strength also of the offers
    max_per_user: ClassVar[int] = 1  # the most that policy can allow
    initial_maximum: ClassVar[int] = 1  # what policy allows in a new organization
    initial_state: ClassVar[RuleState] = RuleState.OFF  # a new kind is switched on by hand
    sends: ClassVar[str] = ""  # "email", "text" or "call" if a challenge sends something
    needs_proof: ClassVar[bool] = True  # False: what was entered counts at once
    caution: ClassVar[StrOrPromise] = ""  # what an administrator has to understand before use
    setting_choices: ClassVar[Mapping[str, Choices]] = {}  # of settings that policy can't name
    asks_first: ClassVar[bool] = True  # False: one page, which begins and proves; no enrol form
    is_named: ClassVar[bool] = False  # people name it, and "Change" renames it
    replacing: ClassVar[StrOrPromise] = ""  # where it is renamed: "Move to another phone"
    is_issued: ClassVar[bool] = False  # by the helpdesk; its person never adds it: see `issue`
    is_keyed: ClassVar[bool] = False  # answered by the keys of a phone; the page waits for it
    enrol_form: ClassVar[type[EnrolForm]]
    answer_form: ClassVar[type[Form]]
    wrong_answer: ClassVar[StrOrPromise] = _("That code isn't right. Check it and try again.")
    exhausted: ClassVar[StrOrPromise] = _(
        "Too many wrong codes. This code no longer works. Ask for a new one or choose another way."
    )
    expired: ClassVar[StrOrPromise] = _("That code has expired. Ask for a new one.")
    already_added: ClassVar[StrOrPromise] = _("You've already added this method.")
    send_limit: ClassVar[StrOrPromise] = _(
        "No more codes can be sent until {until}. Choose another way."
    )
    not_keyed: ClassVar[StrOrPromise] = ""  # the page was sent before anything was keyed
    not_working: ClassVar[StrOrPromise] = _(
        "This method isn't working right now. Choose another way."
    )
    took_too_long: ClassVar[StrOrPromise] = _(
        "This took too long, so we started over. Nothing was changed."
    )
    after_deletion: ClassVar[StrOrPromise] = ""  # what is left to do by hand
    change_too: ClassVar[StrOrPromise] = ""  # the box that lets it follow a change of its number
    set_up_template: ClassVar[str] = "methods/set_up.html"
    verify_template: ClassVar[str] = "methods/verify.html"
    # Where it proves a person: at sign-in, "Confirm it's you", password reset.
    way: ClassVar[StrOrPromise] = _("Use your {method}")  # how it is chosen; also {value}, its mask
    prove_heading: ClassVar[StrOrPromise] = _("Confirm it's you")
    prove_template: ClassVar[str] = "methods/prove.html"
    not_keyed_yet: ClassVar[StrOrPromise] = ""  # as `not_keyed`, where another way may be chosen
    passed_over: ClassVar[StrOrPromise] = _(
        "Your usual method isn't working right now, so we chose another way."
    )

    # As the first check of a password reset, in which nobody is known.
    first_check: ClassVar[StrOrPromise] = ""  # how it is chosen; empty: as `offer`
    first_check_template: ClassVar[str] = "methods/first_check.html"
    first_check_form: ClassVar[type[WholeNumberForm] | None] = None  # if it asks where to send it

    @abstractmethod
    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        """What is kept of a filled-in enrol form."""

    def identity(self, details: Mapping[str, Any]) -> str:
        """The identity that `enrol` gave with these details: new keys need it once more."""
        return ""

    @abstractmethod
    def summary(self, details: Mapping[str, Any]) -> str:
        """Masked, safe to show anywhere: "a•••@example.net". Empty if a name tells it apart."""

    @abstractmethod
    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        """Judge the cleaned data of the answer form. Constant time where a secret is compared."""

    def counter_of(self, moment: datetime) -> int | None:
        """The highest counter that an answer until then can have had; None if time says nothing."""
        return None

    def issue(self, row: UUID) -> tuple[str, str]:
        """What is handed out, shown once, and what is kept of it: a keyed hash bound to `row`.

        For kinds that are issued. `check` gets it back as `details["digest"]`, `row` as `id`.
        """
        raise NotImplementedError

    def full_value(self, details: Mapping[str, Any]) -> str:
        """What the owner may see while freshly signed in; the mask if there is nothing more."""
        return self.summary(details)

    def form_initial(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """The enrol form as it was filled in, to correct a mistyped value."""
        return {}

    def suggested(
        self, known: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The enrol form filled in from methods.known; `others`: details of the kind's others."""
        return {}

    def channel_of(self, identity: str) -> str:
        """What is really proved; two registrations on one channel count as one proof."""
        return f"{self.kind}:{identity}"

    def identities(self, typed: str, settings: Settings) -> Sequence[str]:
        """What somebody may look for who types this; nothing if it can't be of this kind."""
        return ()

    def contact(self, details: Mapping[str, Any]) -> Contact | None:
        """Where notices can be sent, if the method is also a contact."""
        return None

    def destination(self, details: Mapping[str, Any]) -> PhoneNumber | None:
        """The number that a challenge texts or calls; None for kinds that cost nothing."""
        return None

    def moved_to(self, details: Mapping[str, Any], number: PhoneNumber) -> Enrolment:
        """The same at a number that another kind has proved; for kinds with `change_too`."""
        raise NotImplementedError

    def is_acceptable(self, details: Mapping[str, Any], settings: Settings) -> bool:
        """Whether policy lets this value be reached; asked again just before anything is sent."""
        return True

    def slot_of(self, details: Mapping[str, Any]) -> str:
        """A place that only one method of this kind can take, such as the office phone's."""
        return ""

    def prepare(
        self, details: Mapping[str, Any], *, settings: Settings, last_counter: int
    ) -> dict[str, Any]:
        """Stored on a new challenge, readable: which questions, which number. Never a secret.

        `last_counter`: of the last right answer, negative before the first one.
        """
        return {}

    def compose(self, prompt: Prompt) -> Outgoing:
        """The message of a challenge, for kinds that send; built in the worker, never stored."""
        raise NotImplementedError

    def page(self, prompt: Prompt) -> dict[str, Any]:
        """Further template context of the page that asks, never stored: a QR code."""
        return {}

    def form_for(self, prompt: Prompt, data: Mapping[str, Any] | None = None) -> Form:
        """The answer form of one challenge; for kinds whose fields depend on what is asked."""
        return self.answer_form(data)

    @cached_property
    def traits(self) -> KindTraits:
        """What policy may know of a kind."""
        return KindTraits(
            kind=self.kind,
            strength=self.strength,
            purposes=self.purposes,
            max_per_user=self.max_per_user,
            channel=self.sends,
            is_issued=self.is_issued,
        )

    @property
    def initial_rule(self) -> InitialRule:
        """How the policy about this kind begins in a new organization."""
        with translation.override(None):
            label, caution = str(self.label), str(self.caution)
        return InitialRule(self.traits, self.initial_state, self.initial_maximum, label, caution)


class CodeMethod(Method):
    """A method whose challenge is answered with the derived six-digit code."""

    answer_form = CodeForm

    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        return Verdict(right=constant_time_compare(str(answer["code"]), prompt.code))
