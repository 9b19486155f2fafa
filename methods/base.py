"""What a kind of method is: all that the author of a kind has to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.forms import Form
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from methods.forms import CodeForm
from securityinfo import crypto
from securityinfo.messaging.content import Contact, Outgoing
from securityinfo.policy.rules import KindTraits, Purpose, RuleState, Strength

__all__ = [
    "CodeMethod",
    "Enrolment",
    "Factor",
    "Method",
    "Outgoing",
    "Purpose",
    "RuleState",
    "Strength",
    "Verdict",
]


class Factor(StrEnum):
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
    reveal: Any = None  # shown once, never kept


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
    context: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""  # "B7": the same on the page and in the message
    expires_at: Any = None  # aware datetime
    language: str = ""

    @property
    def code(self) -> str:
        return crypto.derived_code(self.id, self.nonce, self.generation)
