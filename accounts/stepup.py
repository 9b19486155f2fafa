"""Confirm it's you: until methods can be asked for a proof, the password is."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.views.decorators.debug import sensitive_variables

from accounts import signin
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.audit import log, tags


@sensitive_variables("password")
def confirm(request: HttpRequest, password: str) -> bool:
    """Whether it is this person's password; then the session is fresh, under a new id.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    user = request.user
    proved = signin.prove_password(
        request, typed=user.get_username(), password=password, purpose="confirm"
    )
    if proved is None or proved.pk != user.pk:
        return False
    with transaction.atomic():
        actor = Actor.of(request)
        log.record(tags.STEP_UP_COMPLETED, actor=actor, subject=user.public_id, purpose="confirm")
    request.session.cycle_key()
    rotate_token(request)
    freshness.mark(request)
    return True
