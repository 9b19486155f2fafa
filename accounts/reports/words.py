"""What the columns of the reports are called, and what they mean (RE1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Words = Mapping[str, "StrOrPromise"]

READY: Words = {
    "registered_for_sign_in": _("Registered for sign-in"),
    "can_sign_in": _("Capable of sign-in"),
    "registered_for_reset": _("Registered for reset"),
    "can_reset": _("Capable of reset"),
    "complete": _("Complete"),
}

MEANINGS: Words = {
    "registered_for_sign_in": _("has a confirmed method for signing in"),
    "can_sign_in": _("can use one of them now"),
    "registered_for_reset": _(
        "has as many methods as a reset asks for, one of them fit for the first check"
    ),
    "can_reset": _("can use those now, and may reset the password"),
    "complete": _("has as many usable methods as the organization wants"),
}

DUE: Words = {
    "short": _("Fewer methods than required"),
    "asked_now": _("Asked for a method at the next sign-in"),
    "may_skip": _("May put off the first method"),
    "waiting": _("May wait with the rest"),
    "due_soon": _("May wait, due within 7 days"),
    "review": _("Review overdue"),
    "locked_out": _("Can't sign in now with any method"),
    "stuck": _("of these, because the policy leaves no method at all"),
}

# Columns of the list, and everything by which it can be filtered.
LISTED: Words = {**READY, "short": DUE["short"]}
FACTS: Words = {**READY, **DUE}
