"""A temporary access pass that was issued for a new password: the only check of one reset (TP3)."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts import reset
from accounts.models import TemporaryPass
from accounts.reset import UnderWay
from accounts.reset_models import PasswordReset
from methods import changes, contacts, registry
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import pass_notices


@transaction.atomic
def go_on(request: HttpRequest, under_way: UnderWay, used: TemporaryPass) -> bool:
    """Whose reset it is, the record, the notice; False if another click was faster.

    The pass still opens the one sign-in that follows, and no second reset.
    """
    user, row = changes.lock(used.user), under_way.reset  # first, as every change does
    same = TemporaryPass.objects.for_reset().filter(pk=used.pk)
    unproved = PasswordReset.objects.as_read(row)
    is_first = (
        user.is_active
        and same.update(reset_at=Now()) == 1
        and unproved.update(user=user, by_pass=used, epoch=user.access_epoch) == 1
    )
    if not is_first:
        transaction.set_rollback(True)
        return False
    row.user, row.by_pass, row.epoch = user, used, user.access_epoch
    method, actor = registry.issued(), Actor.of(request).acting_as(user)
    event = log.record(
        tags.RESET_CHECK_PASSED,
        actor=actor,
        subject=user.public_id,
        kind=method.kind if method else "",
    )
    log.record(tags.PASS_USED, actor=actor, subject=user.public_id, purpose="reset")
    told = contacts.contacts_of(user)
    pass_notices.used_to_reset(user, contacts=told, actor=actor, event=event)
    reset.go_on(request, under_way)
    return True
