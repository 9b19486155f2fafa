"""What the simulated phone and mailbox received."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# In an email the code stands alone on its line; in a text message it ends the last one.
_SHOWN_CODE = re.compile(r"^(?:@\S+ #)?(\d{6})\r?$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\r?\n\s*\n")
HUES = 5


class Channel(models.TextChoices):
    EMAIL = "email", _("Email")
    TEXT = "sms", _("Text message")
    CALL = "call", _("Phone call")


class State(models.TextChoices):
    SENT = "sent", _("Received")
    RINGING = "ringing", _("Ringing")
    ANSWERED = "answered", _("Answered")
    MISSED = "missed", _("Missed")


class DemoMessageQuerySet(models.QuerySet["DemoMessage"]):
    def newest_first(self) -> Self:
        return self.select_related("user").order_by("-sent_at", "-pk")

    def of(self, username: str) -> Self:
        """The messages of one person; an empty name means everybody's."""
        return self.filter(user__username=username) if username else self.all()


class DemoMessage(models.Model):
    """One arrived message, under the id of the delivery that brought it: twice is once."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="demo_messages",
    )
    channel = models.CharField(max_length=10, choices=Channel)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    sent_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    # Texts and calls: Twilio's name for it, what was asked of Twilio, and what a call waits for.
    sid = models.CharField(max_length=34, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    questions = models.JSONField(default=list, blank=True)  # fields of twiml.Gather, asked in turn
    silence_goes_to = models.CharField(max_length=200, blank=True)
    keyed = models.CharField(max_length=10, blank=True)
    reports = models.PositiveSmallIntegerField(default=0)

    objects = DemoMessageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-sent_at"], name="demo_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"

    @property
    def is_ringing(self) -> bool:
        return self.state == State.RINGING

    @property
    def is_asking(self) -> bool:
        """Whether the call waits for keys."""
        return bool(self.questions)

    @property
    def digits(self) -> str:
        """The code that the message carries, as the phone of a person would offer it; or empty."""
        found = _SHOWN_CODE.search(self.body)
        return found[1] if found else ""

    @property
    def headline(self) -> str:
        if self.channel != Channel.EMAIL:
            return self.get_channel_display()
        return self.subject or self.text.partition("\n")[0]

    @property
    def initial(self) -> str:
        """For the round picture of the person."""
        return self.user.get_full_name()[:1].upper() if self.user else "?"

    @property
    def hue(self) -> int:
        """Which of the colors of demo.css stands for the person."""
        return (self.user_id or 0) % HUES

    @property
    def preview(self) -> str:
        """What it is about: of a mail the paragraph below the name, of a call what it said last."""
        paragraphs = [each.strip() for each in _BLANK_LINE.split(self.text)]
        if self.channel == Channel.CALL:
            return paragraphs[-1]
        return paragraphs[1 if len(paragraphs) > 1 and self.channel == Channel.EMAIL else 0]

    @property
    def text(self) -> str:
        """The body without the line breaks around it."""
        return self.body.strip()

    def as_data(self) -> dict[str, Any]:
        """One entry of `/demo/phone.json`."""
        return {
            "id": str(self.id),
            "user": self.user.username if self.user else "",
            "channel": self.channel,
            "to": self.to,
            "subject": self.subject,
            "body": self.body,
            "sent_at": self.sent_at.isoformat(),
            "state": self.state,
        }
