"""What the worker does for people: forgets sessions and browsers that are over."""

from __future__ import annotations

from celery import shared_task

from accounts import browsers, trusted_browsers
from accounts.session_store import SessionStore


@shared_task(name="accounts.purge")
def purge() -> None:
    SessionStore.clear_expired()
    browsers.forget_old()
    trusted_browsers.forget_old()
