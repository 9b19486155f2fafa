"""Who the visitor is, for as long as their session may last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts import browser_cookies
from accounts.hashers import Busy
from accounts.models import Session, User
from accounts.session_limits import Limits
from accounts.session_store import SessionStore, store_of
from securityinfo import errors
from securityinfo.actor import Actor, Origin
from securityinfo.audit import log, tags
from securityinfo.policy import service as policy

# The end of a session is judged by a mark this old at most: it may end early, never late.
MARK_EVERY = timedelta(seconds=30)

SESSION_END = "session_end"  # on the request: when this session ends if nothing more is done
WAS_AWAY = "was_away"  # in the session that follows: the sign-in page says why it is shown


class SessionLimitsMiddleware(AuthenticationMiddleware):
    """Puts the person on the request, in place of Django's: one query, limits applied."""

    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def found() -> User | AnonymousUser:
            # Who was found once is no longer lazy: a page looks at its person a hundred times.
            request.user = person_of(request)
            return request.user

        request.user = SimpleLazyObject(found)  # type: ignore[assignment]  # lazy
        request.auser = partial(_async_user, request)
        response = cast(HttpResponse, self.get_response(request))
        browser_cookies.give(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Hashing wherever it happens: no slot came free in time."""
        return errors.busy(request) if isinstance(exception, Busy) else None


async def _async_user(request: HttpRequest) -> User | AnonymousUser:
    return await sync_to_async(lambda: request.user)()


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """The person whose session this is; nobody once it is over."""
    session = store_of(request)
    user = session.person
    row = session.row
    if row is None or user is None or not user.is_active or not _same_password(session, user):
        if SESSION_KEY in session:
            session.flush()
        return AnonymousUser()
    settings = policy.current()
    limits = Limits.of(user, settings)
    if limits.are_passed_by(row):
        _end(request, user)
        return AnonymousUser()
    _mark_used(row)
    setattr(request, SESSION_END, limits.end_of(row))
    session.fresh_for = timedelta(minutes=settings.step_up_minutes)
    return user


def _same_password(session: SessionStore, user: User) -> bool:
    """A session begun with another password is over; SECRET_KEY_FALLBACKS count as the same."""
    kept = session.get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(kept, candidate) for candidate in hashes)


def _mark_used(row: Session) -> None:
    if row.idle >= MARK_EVERY:
        Session.objects.filter(pk=row.pk).update(last_used_at=row.read_at)
        row.last_used_at = row.read_at


def _end(request: HttpRequest, user: User) -> None:
    session = store_of(request)
    # Not Actor.of(): it asks for the person, who is just being found.
    actor = Actor(origin=getattr(request, "origin", Origin())).acting_as(user)
    with transaction.atomic():
        if session.end():
            log.record(tags.SESSION_EXPIRED, actor=actor, subject=user.public_id)
    session.flush()
    session[WAS_AWAY] = True
