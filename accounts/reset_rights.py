"""The right to set a new password: granted after the last check, used once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from accounts import browser_cookies
from accounts.models import User
from accounts.reset_models import PasswordReset, ResetRight
from accounts.session_store import digest

COOKIE = browser_cookies.name("reset")
TOKEN_BYTES = 32  # 256 bits
LASTS = timedelta(minutes=30)


def grant(reset: PasswordReset, user: User) -> str:
    """The token, which is stored nowhere; older rights of this person are over.

    Inside a transaction that holds the person's row.
    """
    void(user)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ResetRight.objects.create(
        user=user,
        reset=reset,
        digest=digest(token),
        password=user.password,
        expires_at=Now() + LASTS,
    )
    return token


def find(request: HttpRequest, reset: PasswordReset, user: User) -> ResetRight | None:
    """The right of this browser, if it is good for the password that this person has now.

    Whoever has signed in since it was granted has remembered the password, or was somebody else.
    """
    token = request.COOKIES.get(COOKIE, "")
    mine = ResetRight.objects.unused().filter(digest=digest(token), reset=reset, user=user)
    if user.last_sign_in_at is not None:
        mine = mine.filter(created_at__gt=user.last_sign_in_at)
    return mine.filter(password=user.password).first()


def use(right: ResetRight) -> bool:
    """Once: of many at the same time one gets True."""
    return ResetRight.objects.unused().filter(pk=right.pk).update(used_at=Now()) == 1


def void(user: User) -> None:
    """Another address, or an account that is protected: no reset under way may go on."""
    ResetRight.objects.of(user).filter(used_at=None).delete()


def give_cookie(response: HttpResponse, token: str) -> HttpResponse:
    response.set_cookie(
        COOKIE, token, max_age=LASTS, secure=settings.HTTPS, httponly=True, samesite="Strict"
    )
    return response


def take_cookie(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, samesite="Strict")
    return response
