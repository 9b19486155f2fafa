"""How challenges end, and what was keyed into the phone of one that calls."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """How a challenge ended."""

    VERIFIED = "verified", _("verified")
    EXHAUSTED = "exhausted", _("too many wrong answers")
    REPLACED = "replaced", _("replaced by a newer one")
    CANCELED = "canceled", _("canceled")
    DISOWNED = "disowned", _("reported by the person who was called")


class Keyed(models.TextChoices):
    """What was keyed into the phone for this generation: one try each."""

    WRONG = "wrong"  # also while it is being compared
    RIGHT = "right"
