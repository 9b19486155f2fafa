"""Actions that touch no method: ending sessions, unlocking, lifting a freeze."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import disown, passes, sessions, waits
from accounts.helpdesk.doing import Doing
from securityinfo import throttling
from securityinfo.audit import tags


def end_sessions(doing: Doing, _details: Mapping[str, Any]) -> bool:
    """HD8. Sign-ins and resets under way end as well, so there is always something to do.

    And a pass: whoever has talked an agent into one would be in again at once.
    """
    ended = sessions.end_all(doing.person)
    event = doing.record(tags.HELPDESK_SESSIONS_ENDED, sessions=ended)
    told = [_("All sessions of your account were ended.")]
    if passes.end(doing.person, actor=doing.actor, why="sessions_ended"):
        told.append(_("The temporary access pass of your account no longer works."))
    doing.tell(event, *told)
    return True


def unlock(doing: Doing, _details: Mapping[str, Any]) -> bool:
    """HD8. Whoever is signed in stays so: nothing was found to be wrong."""
    cleared = throttling.clear_all(waits.of(doing.person))
    if not cleared:
        return False
    event = doing.record(tags.HELPDESK_UNLOCKED, counters=cleared)
    doing.tell(event, _("You no longer have to wait after wrong passwords or codes."))
    return True


def lift_freeze(doing: Doing, details: Mapping[str, Any]) -> bool:
    """HD8. Ends no sessions; tells without a link, as the stranger may read it too."""
    return disown.lift(doing.person, details["restore"], doing.actor, **doing.facts)
