from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody asks by it alone: within a person, the constraint's own index serves."""

    dependencies = [("methods", "0003_index_for_look_ups")]

    operations = [
        migrations.AlterField(
            model_name="registration",
            name="fingerprint",
            field=models.CharField(blank=True, editable=False, max_length=43),
        ),
    ]
