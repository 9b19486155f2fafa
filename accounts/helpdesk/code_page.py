"""What the page shows on which an agent types a code, or waits for a number to be keyed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.helpdesk import cases, checks, desk
from accounts.helpdesk.forms import CODE_OF, CheckForm
from accounts.helpdesk.models import MANAGER, HelpdeskCase
from accounts.models import User
from methods import changes, sending
from methods.models import Challenge, Registration
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Purpose


@dataclass(frozen=True)
class Asked:
    """The check that is under way; no challenge while nothing could be sent."""

    case: HelpdeskCase
    registration: Registration
    challenge: Challenge | None


def asked(agent: User, person: User) -> Asked | None:
    """None if the case is open already, its time is over, or the method is gone."""
    case = cases.current(agent, person)
    if case is None or case.is_checked:
        return None
    case.person, case.agent = person, agent
    registration = checks.method_of(case)
    if registration is None:
        return None
    return Asked(case, registration, checks.challenge_of(case, registration))


def form_of(found: Asked, data: Mapping[str, Any] | None) -> Form:
    method, challenge = found.registration.method, found.challenge
    if challenge is None:
        return method.answer_form(data)
    form = method.form_for(challenge.prompt(found.registration.details), data)
    if "code" in form.fields:
        form.fields["code"].label = _("Code")
        form.fields["code"].widget.attrs["autocomplete"] = "off"  # it is in somebody else's phone
    return form


def context(found: Asked, form: Form) -> dict[str, Any]:
    registration, challenge = found.registration, found.challenge
    method, public_id = registration.method, found.case.person.public_id
    page: dict[str, Any] = {
        "person": found.case.person,
        "case": found.case,
        "form": form,
        "method": method,
        "what": changes.what(registration),
        "ready_at": sending.next_send_at(registration, purpose=Purpose.CALLER),
        "is_over": challenge is None or checks.is_over(challenge),
        "resend_url": reverse("helpdesk:code-resend", args=[public_id]),
        "status_url": reverse("helpdesk:code-status", args=[public_id]),
        "verify_url": reverse("helpdesk:code", args=[public_id]),
    }
    if challenge is None:
        return page
    status = method.sends and messaging.status_of(challenge.pk, challenge.generation)
    return page | {
        "challenge": challenge,
        "status": status,
        "answered": challenge.is_keyed_right,
        **method.page(challenge.prompt(registration.details)),
    }


def cards(
    form: CheckForm, ways: Mapping[str, Registration], recorded: Iterable[str]
) -> list[dict[str, Any]]:
    """Each method that may check the caller, then what the agent does without a code."""
    found: list[dict[str, Any]] = [
        {"value": f"{CODE_OF}{uuid}", "label": _way(each), "icon": each.method.icon}
        for uuid, each in ways.items()
    ]
    for value in recorded:
        named = {"form": [form["manager"]]} if value == MANAGER else {}
        found.append({"value": value, "label": desk.CHECKS[value], **named})
    return found


def _way(registration: Registration) -> str:
    what, method = str(changes.what(registration)), registration.method
    if method.is_keyed:
        return _("Call: {method}").format(method=what)
    if method.sends:
        return _("Send a code: {method}").format(method=what)
    return _("Ask for the current code: {method}").format(method=what)
