"""The counters: hits of one key in one fixed window."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """Times are Unix seconds by the database's clock: the same arithmetic on every database."""

    key = models.CharField(max_length=120)  # name of the limit, then whose fingerprint
    window_start = models.BigIntegerField()
    hits = models.PositiveIntegerField(default=0)
    hold_until = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "window_start"], name="throttling_one_counter_a_window"
            ),
        ]
        indexes = [models.Index(fields=["window_start"], name="throttling_old_windows")]

    def __str__(self) -> str:
        return f"{self.key} from {self.window_start}"
