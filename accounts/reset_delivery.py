"""Sends the code of a first check: only here is it found out whether there is anybody to get it.

A worker does this, so the page takes the same time for every name.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from accounts.models import User
from accounts.reset_models import PasswordReset
from methods import first_check, registry, sending
from methods.standing import Standing
from methods.undeliverable import Undeliverable
from securityinfo import throttling
from securityinfo.messaging import tasks as messaging
from securityinfo.policy import resets
from securityinfo.policy import service as policy

SEND = "accounts.send_reset_code"
BATCH = 200


def publish(reset_id: UUID) -> None:
    """Tell a worker; if the broker is away, the sweeper tells it later."""
    messaging.publish(SEND, reset_id)


def sweep() -> None:
    """Publish what no worker took."""
    waiting = PasswordReset.objects.left_behind().values_list("pk", flat=True)
    for reset_id in waiting[:BATCH]:
        if not messaging.publish(SEND, reset_id):
            return


def send(reset_id: UUID) -> None:
    """Twice, too late, for nobody or once too often: nothing.

    A worker that dies in here has sent nothing: at most one message for each request, and the
    person asks again.
    """
    reset = PasswordReset.objects.take(reset_id)
    if reset is None or reset.is_limited or not registry.has(reset.sent_way):
        return
    user = User.objects.named(reset.name)
    if user is None or not user.is_active:
        return
    method, ruleset = registry.get(reset.sent_way), policy.current_for(user)
    if not (resets.may_begin(ruleset, method.traits) and ruleset.may_send(method.traits)):
        return
    registration = first_check.chosen(Standing.of(user, ruleset), method, line=reset.line)
    if registration is None:
        return
    with suppress(sending.TooEarly, throttling.Throttled, Undeliverable):
        first_check.send(
            registration,
            reset.shown,
            flow=reset.flow,
            settings=ruleset.settings,
            actor=reset.visitor,
        )
