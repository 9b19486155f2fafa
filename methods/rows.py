"""The rows of "Security info": one method each, with everything its person should know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypedDict
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from methods import texts
from methods.changes import what
from methods.models import Registration
from methods.standing import Standing
from securityinfo import times
from securityinfo.policy.rules import Needed, Purpose, Reason

Mark = tuple[str, str]  # text and level
NOBODY = UUID(int=0)


class Row(TypedDict):
    """What `components/method_rows.html` shows; templates read a dict fastest."""

    icon: str
    label: str
    value: str
    change: str  # "Change Email, a•••@example.net": the accessible names of the links
    delete: str
    uses: str  # what for; empty while it can't be used
    dates: str  # since when
    change_url: str
    delete_url: str
    marks: tuple[Mark, ...]
    note: str
    is_muted: bool


@dataclass(frozen=True)
class _Words:
    """What rows say, in one language."""

    change: str
    delete: str
    for_both: str
    for_sign_in: str
    for_reset: str
    added: str
    added_and_used: str
    default: str

    @staticmethod
    @cache  # once in a process instead of once in a row: see docs/performance.md
    def of(language: str | None) -> _Words:
        return _Words(
            change=_("Change {method}"),
            delete=_("Delete {method}"),
            for_both=_("For sign-in and password reset"),
            for_sign_in=_("For sign-in"),
            for_reset=_("For password reset"),
            added=_("Added {added}"),
            added_and_used=_("Added {added} · last used {used}"),
            default=_("Default"),
        )


def rows(standing: Standing, *, helpdesk: str, in_full: bool) -> list[Row]:
    """`helpdesk`: how the page names it; `in_full`: whole values instead of masks."""
    words = _Words.of(get_language())
    return [
        _row(each, standing, words, helpdesk=helpdesk, in_full=in_full)
        for each in standing.registrations
    ]


def status_sentence(standing: Standing, needed: Needed) -> str:
    """Where the person stands, in one or two sentences; what doesn't count protects nobody.

    Empty while the account is frozen: what is missing can't be added.
    """
    if standing.is_frozen:
        return ""
    count = sum(each.method.traits.counts for each in standing.usable)
    if not count:
        return _("You have no method yet. Add one to protect your account.")
    have = ngettext("You have {n} method.", "You have {n} methods.", count).format(n=count)
    if needed:
        return f"{have} {_what_is_missing(needed)}"
    first = standing.asked_first
    if standing.default is None or first is None:
        return have
    asked = _("You're asked for your {method} first.")
    return f"{have} {asked.format(method=first.method.in_words)}"


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


def _row(
    registration: Registration,
    standing: Standing,
    words: _Words,
    *,
    helpdesk: str,
    in_full: bool,
) -> Row:
    method, shown = registration.method, str(registration.shown)
    sign_in = standing.may_use(registration, Purpose.SIGN_IN)
    reset = standing.may_use(registration, Purpose.RESET)
    usable = sign_in or reset
    changeable = not standing.is_frozen and (
        usable or (bool(registration.undeliverable) and standing.may_change(registration))
    )
    label = str(method.label)
    name = f"{label}, {shown}" if shown else label
    whole = (
        method.full_value(registration.details) if in_full and not registration.is_damaged else ""
    )
    return Row(
        icon=method.icon,
        label=label,
        value=whole or shown,
        change=words.change.format(method=name) if changeable else "",
        delete=words.delete.format(method=name),
        uses=_uses(words, sign_in=sign_in, reset=reset),
        dates=_dates(registration, words),
        marks=_marks(registration, standing, words, usable=usable),
        note=_note(registration, standing, usable=usable, helpdesk=helpdesk),
        is_muted=not usable,
        change_url=address_of("change", registration) if changeable else "",
        delete_url="" if standing.is_frozen else address_of("delete", registration),
    )


def address_of(page: str, registration: Registration) -> SafeString:
    """What `reverse` gives, asked only once for each page."""
    return SafeString(_pattern(page).replace(str(NOBODY), str(registration.uuid)))


@cache
def _pattern(page: str) -> str:
    return reverse(f"methods:{page}", args=[NOBODY])


def _uses(words: _Words, *, sign_in: bool, reset: bool) -> str:
    if sign_in and reset:
        return words.for_both
    if sign_in:
        return words.for_sign_in
    return words.for_reset if reset else ""


def _dates(registration: Registration, words: _Words) -> str:
    added = times.day(registration.added_at)
    if registration.last_used_at is None:
        return words.added.format(added=added)
    used = times.day(registration.last_used_at)
    return words.added_and_used.format(added=added, used=used)


def _marks(
    registration: Registration, standing: Standing, words: _Words, *, usable: bool
) -> tuple[Mark, ...]:
    marks = []
    if registration.is_default:
        marks.append((words.default, ""))
    if registration.suspended_at:
        marks.append((_("Suspended"), "danger"))
    elif registration.is_damaged:
        marks.append((_("Can't be read"), "danger"))
    elif registration.undeliverable:
        marks.append((_("Can't be reached"), "warning"))
    elif not usable and _has_no_provider(registration, standing):
        marks.append((_("Not working right now"), "warning"))
    elif not usable:
        marks.append((_("Not allowed"), "warning"))
    elif registration.is_new():
        marks.append((_("New"), "info"))
    return tuple(marks)


def _has_no_provider(registration: Registration, standing: Standing) -> bool:
    """Not the organization's decision: there is nobody who could send it."""
    decision = standing.ruleset.may_register(registration.method.traits)
    return decision.reason is Reason.NO_PROVIDER


def _note(registration: Registration, standing: Standing, *, usable: bool, helpdesk: str) -> str:
    if registration.suspended_at:
        return _("You told us that this wasn't you. Contact {helpdesk}.").format(helpdesk=helpdesk)
    if registration.is_damaged:
        return _(
            "This method can't be read any more. "
            "You can't use it. Delete it, or contact {helpdesk}."
        ).format(helpdesk=helpdesk)
    if registration.undeliverable:
        return texts.why_undeliverable(registration)
    if not usable and _has_no_provider(registration, standing):
        return _(
            "Your organization can't send anything this way right now. "
            "It works again as soon as it can."
        )
    if not usable:
        return _(
            "Your organization no longer allows this method. "
            "You can't use it, but you can delete it."
        )
    if registration.trusted_from and registration.is_new():
        trusted = times.clock(registration.trusted_from)
        return _("New: fully trusted from {time}.").format(time=trusted)
    return ""
