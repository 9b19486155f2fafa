from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What the helpdesk looks for, and what the hourly clearing does."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("methods", "0002_keyed_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["channel"], name="methods_channel"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("confirmed", False)),
                fields=["created_at"],
                name="methods_unfinished",
            ),
        ),
    ]
