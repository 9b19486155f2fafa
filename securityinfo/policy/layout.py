"""The order of the settings on the administration's page, and the names of their choices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Settings of which several values may be ticked.
SEVERAL = {
    "call_types": [
        ("mobile", _("Mobile")),
        ("alternate", _("Alternate")),
        ("office", _("Office")),
    ],
    "languages": [("en", _("English")), ("nl", _("Dutch"))],
    "caller_checks": [
        ("code", _("Code to a registered method")),
        ("call-back", _("Call-back to the number in the directory")),
        ("in-person", _("In person or on video with photo ID")),
        ("manager", _("Confirmed by the manager")),
    ],
}

# Settings whose values belong to kinds, which name them at the start: see `offer`.
OFFERED: dict[str, list[tuple[str, StrOrPromise]]] = {}


def offer(name: str, choices: Iterable[tuple[str, StrOrPromise]]) -> None:
    """Let these be ticked for the setting `name`; once more changes nothing."""
    known = OFFERED.setdefault(name, [])
    names = {value for value, _label in known}  # labels can't be read before all apps are there
    known += [choice for choice in choices if choice[0] not in names]


FIELDSETS = [
    (
        _("Registration"),
        [
            "registration_required",
            "methods_to_register",
            "more_methods_days",
            "grace_days",
            "grace_skips",
            "review_days",
            "cool_down_hours",
            "call_types",
        ],
    ),
    (
        _("Sign-in"),
        [
            "step_up_minutes",
            "trusted_browser_days",
            "session_idle_minutes",
            "session_hours",
            "staff_idle_minutes",
            "staff_hours",
            "office_networks",
        ],
    ),
    (_("Codes"), ["code_minutes", "code_tries", "messages_per_day"]),
    (
        _("Password reset"),
        [
            "reset_for",
            "reset_groups",
            "methods_to_reset",
            "paid_first_check",
            "reset_hold_hours",
            "password_min_length",
            "blocked_words",
            "questions_to_register",
            "questions_to_answer",
            "questions_off",
            "own_questions",
        ],
    ),
    (
        _("Phones"),
        [
            "home_country",
            "allowed_countries",
            "allow_voip",
            "call_key",
            "new_numbers_per_country",
            "message_prices",
            "text_switch",
            "call_switch",
            "text_notices",
        ],
    ),
    (_("Email"), ["email_switch", "organization_domains"]),
    (
        _("Texts and contact"),
        [
            "organization_name",
            "short_name",
            "logo_file",
            "remove_logo",
            "accent",
            "helpdesk_text",
            "helpdesk_phone",
            "helpdesk_email",
            "helpdesk_url",
            "helpdesk_hours",
            "privacy_url",
            "legal_text",
            "languages",
            "default_language",
            "time_zone",
        ],
    ),
    (
        _("Helpdesk"),
        [
            "caller_checks",
            "case_minutes",
            "agent_actions_hour",
            "agent_actions_day",
            "pass_after_reset",
            "pass_minutes",
            "second_approver",
        ],
    ),
    (_("Keeping data"), ["audit_days", "delivery_days", "network_days"]),
    (_("Reason"), ["note", "seen_version"]),
]
