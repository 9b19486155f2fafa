from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers that a provider has refused for good."""

    dependencies = [("methods", "0005_unique_names")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="undeliverable",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
        migrations.AddField(
            model_name="registration",
            name="undeliverable_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
