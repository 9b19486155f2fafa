"""The checks on the start page of the administration: each with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Role, User
from accounts.reports import trials
from methods import headcount, registry
from methods.headcount import Headcount
from securityinfo import clock, times
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Message, Reason, State
from securityinfo.messaging.transports.base import has_provider
from securityinfo.messaging.words import CHANNELS
from securityinfo.policy import service as policy
from securityinfo.policy.rules import RuleState

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LATE, MUCH_TOO_LATE = timedelta(seconds=30), timedelta(minutes=2)  # a worker needs a second
LATELY = timedelta(hours=1)
VERIFIED_WITHIN = timedelta(hours=48)  # it is due every night
WEEK = timedelta(days=7)


class Level(StrEnum):
    """How it looks, and the word that says the same."""

    GOOD = "success"
    LOOK = "warning"
    BAD = "danger"

    @property
    def word(self) -> StrOrPromise:
        return _WORDS[self]


_WORDS: dict[Level, StrOrPromise] = {
    Level.GOOD: gettext_lazy("Good"),
    Level.LOOK: gettext_lazy("Look at this"),
    Level.BAD: gettext_lazy("Act now"),
}


@dataclass(frozen=True)
class Check:
    """One line; `advice` is what to do, empty where there is nothing."""

    level: Level
    text: str
    advice: str = ""
    link: str = ""


def checks() -> list[Check]:
    """All of them as it is now, in the order of the page."""
    found: list[Check] = []
    for each in _CHECKS:
        found += each()
    return found


def _administrators() -> Iterator[Check]:
    count = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count()
    text = ngettext("%(n)d administrator.", "%(n)d administrators.", count) % {"n": count}
    if count > 1:
        yield Check(Level.GOOD, text)
        return
    advice = _("Make a second one: nobody else can help the only one who loses a phone.")
    yield Check(Level.BAD, text, advice, reverse("admin:accounts_user_changelist"))


def _tests() -> Iterator[Check]:
    """Of each channel that has a provider."""
    latest = trials.latest()
    for channel in Channel:
        if not has_provider(channel):
            continue
        name = capfirst(str(CHANNELS[channel]))
        message = latest.get(channel)
        if message is None:
            text = _("%(channel)s: not tested yet.") % {"channel": name}
            yield Check(Level.LOOK, text, _("Send yourself a test below."))
            continue
        words = {
            "channel": name,
            "state": trials.outcome_of(message),
            "moment": times.clock(message.created_at),
        }
        text = _("%(channel)s: test of %(moment)s: %(state)s.") % words
        failed = message.state in (State.FAILED, State.EXPIRED, State.UNKNOWN)
        advice = _("Ask the operator to look at the provider's settings.") if failed else ""
        yield Check(Level.BAD if failed else Level.GOOD, text, advice)


def _providers() -> Iterator[Check]:
    settings = policy.current()
    off = [
        str(CHANNELS[channel])
        for channel, on in (
            (Channel.EMAIL, settings.email_switch),
            (Channel.TEXT, settings.text_switch),
            (Channel.CALL, settings.call_switch),
        )
        if not on
    ]
    if off:
        text = _("Switched off in the policy: %(channels)s.") % {"channels": ", ".join(off)}
        yield Check(Level.LOOK, text, _("Switch it on again when the trouble is over."))
    trouble = (Reason.DOWN, Reason.MISCONFIGURED)
    hit = Message.objects.filter(created_at__gte=clock.now() - LATELY, reason__in=trouble)
    if count := hit.exclude(state__in=(State.SENT, State.DELIVERED)).count():
        text = ngettext(
            "%(n)d message of the last hour was not taken by its provider.",
            "%(n)d messages of the last hour were not taken by their provider.",
            count,
        )
        link = reverse("admin:messaging_message_changelist")
        yield Check(Level.BAD, text % {"n": count}, _("See which ones, and why."), link)
    elif not off:
        yield Check(Level.GOOD, _("The providers took all messages of the last hour."))


def _waiting_codes() -> Iterator[Check]:
    codes = Message.objects.unfinished().filter(category=Category.CODE)
    oldest = codes.order_by("created_at").values_list("created_at", flat=True).first()
    age = clock.now() - oldest if oldest else timedelta()
    if age < LATE:
        yield Check(Level.GOOD, _("No code waits to be sent."))
        return
    text = _("The oldest code has waited for %(n)d seconds.") % {"n": age.total_seconds()}
    level = Level.BAD if age >= MUCH_TOO_LATE else Level.LOOK
    yield Check(level, text, _("Ask the operator whether a worker runs."))


def _notices() -> Iterator[Check]:
    ended = Message.objects.filter(category=Category.NOTICE, state=State.FAILED)
    count = ended.filter(finished_at__gte=clock.now() - WEEK).count()
    if not count:
        yield Check(Level.GOOD, _("All notices of the last 7 days were sent, or are being sent."))
        return
    text = ngettext(
        "%(n)d notice of the last 7 days could not be delivered.",
        "%(n)d notices of the last 7 days could not be delivered.",
        count,
    )
    link = f"{reverse('admin:messaging_message_changelist')}?category=notice&state=failed"
    yield Check(Level.LOOK, text % {"n": count}, _("See whom it was for, and tell them."), link)


def _audit() -> Iterator[Check]:
    checked = Event.objects.filter(tag__in=[tags.AUDIT_VERIFIED, tags.AUDIT_BROKEN])
    last = checked.order_by("-pk").first()
    link = reverse("admin:audit_event_changelist")
    if last is None:
        text = _("The audit log has never been verified.")
        yield Check(Level.LOOK, text, _("The server does it every night."))
        return
    moment = {"moment": times.clock(last.at)}
    if last.tag == tags.AUDIT_BROKEN:
        text = _("The audit log was found changed: %(moment)s.") % moment
        yield Check(Level.BAD, text, _("Call the operator: something was changed."), link)
        return
    text = _("The audit log was verified: %(moment)s.") % moment
    late = clock.now() - last.at > VERIFIED_WITHIN
    advice = _("That is too long ago: ask the operator whether the scheduler runs.")
    yield Check(Level.LOOK if late else Level.GOOD, text, advice if late else "", link)


def _locked_out() -> Iterator[Check]:
    """Whoever has sign-in methods of which none can be used, and whoever may have none."""
    with headcount.roomy():
        out = Headcount(policy.in_force()).where(locked_out=True)
        count = User.objects.filter(is_active=True, pk__in=out).count()
    if not count:
        yield Check(Level.GOOD, _("Everybody who has a method can use one to sign in."))
        return
    text = ngettext(
        "%(n)d person can't sign in with any of their methods.",
        "%(n)d people can't sign in with any of their methods.",
        count,
    )
    link = f"{reverse('reports:people')}?locked_out=yes"
    yield Check(Level.LOOK, text % {"n": count}, _("See who they are."), link)


def _weak_kinds() -> Iterator[Check]:
    """Kinds that prove too little to count, switched on all the same."""
    rules = {rule.kind: rule.state for rule in policy.in_force().rules}
    on = [
        str(method.label)
        for method in registry.all_methods()
        if not (method.traits.counts or method.is_issued)
        and rules.get(method.kind, RuleState.OFF) != RuleState.OFF
    ]
    if on:
        text = _("Switched on: %(kinds)s.") % {"kinds": ", ".join(on)}
        advice = _("Answers can be guessed or found. Switch them off when you can.")
        yield Check(Level.LOOK, text, advice, reverse("admin:policy_orgpolicy_changelist"))
    else:
        yield Check(Level.GOOD, _("No method that proves too little is switched on."))


_CHECKS: tuple[Callable[[], Iterator[Check]], ...] = (
    _administrators,
    _tests,
    _providers,
    _waiting_codes,
    _notices,
    _audit,
    _locked_out,
    _weak_kinds,
)
