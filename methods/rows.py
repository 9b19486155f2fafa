"""The rows of "Security info": one method each, with everything its person should know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from methods.changes import what
from methods.models import Registration
from methods.standing import Standing
from securityinfo import times
from securityinfo.policy.rules import Needed, Purpose

Mark = tuple[str, str]  # text and level
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Row:
    """What `components/method_row.html` shows."""

    icon: str
    label: str
    value: str
    change: str  # "Change Email, a•••@example.net": the accessible names of the links
    delete: str
    lines: tuple[str, ...]  # what it is used for, and since when
    change_url: str
    delete_url: str
    marks: tuple[Mark, ...] = field(default=())
    note: str = ""
    is_muted: bool = False


def rows(standing: Standing, *, helpdesk: str, in_full: bool) -> list[Row]:
    """`helpdesk`: how the page names it; `in_full`: whole values instead of masks."""
    return [
        _row(each, standing, helpdesk=helpdesk, in_full=in_full) for each in standing.registrations
    ]


def status_sentence(standing: Standing, needed: Needed) -> str:
    """Where the person stands, in one or two sentences."""
    count = len(standing.usable)
    if not count:
        return _("You have no method yet. Add one to protect your account.")
    have = ngettext("You have {n} method.", "You have {n} methods.", count).format(n=count)
    if needed:
        return f"{have} {_what_is_missing(needed)}"
    if standing.default not in standing.for_sign_in:
        return have
    asked = _("You're asked for your {method} first.")
    return f"{have} {asked.format(method=standing.default.method.in_words)}"


def _what_is_missing(needed: Needed) -> str:
    if needed.due is None or needed.overdue:
        return _("Add another one, so that losing it doesn't lock you out.")
    return _("Add another one by {day}, so that losing it doesn't lock you out.").format(
        day=times.day(needed.due)
    )


def default_sentence(standing: Standing) -> str:
    """Which method is asked first; empty where there is nothing to choose."""
    default = standing.default
    if default is None or len(standing.for_sign_in) < 2:
        return ""
    return _("Default sign-in method: {method}").format(method=what(default))


def _row(registration: Registration, standing: Standing, *, helpdesk: str, in_full: bool) -> Row:
    method = registration.method
    usable = standing.is_usable(registration)
    label = str(method.label)
    name = f"{label}, {registration.summary}"
    value = method.full_value(registration.details) if in_full else ""
    return Row(
        icon=method.icon,
        label=label,
        value=value or registration.summary,
        change=_("Change {method}").format(method=name) if usable else "",
        delete=_("Delete {method}").format(method=name),
        lines=tuple(filter(None, (_uses(registration, standing), _dates(registration)))),
        marks=_marks(registration, usable=usable),
        note=_note(registration, usable=usable, helpdesk=helpdesk),
        is_muted=not usable,
        change_url=address_of("change", registration) if usable else "",
        delete_url=address_of("delete", registration),
    )


def address_of(page: str, registration: Registration) -> str:
    """What `reverse` gives, asked only once for each page."""
    return _pattern(page).replace(str(NOBODY), str(registration.uuid))


@cache
def _pattern(page: str) -> str:
    return reverse(f"methods:{page}", args=[NOBODY])


def _uses(registration: Registration, standing: Standing) -> str:
    sign_in = standing.may_use(registration, Purpose.SIGN_IN)
    reset = standing.may_use(registration, Purpose.RESET)
    if sign_in and reset:
        return _("For sign-in and password reset")
    if sign_in:
        return _("For sign-in")
    return _("For password reset") if reset else ""


def _dates(registration: Registration) -> str:
    added = times.day(registration.added_at)
    if registration.last_used_at is None:
        return _("Added {added}").format(added=added)
    used = times.day(registration.last_used_at)
    return _("Added {added} · last used {used}").format(added=added, used=used)


def _marks(registration: Registration, *, usable: bool) -> tuple[Mark, ...]:
    marks = []
    if registration.is_default:
        marks.append((_("Default"), ""))
    if registration.suspended_at:
        marks.append((_("Suspended"), "danger"))
    elif not usable:
        marks.append((_("Not allowed"), "warning"))
    elif registration.is_new():
        marks.append((_("New"), "info"))
    return tuple(marks)


def _note(registration: Registration, *, usable: bool, helpdesk: str) -> str:
    if registration.suspended_at:
        return _("You told us that this wasn't you. Contact {helpdesk}.").format(helpdesk=helpdesk)
    if not usable:
        return _(
            "Your organization no longer allows this method. "
            "You can't use it, but you can delete it."
        )
    if registration.trusted_from and registration.is_new():
        trusted = times.clock(registration.trusted_from)
        return _("New: fully trusted from {time}.").format(time=trusted)
    return ""
