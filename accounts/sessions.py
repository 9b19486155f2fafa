"""Ending sessions: all of a person's, or all but the one in which something was changed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from accounts.models import Session, User
from accounts.session_store import digest


def end_all(user: User) -> int:
    """Sessions and sign-ins under way; the number of sessions that ended."""
    return end_others(user, keep="")


@transaction.atomic
def end_others(user: User, *, keep: str) -> int:
    """Like end_all(), but the session with the key `keep` goes on."""
    # The person's row first: a sign-in that is being completed waits for it, then finds itself
    # too late; one that was completed is found below.
    User.objects.filter(pk=user.pk).update(access_epoch=F("access_epoch") + 1)
    user.refresh_from_db(fields=["access_epoch"])
    others = Session.objects.of(user)
    if keep:
        others = others.exclude(digest=digest(keep))
    ended, _ = others.delete()
    return ended


def after_security_info_changed(
    *, user: User, change: str, keep_session: str = "", **_: object
) -> None:
    """A receiver: methods can't call what stands above them. Runs in the change's transaction."""
    if change in ("changed", "deleted"):
        end_others(user, keep=keep_session)
