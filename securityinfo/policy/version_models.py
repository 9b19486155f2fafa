"""The versions of the policy: each as a whole, with who made it, when and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 200


class PolicyVersion(models.Model):
    """The policy as it was saved. Written once, with the change itself; never changed."""

    number = models.PositiveIntegerField(_("version"), unique=True, editable=False)
    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    # By their public id, like the events; empty for what was there before the first save.
    author = models.UUIDField(null=True, editable=False, db_index=True)
    author_role = models.CharField(max_length=20, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True, editable=False)
    # The older version that was gone back to, if that is how this one came about.
    restores = models.PositiveIntegerField(null=True, editable=False)
    # See `draft.State`; `changes` has the old and the new value of what differs from the one before
    state = models.JSONField(editable=False)
    changes = models.JSONField(default=dict, editable=False)

    objects: ClassVar[models.Manager[PolicyVersion]] = models.Manager()

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ["-number"]

    def __str__(self) -> str:
        return gettext("Version %(number)s") % {"number": self.number}
