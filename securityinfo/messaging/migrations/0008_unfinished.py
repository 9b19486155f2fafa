from __future__ import annotations

from django.db import migrations, models

from securityinfo.postgresql.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """What the sweeper looks through, in place of messaging_waiting."""

    atomic = False
    dependencies = [("messaging", "0007_country")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("finished_at", None)),
                fields=["category", "next_try_at"],
                name="messaging_unfinished",
            ),
        ),
    ]
