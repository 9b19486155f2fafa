"""An explanation as it is read: a table for pages, lines for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import passes
from accounts.explain import Answer, Explanation, Line
from securityinfo import times
from securityinfo.policy.decisions import Reason
from securityinfo.policy.required import Needed, NeededState
from securityinfo.policy.rules import Purpose


@dataclass(frozen=True)
class Cell:
    head: str  # of its column, for narrow screens
    text: str
    is_yes: bool


@dataclass(frozen=True)
class Row:
    label: str
    value: str
    cells: tuple[Cell, ...]


def heads() -> dict[Purpose, str]:
    return {
        Purpose.REGISTER: _("Register"),
        Purpose.SIGN_IN: _("Sign in"),
        Purpose.CONFIRM: _("Confirm"),
        Purpose.RESET: _("Reset"),
    }


def context(explanation: Explanation) -> dict[str, object]:
    """What `accounts/explanation.html` shows."""
    return {
        "heads": heads().values(),
        "rows": table(explanation),
        "notes": notes(explanation),
        "required": required(explanation),
    }


def table(explanation: Explanation) -> list[Row]:
    return [_row(line) for line in explanation.lines]


def notes(explanation: Explanation) -> list[str]:
    """What stands before all of it."""
    found = []
    if not explanation.user.is_active:
        found.append(_("This account is deactivated: nobody can sign in to it."))
    if explanation.standing.is_frozen:
        found.append(_("This account is frozen: methods can't be changed, nor the password reset."))
    return found


def required(explanation: Explanation) -> str:
    """Whether registration is asked for at sign-in, and why."""
    standing = explanation.standing
    needed = standing.needed
    if needed.state == NeededState.MORE_METHODS:
        return _about_more(needed)
    if needed.state == NeededState.NOT_NEEDED:
        return _about_nothing(explanation, needed)
    if passes.is_required(explanation.user):
        return _(
            "Asked to register at sign-in: only after a temporary access pass, "
            "for the helpdesk has asked for a new registration."
        )
    if needed.state == NeededState.NOTHING_POSSIBLE and not standing.has_sign_in_method:
        return _("Asked to register at sign-in: yes, but the policy leaves nothing to register.")
    if standing.has_sign_in_method and not standing.last_resort:
        return _(
            "Asked to register at sign-in: only after a temporary access pass, "
            "for no registered method can be used."
        )
    if standing.has_sign_in_method:
        return _(
            "Asked to register at sign-in: yes, at once, "
            "for the registered methods are no longer allowed. One of them is asked for once more."
        )
    if needed.may_skip:
        text = _(
            "Asked to register at sign-in: yes, has no method yet; "
            "may put it off for {days} days and {skips} times."
        )
        return text.format(days=needed.days_left, skips=needed.skips_left)
    return _("Asked to register at sign-in: yes, at once, has no method yet.")


def _about_more(needed: Needed) -> str:
    if needed.overdue or needed.due is None:
        text = _("Asked to register at sign-in: yes, at once, has {have} of {want}.")
        return text.format(have=needed.channels, want=needed.required)
    text = _("Asked to register at sign-in: yes, has {have} of {want}, may wait until {day}.")
    return text.format(have=needed.channels, want=needed.required, day=times.day(needed.due))


def _about_nothing(explanation: Explanation, needed: Needed) -> str:
    if not explanation.standing.ruleset.settings.registration_required:
        return _("Asked to register at sign-in: no, registration isn't required.")
    text = _("Asked to register at sign-in: no, has {have} of {want}.")
    return text.format(have=needed.channels, want=needed.required)


def _row(line: Line) -> Row:
    named = heads()
    cells = (
        Cell(named[each.purpose], words_of(each), bool(each.decision)) for each in line.answers
    )
    value = str(line.registration.shown) if line.registration else _("not registered")
    return Row(str(line.method.label), value, tuple(cells))


def words_of(answer: Answer) -> str:
    """One answer in words: yes, no and why, or yes with its reservation."""
    if answer.decision.reason is not None:
        return _refusals()[answer.decision.reason](answer)
    if answer.purpose is Purpose.CONFIRM and answer.until:
        text = _("Yes, but not to change or delete an older method: new until {time}")
        return text.format(time=times.clock(answer.until))
    if answer.purpose is Purpose.RESET:
        return _about_reset(answer)
    return _("Yes")


def _about_reset(answer: Answer) -> str:
    if answer.is_second_only:
        return _("Yes, as the second check")
    if answer.until:
        return _("Not alone: new until {time}").format(time=times.clock(answer.until))
    return _("Yes, with a second check") if answer.needs_second else _("Yes")


def _refusals() -> dict[Reason, Callable[[Answer], str]]:
    """For every reason that an explanation can have."""
    return {
        Reason.RULE_OFF: lambda _answer: _("No: the organization has switched it off"),
        Reason.EXCLUDED: lambda answer: _("No: in excluded group {groups}").format(
            groups=", ".join(answer.groups)
        ),
        Reason.NOT_INCLUDED: lambda _answer: _("No: in no group that has it"),
        Reason.STAFF_STRENGTH: lambda _answer: _("No: staff need a stronger method"),
        Reason.NOT_FOR_PURPOSE: lambda _answer: _("No: this kind of method is not for it"),
        Reason.PURPOSE_OFF: _purpose_off,
        Reason.NO_PROVIDER: lambda _answer: _("No: nothing can be sent this way"),
        Reason.PROVIDER_DOWN: lambda _answer: _("Not now: the provider doesn't answer"),
        Reason.CHANNEL_STOPPED: lambda _answer: _("Not now: the organization has stopped sending"),
        Reason.AT_MAXIMUM: lambda _answer: _("No: has the most that is allowed"),
        Reason.SUSPENDED: lambda _answer: _("No: suspended after “This wasn't me”"),
        Reason.FROZEN: lambda _answer: _("No: the account is frozen"),
        Reason.DAMAGED: lambda _answer: _("No: it can't be read any more"),
        Reason.UNDELIVERABLE: lambda _answer: _("No: it can't be reached"),
        Reason.HELD: lambda answer: _("No: held after a password reset until {time}").format(
            time=times.clock(answer.until) if answer.until else ""
        ),
        Reason.NOT_REGISTERED: lambda _answer: _("Once it is registered"),
        Reason.NO_SECOND: lambda _answer: _("No: a second check is needed, and there is none"),
        Reason.RESET_FOR: lambda _answer: _("No: may not reset the password"),
    }


def _purpose_off(answer: Answer) -> str:
    if answer.purpose is Purpose.RESET:
        return _("No: the organization has switched it off for reset")
    if answer.purpose is Purpose.REGISTER:
        return _("No: the organization has switched it off for sign-in and for reset")
    return _("No: the organization has switched it off for sign-in")
