"""Cases of the helpdesk, and what was done in them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from securityinfo import clock

if TYPE_CHECKING:
    from accounts.models import User

CODE = "code"  # of the policy's `caller_checks`: proved by a registered method
MANAGER = "manager"  # the one check that names somebody
APPROVED_WITHIN = timedelta(hours=1)


class Called(models.Model):
    """Two words that an agent and the person see at the same time: each knows the other is real."""

    caller_words = models.CharField(max_length=30, blank=True, editable=False)
    caller_words_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def words_of_caller(self) -> str:
        """What an agent who is talking to this person says; empty if nobody is."""
        until = self.caller_words_until
        return self.caller_words if until and until > clock.now() else ""


class CaseQuerySet(models.QuerySet["HelpdeskCase"]):
    def of(self, person: User) -> CaseQuerySet:
        return self.filter(person=person)

    def led_by(self, agent: User) -> CaseQuerySet:
        return self.filter(agent=agent)

    def not_closed(self) -> CaseQuerySet:
        """At most one for each person; its time may be over."""
        return self.filter(closed_at=None)

    def current(self) -> CaseQuerySet:
        """By the database's clock: the check is under way, or the case is open."""
        return self.not_closed().filter(ends_at__gt=Now())

    def checking(self) -> CaseQuerySet:
        return self.current().filter(opened_at=None)

    def open(self) -> CaseQuerySet:
        """The caller has been checked, and not too long ago."""
        return self.current().exclude(opened_at=None)

    def over(self) -> CaseQuerySet:
        return self.filter(begun_at__lt=Now() - HelpdeskCase.KEPT)


class HelpdeskCase(models.Model):
    """One contact between an agent and a caller: the check, the reason, the actions."""

    KEPT: ClassVar = timedelta(days=30)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cases_led"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="helpdesk_cases"
    )
    reason = models.CharField(max_length=500)
    ticket = models.CharField(max_length=50, blank=True)
    check_name = models.CharField(max_length=20)
    manager = models.CharField(max_length=150, blank=True)
    # Of the check by a code: the kind and mask of the method, and what was asked of it.
    kind = models.SlugField(max_length=40, blank=True, db_index=False)
    masked = models.CharField(max_length=300, blank=True)
    method = models.UUIDField(null=True)
    challenge = models.UUIDField(null=True)
    words = models.CharField(max_length=30)  # agent and caller see the same two (HD13)
    begun_at = models.DateTimeField(db_default=Now(), db_index=True)
    opened_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(closed_at=None),
                name="accounts_one_case_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.public_id}"

    @property
    def is_checked(self) -> bool:
        return self.opened_at is not None


class Action(models.TextChoices):
    """What an agent may do, by the last part of its address."""

    DELETE = "delete", _("Delete a method")
    REREGISTER = "reregister", _("Require re-registration")
    END_SESSIONS = "end-sessions", _("End sessions")
    UNLOCK = "unlock", _("Unlock")
    LIFT_FREEZE = "lift-freeze", _("Lift freeze")
    PASS = "pass", _("Temporary access pass")


class State(models.TextChoices):
    """What has become of an action."""

    WAITING = "waiting", _("Waits for a second person")
    AGREED = "agreed", _("Agreed")  # and still to be done by whoever asked
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    CANCELED = "canceled", _("Canceled")


class ActionQuerySet(models.QuerySet["HelpdeskAction"]):
    def of(self, person: User) -> ActionQuerySet:
        return self.filter(case__person=person)

    def done(self) -> ActionQuerySet:
        return self.filter(state=State.DONE)

    def waiting(self) -> ActionQuerySet:
        """Those that a second person may still decide."""
        recent = Now() - APPROVED_WITHIN
        return self.filter(state=State.WAITING, asked_at__gt=recent, case__closed_at=None)

    def agreed(self) -> ActionQuerySet:
        return self.filter(state=State.AGREED, asked_at__gt=Now() - APPROVED_WITHIN)

    def within(self, days: int) -> ActionQuerySet:
        return self.filter(done_at__gt=Now() - timedelta(days=days))


class HelpdeskAction(models.Model):
    """One action in a case: done, or asked of a second person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(HelpdeskCase, on_delete=models.CASCADE, related_name="actions")
    name = models.CharField(max_length=20, choices=Action)
    token = models.CharField(max_length=36)  # of the form that was sent: a second click finds it
    details = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State)
    asked_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[ActionQuerySet] = ActionQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("helpdesk action")
        verbose_name_plural = _("helpdesk actions")
        constraints = [
            models.UniqueConstraint(fields=["case", "token"], name="accounts_one_action_a_form"),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state=State.WAITING),
                name="accounts_actions_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
