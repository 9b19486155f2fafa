"""Recent activity: a person's own events in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from methods import registry
from securityinfo import clock, disown_links, times, user_agent
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event

if TYPE_CHECKING:
    from accounts.models import User

SHOWN_FOR = timedelta(days=90)

# What a person reads of each event; {method} is the kind with its mask. Others stay in the audit.
WRONG_PASS = gettext_lazy("A wrong temporary access pass was given")
SENTENCES: dict[str, str | Promise] = {
    tags.SIGN_IN_COMPLETED: gettext_lazy("Signed in"),
    tags.SIGN_IN_SIGNED_OUT: gettext_lazy("Signed out"),
    tags.SIGN_IN_SKIPPED_REGISTRATION: gettext_lazy("Setting up a method was put off"),
    tags.SIGN_IN_PASSWORD_REFUSED: gettext_lazy("Wrong password"),
    tags.LIMIT_REACHED: gettext_lazy("Right password, then a wrong answer three times"),
    tags.SESSION_EXPIRED: gettext_lazy("Signed out after being away"),
    tags.SESSION_ENDED_EVERYWHERE: gettext_lazy("Signed out everywhere"),
    tags.BROWSER_TRUSTED_ADDED: gettext_lazy("A trusted browser was added"),
    tags.BROWSER_TRUSTED_FORGOTTEN: gettext_lazy("A trusted browser was forgotten"),
    tags.BROWSER_TRUSTED_REPLAYED: gettext_lazy("A copy of a trusted browser was used"),
    tags.STEP_UP_COMPLETED: gettext_lazy("Confirmed that it was you"),
    tags.CHALLENGE_SENT: gettext_lazy("A code was sent: {method}"),
    tags.CHALLENGE_RESENT: gettext_lazy("A new code was sent: {method}"),
    tags.CHALLENGE_EXHAUSTED: gettext_lazy("Too many wrong codes: {method}"),
    tags.METHOD_REGISTERED: gettext_lazy("{method} was added"),
    tags.METHOD_CHANGED: gettext_lazy("{before} was changed to {method}"),
    tags.METHOD_RENAMED: gettext_lazy("{method} was renamed"),
    tags.METHOD_DELETED: gettext_lazy("{method} was deleted"),
    tags.METHOD_UNDELIVERABLE: gettext_lazy("{method} can't be reached"),
    tags.METHOD_DELETE_REFUSED: gettext_lazy("{method} could not be deleted"),
    tags.METHOD_SUSPENDED: gettext_lazy("{method} was suspended"),
    tags.METHOD_RESTORED: gettext_lazy("{method} works again"),
    tags.METHOD_DEFAULT_CHANGED: gettext_lazy("{method} became the default sign-in method"),
    tags.PASSWORD_CHANGED: gettext_lazy("The password was changed"),
    tags.RESET_STARTED: gettext_lazy("Somebody said that they forgot the password"),
    tags.RESET_CHECK_PASSED: gettext_lazy("A check of a password reset was passed: {method}"),
    tags.RESET_CHECK_REFUSED: gettext_lazy("Wrong answer in a password reset: {method}"),
    tags.RESET_STOPPED: gettext_lazy("A password reset was stopped"),
    tags.RESET_COMPLETED: gettext_lazy("The password was reset"),
    tags.RESET_HOLD_STARTED: gettext_lazy("{method} can't be used to sign in for some hours"),
    tags.CHALLENGE_DISOWNED: gettext_lazy("A call was reported as not asked for: {method}"),
    tags.ACCOUNT_DISOWNED: gettext_lazy("Somebody reported: this wasn't me"),
    tags.ACCOUNT_FROZEN: gettext_lazy("The account was frozen"),
    tags.ACCOUNT_UNFROZEN: gettext_lazy("The freeze of the account was lifted"),
    tags.PASS_ISSUED: gettext_lazy("A temporary access pass was issued"),
    tags.PASS_USED: gettext_lazy("A temporary access pass was used"),
    tags.PASS_EXPIRED: gettext_lazy("A temporary access pass has expired"),
    tags.PASS_REVOKED: gettext_lazy("A temporary access pass was ended"),
    tags.ACCOUNT_CREATED: gettext_lazy("The account was created"),
    tags.ACCOUNT_WELCOMED: gettext_lazy("The first password was chosen"),
    tags.ACCOUNT_UPDATED: gettext_lazy("An administrator changed your account"),
    tags.ACCOUNT_DEACTIVATED: gettext_lazy("An administrator deactivated your account"),
    tags.ACCOUNT_ROLE_CHANGED: gettext_lazy("An administrator changed your role"),
    tags.ACCOUNT_DUTIES_CHANGED: gettext_lazy("An administrator changed your duties"),
    tags.HELPDESK_CHECK_PASSED: gettext_lazy("The helpdesk checked who was calling: {method}"),
    tags.HELPDESK_CHECK_RECORDED: gettext_lazy("The helpdesk checked who was calling"),
    tags.HELPDESK_CHECK_FAILED: gettext_lazy("A wrong code was given to the helpdesk: {method}"),
    tags.HELPDESK_METHOD_DELETED: gettext_lazy("The helpdesk deleted {method}"),
    tags.HELPDESK_REREGISTRATION_REQUIRED: gettext_lazy(
        "The helpdesk deleted your methods, to be set up again"
    ),
    tags.HELPDESK_SESSIONS_ENDED: gettext_lazy("The helpdesk ended your sessions"),
    tags.HELPDESK_UNLOCKED: gettext_lazy("The helpdesk ended your waits after wrong answers"),
}
WRONG_CODE = gettext_lazy("Wrong code: {method}")
CHANGED = gettext_lazy("{method} was changed")  # to another one of the same name
SHOWN = (*SENTENCES, tags.CHALLENGE_ANSWERED)


@dataclass(frozen=True)
class Entry:
    """One line of the page."""

    sentence: str
    icon: str
    at: datetime
    day: str
    not_me_url: str
    browser: str = ""
    address: str = ""


def events_of(user: User) -> QuerySet[Event]:
    """The person's events of the last 90 days, newest first, as a queryset for paging."""
    events = log.of_person(user.public_id, since=clock.now() - SHOWN_FOR)
    return events.filter(tag__in=SHOWN).exclude(tag=tags.CHALLENGE_ANSWERED, result="ok")


def wrong_answers_of(user: User, *, since: datetime) -> QuerySet[Event]:
    """Wrong passwords and codes, whoever gave them."""
    wrong = (tags.SIGN_IN_PASSWORD_REFUSED, tags.CHALLENGE_ANSWERED, tags.RESET_CHECK_REFUSED)
    return log.of_person(user.public_id, since=since).filter(tag__in=wrong, result="refused")


def entry(event: Event) -> Entry:
    try:
        browser, address = event.origin.browser, event.origin.address or ""
    except ObjectDoesNotExist:  # older than the organization keeps them
        browser, address = "", ""
    return Entry(
        sentence=_sentence(event),
        icon=_icon(event),
        at=event.at,
        day=times.day(event.at),
        not_me_url=disown_links.page_for(event.pk),
        browser=user_agent.translated(browser),
        address=address,
    )


def _sentence(event: Event) -> str:
    sentence, before = SENTENCES.get(event.tag, WRONG_CODE), event.facts.get("before", "")
    if event.tag == tags.PASS_USED and event.result == "refused":
        sentence = WRONG_PASS
    if event.tag == tags.METHOD_CHANGED and before == event.masked and _is_named(event.kind):
        sentence = CHANGED
    words = str(sentence).format(method=_named(event.kind, event.masked), before=before)
    return words[:1].upper() + words[1:]


def _is_named(kind: str) -> bool:
    return registry.has(kind) and registry.get(kind).is_named


def _named(kind: str, masked: str) -> str:
    if not registry.has(kind):
        return masked or _("a method that no longer exists")
    label = registry.get(kind).label
    return f"{label}, {masked}" if masked else str(label)


def _icon(event: Event) -> str:
    if registry.has(event.kind):
        return registry.get(event.kind).icon
    return "warning" if event.result == "refused" else "info"
