"""What the worker does for people: sends codes of resets, forgets what is over."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from accounts import browsers, passes, reset_delivery, trusted_browsers
from accounts.helpdesk import cases
from accounts.import_models import PeopleFile
from accounts.pass_models import TemporaryPass
from accounts.reset_models import PasswordReset, ResetRight
from accounts.session_store import SessionStore
from accounts.welcome_models import Welcome


@shared_task(name=reset_delivery.SEND)
def send_reset_code(reset_id: str) -> None:
    reset_delivery.send(UUID(reset_id))


@shared_task(name="accounts.sweep_resets")
def sweep_resets() -> None:
    reset_delivery.sweep()


@shared_task(name="accounts.sweep_passes")
def sweep_passes() -> None:
    passes.sweep()


@shared_task(name="accounts.purge")
def purge() -> None:
    SessionStore.clear_expired()
    browsers.forget_old()
    trusted_browsers.forget_old()
    cases.purge()
    ResetRight.objects.over().delete()
    PeopleFile.objects.over().delete()
    PasswordReset.objects.over().delete()
    TemporaryPass.objects.over().delete()
    Welcome.objects.over().delete()
