"""What an agent sees of a person: little before the check, everything but values in the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import waits
from accounts.helpdesk import second
from accounts.helpdesk.models import Action, HelpdeskAction, HelpdeskCase, State
from accounts.models import User
from methods import activity, caller_check, registry, rows
from methods.models import Registration
from methods.rows import Row
from methods.standing import Standing
from securityinfo import clock, throttling, times
from securityinfo.audit.models import Event
from securityinfo.policy import service as policy
from securityinfo.policy.layout import SEVERAL

EVENTS = 20
CHECKS = {
    "call-back": gettext_lazy("I called back the number in the directory"),
    "in-person": gettext_lazy("In person or on video, with photo ID"),
    "manager": gettext_lazy("The manager confirmed"),
}
_IN_WORDS = dict(SEVERAL["caller_checks"])


def before_check(case: HelpdeskCase | None, person: User) -> dict[str, Any]:
    """HD3: the account, and which kinds are registered; no masks."""
    kinds = Registration.objects.of(person).confirmed().values_list("kind", flat=True)
    labels = {str(registry.get(each).label) for each in kinds if registry.has(each)}
    return {"case": case, "person": person, "kinds": sorted(labels), "state": state_of(person)}


def in_case(case: HelpdeskCase, person: User) -> dict[str, Any]:
    """HD5."""
    standing = Standing.of(person, policy.current_for(person))
    tries = waits.of(person)
    return {
        "case": case,
        "person": person,
        "state": state_of(person),
        "checked_by": checked_by(case),
        "warnings": _warnings(case, person),
        "rows": [_row(row, each, person) for row, each in _rows(standing)],
        "waits_until": throttling.free_at(tries),
        "closed_until": caller_check.closed_until(person),
        "held": [str(each.shown) or each.label for each in standing.held],
        "links": _links(person, is_counted=throttling.is_counted(tries)),
        "events": [activity.entry(event) for event in _events(person)],
        "asked": _asked(case),
    }


def state_of(person: User) -> str:
    if not person.is_active:
        return _("Deactivated")
    if person.frozen_at:
        return _("Frozen since {moment}").format(moment=times.clock(person.frozen_at))
    return _("Active")


def checked_by(case: HelpdeskCase) -> str:
    """How the caller was checked, in a few words."""
    if case.manager:
        return _("The manager confirmed: {name}").format(name=case.manager)
    label = registry.get(case.kind).label if registry.has(case.kind) else ""
    if label:
        method = f"{label}, {case.masked}" if case.masked else str(label)
        return _("Code: {method}").format(method=method)
    return str(_IN_WORDS.get(case.check_name, case.check_name))


def _rows(standing: Standing) -> list[tuple[Row, Registration]]:
    made = rows.rows(standing, helpdesk="", in_full=False)
    return list(zip(made, standing.registrations, strict=True))


def _row(row: Row, registration: Registration, person: User) -> Row:
    """Nothing can be changed by an agent; what its owner reads there is not for the agent."""
    delete = reverse("helpdesk:delete", args=[person.public_id, registration.uuid])
    return Row(**{**row, "change_url": "", "delete_url": delete, "note": _note(registration)})


def _note(registration: Registration) -> str:
    if registration.trusted_from and registration.is_new():
        trusted = times.clock(registration.trusted_from)
        return _("New: fully trusted from {time}.").format(time=trusted)
    if registration.held_until and registration.is_held():
        until = times.clock(registration.held_until)
        return _("Not accepted at sign-in until {time}: it was the only check of a reset.").format(
            time=until
        )
    return ""


def _warnings(case: HelpdeskCase, person: User) -> list[str]:
    """HD10."""
    found = []
    if second.was_helped(person, before=case):
        found.append(_("This person was helped in the last 7 days already."))
    yesterday = clock.now() - timedelta(days=1)
    wrong = activity.wrong_answers_of(person, since=yesterday)
    if wrong.exists():
        found.append(_("There were wrong passwords or codes in the last 24 hours."))
    return found


def _links(person: User, *, is_counted: bool) -> list[tuple[str, str]]:
    """The actions that would do something: address and words."""
    offered = [Action.REREGISTER, Action.END_SESSIONS, Action.PASS]
    offered += [Action.UNLOCK] if is_counted else []
    offered += [Action.LIFT_FREEZE] if person.frozen_at else []
    return [
        (reverse(f"helpdesk:{each.value}", args=[person.public_id]), str(each.label))
        for each in offered
    ]


def _events(person: User) -> QuerySet[Event]:
    return activity.events_of(person)[:EVENTS]


def _asked(case: HelpdeskCase) -> list[HelpdeskAction]:
    """What this case has asked of a second person, and what became of it."""
    asked = HelpdeskAction.objects.filter(case=case).exclude(state=State.DONE, decided_by=None)
    return list(asked.order_by("-asked_at"))
