"""Every setting of the policy with its range and its default; nothing in here knows Django."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from securityinfo.policy.values import (
    ColorValue,
    Country,
    Domain,
    EmailValue,
    Flag,
    HttpsAddress,
    Listed,
    Network,
    Number,
    OneOf,
    Phone,
    Phrase,
    PlainText,
    Price,
    Several,
    Slug,
    Spec,
    Text,
    WebAddress,
    Word,
    Zone,
)

DEFAULT_ACCENT = "#17588f"
SHORTEST_PASSWORD_ALONE = 15  # below it only where nobody signs in with the password alone


@dataclass(frozen=True)
class Helpdesk:
    """Whom to ask, as every page and message names it; what is not known is empty."""

    text: str
    phone: str
    email: str
    url: str
    hours: str


def _setting(spec: Spec) -> Any:
    return field(default=spec.default, metadata={"spec": spec})


def _number(low: int, high: int, default: int) -> Any:
    return _setting(Number(default, low, high))


def _flag(*, default: bool) -> Any:
    return _setting(Flag(default))


@dataclass(frozen=True)
class Settings:
    """The policy's settings as they hold: whatever the database says, never out of range.

    The numbers in `_number` are lowest, highest and default, of product and security rules; they
    are the floors in code that no row and no administrator can get around.
    """

    # Registration
    registration_required: bool = _flag(default=True)
    methods_to_register: int = _number(1, 3, 2)
    more_methods_days: int = _number(0, 90, 14)
    grace_days: int = _number(0, 90, 0)
    grace_skips: int = _number(0, 20, 0)
    review_days: int = _number(0, 730, 180)
    cool_down_hours: int = _number(1, 72, 24)
    call_types: tuple[str, ...] = _setting(Several(("mobile", "alternate", "office")))

    # Sign-in
    step_up_minutes: int = _number(5, 15, 10)
    trusted_browser_days: int = _number(0, 365, 0)
    session_idle_minutes: int = _number(5, 240, 60)
    session_hours: int = _number(1, 72, 24)
    staff_idle_minutes: int = _number(5, 30, 15)
    staff_hours: int = _number(1, 12, 12)
    office_networks: tuple[str, ...] = _setting(Listed(Network(), most=50))

    # Codes
    code_minutes: int = _number(3, 10, 10)
    code_tries: int = _number(3, 10, 5)
    messages_per_day: int = _number(10, 1_000_000, 2_000)

    # Password reset
    reset_for: str = _setting(OneOf("everyone", ("nobody", "groups", "everyone")))
    methods_to_reset: int = _number(1, 2, 2)
    paid_first_check: bool = _flag(default=False)
    reset_hold_hours: int = _number(1, 72, 24)
    password_min_length: int = _number(8, 64, SHORTEST_PASSWORD_ALONE)
    blocked_words: tuple[str, ...] = _setting(Listed(Word(4, 16), most=1_000))
    questions_to_register: int = _number(3, 5, 5)
    questions_to_answer: int = _number(3, 5, 3)
    questions_off: tuple[str, ...] = _setting(Listed(Slug(), most=100))
    own_questions: tuple[str, ...] = _setting(Listed(Phrase(3, 200), most=20))

    # Phones
    home_country: str = _setting(Country())
    allowed_countries: tuple[str, ...] = _setting(Listed(Country(), most=250))
    allow_voip: bool = _flag(default=False)
    call_key: str = _setting(OneOf("number", ("number", "hash")))
    new_numbers_per_country: int = _number(10, 100_000, 200)
    message_prices: tuple[str, ...] = _setting(Listed(Price(), most=250))
    text_switch: bool = _flag(default=True)
    call_switch: bool = _flag(default=True)
    text_notices: bool = _flag(default=True)

    # Email
    email_switch: bool = _flag(default=True)
    organization_domains: tuple[str, ...] = _setting(Listed(Domain(), most=1_000))

    # Texts and contact
    organization_name: str = _setting(PlainText("Your organization", 60))
    short_name: str = _setting(PlainText("Security info", 20))
    logo_type: str = _setting(OneOf("", ("", "image/png", "image/webp")))
    accent: str = _setting(ColorValue(DEFAULT_ACCENT))
    helpdesk_text: str = _setting(Text("", 200))
    helpdesk_phone: str = _setting(Phone("", 24))
    helpdesk_email: str = _setting(EmailValue("", 254))
    helpdesk_url: str = _setting(WebAddress("", 200))
    helpdesk_hours: str = _setting(Text("", 100))
    privacy_url: str = _setting(HttpsAddress("", 200))
    legal_text: str = _setting(Text("", 300))
    languages: tuple[str, ...] = _setting(Several(("en", "nl")))
    default_language: str = _setting(OneOf("en", ("en", "nl")))
    time_zone: str = _setting(Zone())

    # Helpdesk
    caller_checks: tuple[str, ...] = _setting(
        Several(("code", "call-back", "in-person", "manager"))
    )
    case_minutes: int = _number(5, 60, 30)
    agent_actions_hour: int = _number(1, 100, 10)
    agent_actions_day: int = _number(1, 500, 30)
    pass_after_reset: bool = _flag(default=True)
    pass_minutes: int = _number(10, 480, 60)
    second_approver: str = _setting(OneOf("nobody", ("nobody", "repeated", "removal")))

    # Keeping data
    audit_days: int = _number(90, 3_650, 730)
    delivery_days: int = _number(7, 90, 30)
    network_days: int = _number(7, 365, 90)

    def __post_init__(self) -> None:
        """What the settings demand of each other, so that no way to make them gets around it."""
        lowered = {
            "methods_to_reset": min(self.methods_to_reset, self.methods_to_register),
            "questions_to_answer": min(self.questions_to_answer, self.questions_to_register),
        }
        if self.password_alone_is_possible:
            lowered["password_min_length"] = max(self.password_min_length, SHORTEST_PASSWORD_ALONE)
        for name, value in lowered.items():
            object.__setattr__(self, name, value)
        if self.default_language not in self.languages:
            object.__setattr__(self, "default_language", self.languages[0])

    @classmethod
    def clamped(cls, values: Mapping[str, object]) -> Settings:
        """Settings of stored values, each brought into its range (PO4); what is absent is default.

        Never raises: a damaged row must not keep anybody out, nor let anybody in.
        """
        return cls(**{name: SPECS[name].clean(values[name]) for name in SPECS if name in values})

    @property
    def password_alone_is_possible(self) -> bool:
        """Somebody could sign in with the password alone: nothing required, or put off."""
        may_put_off = self.grace_days > 0 and self.grace_skips > 0
        return not self.registration_required or may_put_off

    @property
    def has_logo(self) -> bool:
        return bool(self.logo_type)

    @property
    def countries(self) -> tuple[str, ...]:
        """Where numbers may be registered: the home country alone if none are listed."""
        return self.allowed_countries or tuple(filter(None, [self.home_country]))

    @property
    def prices_by_country(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Of a text and of a call."""
        prices = (line.split() for line in self.message_prices)
        return {country: (Decimal(text), Decimal(call)) for country, text, call in prices}

    @property
    def helpdesk(self) -> Helpdesk:
        return Helpdesk(
            text=self.helpdesk_text,
            phone=self.helpdesk_phone,
            email=self.helpdesk_email,
            url=self.helpdesk_url,
            hours=self.helpdesk_hours,
        )


SPECS: Mapping[str, Any] = {
    each.name: each.metadata["spec"] for each in dataclasses.fields(Settings)
}
