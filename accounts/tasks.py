"""What the worker does for people: forgets sessions that are over."""

from __future__ import annotations

from celery import shared_task

from accounts.session_store import SessionStore


@shared_task(name="accounts.purge")
def purge() -> None:
    SessionStore.clear_expired()
