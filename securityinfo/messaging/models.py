"""The outbox: one row for each delivery, written together with what caused it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from securityinfo.crypto import EncryptedJSONField
from securityinfo.messaging.content import Channel

if TYPE_CHECKING:
    from accounts.models import User


class State(models.TextChoices):
    """`pending → claimed → calling → sent → delivered`, or one of the other ends."""

    PENDING = "pending"
    CLAIMED = "claimed"  # a worker composes it
    CALLING = "calling"  # committed just before the provider is contacted
    SENT = "sent"  # taken by the provider; of an email nobody learns more
    DELIVERED = "delivered"
    STALE = "stale"  # nobody wants it any more
    EXPIRED = "expired"  # a code that was too late before it was sent
    FAILED = "failed"
    UNKNOWN = "unknown"  # the provider may have taken it, and a repeat would cost money


class Progress(models.TextChoices):
    """How far a call came; only forward, see securityinfo/messaging/reports.py."""

    NONE = ""
    RINGING = "ringing"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CANCELED = "canceled"
    ENDED = "ended"  # hung up, and no keys were pressed
    KEYED = "keyed"  # the keys of the one try are being judged
    RIGHT = "right"
    WRONG = "wrong"
    SILENCE = "silence"  # also: a voicemail
    REPORTED = "reported"
    OVER = "over"


WAITING = (State.PENDING, State.CLAIMED, State.CALLING)


class Category(models.TextChoices):
    """Codes and notices have their own lives, retries and queues."""

    CODE = "code"
    NOTICE = "notice"


class Reason(models.TextChoices):
    """Why a delivery ended as it did, or is tried again."""

    NONE = ""
    DOWN = "down"  # the provider certainly did not take it
    UNDELIVERABLE = "undeliverable"  # address or number refused by the provider, for good
    OPTED_OUT = "opted_out"
    UNREACHED = "unreached"  # not for now; nothing is wrong with the number itself
    REFUSED = "refused"  # by us: policy no longer lets it be reached
    HELD = "held"  # a notice that waits for its channel, or for another day
    MISCONFIGURED = "misconfigured"  # only the operator can help
    UNKNOWN = "unknown"  # the provider did not say whether it took it
    LOST = "lost"  # the worker was
    ERROR = "error"  # the message could not be made


# What a provider says of a number, and will say again of the next message to it (R028).
DEAD = (Reason.UNDELIVERABLE, Reason.OPTED_OUT)


class MessageQuerySet(models.QuerySet["Message"]):
    def judged(self, channel: str, destination: str) -> Self:
        """What a provider took, or refused for good, at this destination; the latest one first."""
        verdict = models.Q(state__in=(State.SENT, State.DELIVERED)) | models.Q(
            state=State.FAILED, reason__in=DEAD
        )
        there = self.filter(channel=channel, destination=destination).exclude(destination="")
        return there.filter(verdict).order_by("-finished_at")

    def unfinished(self) -> Self:
        """Those in a state of WAITING; for who looks at all of them, this leads to their index."""
        return self.filter(finished_at=None)

    def codes_for(self, reference: uuid.UUID, generation: int) -> Self:
        return self.filter(category=Category.CODE, reference=reference, generation=generation)

    def told_at_once(self, user: User, topics: Iterable[str], *, since: Any) -> dict[str, datetime]:
        """When this person was told of each of these last; messages of several don't count."""
        told = self.filter(user=user, topic__in=list(topics), folds=0, created_at__gt=since)
        return dict(told.order_by("created_at").values_list("topic", "created_at"))

    def folding(self, user: User, topic: str) -> Self:
        """The message of several that still waits for its time, by the database's clock."""
        return self.filter(
            user=user, topic=topic, folds__gt=0, state=State.PENDING, tries=0, next_try_at__gt=Now()
        )

    def undelivered_notices(self) -> Self:
        """What nobody was told there, the oldest first."""
        failed = self.filter(category=Category.NOTICE, state=State.FAILED)
        return failed.order_by("created_at")

    def known_to_provider_as(self, provider_id: str) -> Self:
        """None for an empty id: many messages have none."""
        return self.filter(provider_id=provider_id).exclude(provider_id="")


class Message(models.Model):
    """One delivery. Holds no code; what a notice says is sealed and wiped at the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages"
    )
    job = models.CharField(max_length=60)  # the task that composes and sends it
    category = models.CharField(max_length=10, choices=Category)
    channel = models.CharField(max_length=10)
    masked = models.CharField(_("to"), max_length=300, blank=True)  # safe to show: "a•••@…"
    reference = models.UUIDField()  # the challenge or the notice
    generation = models.PositiveIntegerField(default=0)
    # Where to, as a keyed fingerprint: outlives the method, and says nothing about the number.
    destination = models.CharField(max_length=43, blank=True, editable=False)
    # Of the number, in two letters; empty for emails. A report of costs asks for it.
    country = models.CharField(max_length=3, blank=True, editable=False)
    # Of a notice: what it tells to whom, as a keyed fingerprint; the same again is folded. How many
    # it tells of, if it is the further message of several; 0 for one that was told at once.
    topic = models.CharField(max_length=43, blank=True, editable=False)
    folds = models.PositiveIntegerField(default=0, editable=False)
    language = models.CharField(max_length=10)
    sealed = EncryptedJSONField(bound_to="id", null=True, blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    tries = models.PositiveIntegerField(default=0)  # claims; the number fences an older worker off
    faults = models.PositiveSmallIntegerField(default=0)  # tries that ended without any answer
    lease_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(db_default=Now(), null=True, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=100, blank=True)
    progress = models.CharField(max_length=10, choices=Progress, blank=True, default=Progress.NONE)
    # What a call says, for as long as it may ask: nothing in it is secret or about a person.
    script = models.JSONField(null=True, blank=True)

    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reference", "generation"],
                condition=models.Q(category=Category.CODE),
                name="messaging_one_message_per_code",
            ),
            models.UniqueConstraint(
                fields=["user", "topic"],
                condition=models.Q(folds__gt=0, tries=0, state=State.PENDING),
                name="messaging_one_fold_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="messaging_known_state"
            ),
            models.CheckConstraint(
                condition=models.Q(progress__in=Progress.values), name="messaging_known_progress"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Not by state: statements about one message would be led here too, through thousands.
            models.Index(
                fields=["category", "next_try_at"],
                condition=models.Q(finished_at=None),
                name="messaging_unfinished",
            ),
            models.Index(fields=["finished_at"], name="messaging_finished"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(category=Category.NOTICE, state=State.FAILED),
                name="messaging_undelivered",
            ),
            models.Index(fields=["-created_at", "-id"], name="messaging_newest"),
            models.Index(
                fields=["provider_id"],
                condition=~models.Q(provider_id=""),
                name="messaging_provider_id",
            ),
            models.Index(
                fields=["destination", "channel", "finished_at"],
                condition=~models.Q(destination=""),
                name="messaging_destination",
            ),
            models.Index(
                fields=["user", "topic", "created_at"],
                condition=~models.Q(topic=""),
                name="messaging_topic",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_paid(self) -> bool:
        """Whether a repeat costs money: then an unclear outcome is never repeated."""
        return self.channel != Channel.EMAIL
