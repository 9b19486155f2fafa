"""What people read when something about a method is refused; the words of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from methods.answers import Answer, Result
from methods.base import Method
from methods.changes import what
from methods.models import Registration
from methods.sending import TooEarly
from methods.standing import Standing
from methods.undeliverable import Undeliverable
from securityinfo import throttling, times
from securityinfo.messaging import status
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Reason as Said
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Reason

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TELL_TRIES_FROM = 3  # from three tries left on, the page says how many


def why_wrong(method: Method, answer: Answer) -> str:
    """An answer that was not right, each reason in its own words."""
    if answer.result is Result.WRONG:
        return f"{method.wrong_answer} {_tries_left(answer.tries_left)}".strip()
    if answer.result is Result.AWAITED:
        return str(method.not_keyed)
    if answer.result is Result.EXHAUSTED:
        return str(method.exhausted)
    return str(method.expired)


def why_not_sent(method: Method, error: TooEarly | throttling.Throttled | Undeliverable) -> str:
    """Until when no code can be sent, as a clock time; or what is wrong with the number."""
    if isinstance(error, Undeliverable):
        return status.of_dead(error.channel, error.reason).text
    if isinstance(error, TooEarly):
        until = times.clock(error.until, seconds=True)
        return _("Wait until {until}, then ask for a new code.").format(until=until)
    return str(method.send_limit).format(until=times.clock(error.retry_at))


def why_undeliverable(registration: Registration) -> str:
    """What is wrong with the number, and the way out (SM5)."""
    if registration.undeliverable == Said.OPTED_OUT and registration.method.sends == Channel.TEXT:
        return _(
            "This number has blocked our text messages. "
            "Reply START to our last message, then confirm it again."
        )
    return _("We couldn't reach this number. Change it or confirm it again.")


def why_refused(method: Method, reason: Reason | None) -> str:
    if reason is Reason.AT_MAXIMUM:
        return _("You already have the most that your organization allows. Delete one first.")
    if reason in (Reason.CHANNEL_STOPPED, Reason.NO_PROVIDER, Reason.PROVIDER_DOWN):
        return str(method.not_working)
    if reason is Reason.FROZEN:
        return frozen(policy.current().helpdesk.text)
    if reason is Reason.DAMAGED:
        return _("This method can't be read any more. Delete it, or contact the helpdesk.")
    return _("Your organization no longer allows this method. Choose another one.")


def frozen(helpdesk: str) -> str:
    """`helpdesk`: how the organization names it."""
    return _(
        "Changes are frozen because someone reported: this wasn't me. Contact {helpdesk}."
    ).format(helpdesk=helpdesk or _("your IT helpdesk"))


def why_kept(standing: Standing) -> str:
    """Why the guard keeps a method."""
    needed = max(standing.ruleset.channels_needed(standing.reachable), 1)
    return ngettext(
        "You need at least {n} method. Add another one first, or change this one.",
        "You need at least {n} methods. Add another one first, or change this one.",
        needed,
    ).format(n=needed)


def added(registration: Registration) -> str:
    told = _("{method}, was added. We told you at your other contacts.")
    text = _about(registration, told)
    if not registration.is_default:
        return text
    is_default = _("It is now your default sign-in method.")
    return f"{text} {is_default}"


def changed(registration: Registration) -> str:
    told = _("{method}, was changed. We told you at your contacts, old and new.")
    return _about(registration, told)


def kept(registration: Registration, why: StrOrPromise) -> str:
    """A method that was to follow a change and could not."""
    unchanged = _("{method}, was not changed.")
    return f"{_about(registration, unchanged)} {why}"


def deleted(
    registration: Registration, default: Registration | None, former: Registration | None
) -> str:
    """`default` is what is asked first from now on, `former` what was before."""
    told = _("{method}, was deleted. We told you at your contacts.")
    text = f"{_about(registration, told)} {registration.method.after_deletion}".strip()
    if default is None or former is None or default.pk == former.pk:
        return text
    return f"{text} {made_default(default)}"


def made_default(registration: Registration) -> str:
    now = _("{method}, is now your default sign-in method.")
    return _about(registration, now)


def renamed(registration: Registration) -> str:
    return _about(registration, _("{method}, was renamed. We told you at your contacts."))


def _about(registration: Registration, sentence: str) -> str:
    """A label that stands alone needs no comma after it."""
    if not registration.shown:
        sentence = sentence.replace("{method},", "{method}")
    return sentence.format(method=what(registration))


def _tries_left(tries: int) -> str:
    if tries > TELL_TRIES_FROM:
        return ""
    return ngettext("You have {n} try left.", "You have {n} tries left.", tries).format(n=tries)
