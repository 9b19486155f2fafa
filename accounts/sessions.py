"""Ending sessions: one, all of a person's, or all but the one in which something was changed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts import trusted_browsers
from accounts.models import Session, User
from accounts.session_store import digest
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import notices


def end_all(user: User) -> int:
    """Sessions, sign-ins under way, trusted browsers; the number of sessions that ended."""
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
    trusted_browsers.forget_all(user)
    return ended


@transaction.atomic
def sign_out_everywhere(user: User, *, actor: Actor) -> None:
    """Asked for by the person (SE3), or by an administrator (R070)."""
    ended = end_all(user)
    event = log.record(
        tags.SESSION_ENDED_EVERYWHERE, actor=actor, subject=user.public_id, sessions=ended
    )
    told = contacts.contacts_of(user)
    notices.signed_out_everywhere(user, contacts=told, actor=actor, event=event)


@transaction.atomic
def end_one(user: User, public_id: UUID, *, actor: Actor) -> bool:
    """One of this person's; False if it isn't theirs or has ended already."""
    ended, _ = Session.objects.of(user).filter(public_id=public_id).delete()
    if ended:
        log.record(
            tags.SIGN_IN_SIGNED_OUT,
            actor=actor,
            subject=user.public_id,
            reason="elsewhere",
            session=public_id,
        )
    return ended > 0


def after_security_info_changed(
    *, user: User, change: str, keep_session: str = "", **_: object
) -> None:
    """A receiver: methods can't call what stands above them. Runs in the change's transaction."""
    if change in ("changed", "deleted"):
        end_others(user, keep=keep_session)
    else:
        trusted_browsers.forget_all(user)
