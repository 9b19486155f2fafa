"""Actions that take methods away: one of them, or all that sign the person in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import pass_rules, passes, sessions
from accounts.helpdesk.doing import Doing
from accounts.models import User
from accounts.pass_rules import WhyNot
from methods import changes, removal
from methods.models import Registration
from methods.standing import Standing
from securityinfo.audit import tags
from securityinfo.policy import service as policy

NO_MORE_SKIPS = 32_767  # what the column holds: more than any policy lets a person skip


def delete_method(doing: Doing, details: Mapping[str, Any]) -> bool:
    """HD6: any of them; the person's guard doesn't hold here. Gone already: nothing to do."""
    standing = Standing.of(doing.person, doing.ruleset)
    found = next((e for e in standing.registrations if str(e.uuid) == details["method"]), None)
    if found is None:
        return False
    what = changes.what(found)
    kind, masked = found.kind, found.summary
    left = removal.remove(doing.person, [found], doing.ruleset)
    after(doing, left)
    event = doing.record(
        tags.HELPDESK_METHOD_DELETED, kind=kind, masked=masked, method=details["method"]
    )
    doing.tell(event, format_lazy(_("{method} was deleted from your security info."), method=what))
    return True


def reregister(doing: Doing, _details: Mapping[str, Any]) -> bool:
    """HD7: everything that signs the person in goes; required registration follows at once."""
    doomed = removal.for_sign_in(doing.person)
    names = [changes.what(each) for each in doomed if each.confirmed]
    left = removal.remove(doing.person, doomed, doing.ruleset)
    passes.end(doing.person, actor=doing.actor, why="reregistered")
    User.objects.filter(pk=doing.person.pk).update(
        skips_used=NO_MORE_SKIPS, asked_first_at=None, short_since=None
    )
    after(doing, left)
    event = doing.record(tags.HELPDESK_REREGISTRATION_REQUIRED, methods=len(names))
    deleted = [format_lazy(_("{method} was deleted."), method=each) for each in names]
    then = _("You set up new methods when you next sign in.")
    doing.tell(event, *deleted, then)
    return True


def after(doing: Doing, left: Standing) -> None:
    """Whoever was signed in isn't any more (SE2); nobody comes in by the password alone (HD7)."""
    sessions.end_all(doing.person)
    if not left.has_sign_in_method and passes_are_used(doing.person):
        passes.require(doing.person)


def passes_are_used(person: User) -> bool:
    """Whether a pass is asked for, and could be issued: nobody is locked out for good."""
    may_be_had = pass_rules.may_issue(person) is not WhyNot.OFF
    return policy.current().pass_after_reset and may_be_had


def kept_and_deleted(person: User) -> tuple[list[Registration], list[Registration]]:
    """What re-registration keeps, and what it deletes: what the page lists."""
    doomed = [each for each in removal.for_sign_in(person) if each.confirmed]
    going = {each.pk for each in doomed}
    kept = Registration.objects.of(person).confirmed().exclude(pk__in=going)
    return list(kept), doomed
