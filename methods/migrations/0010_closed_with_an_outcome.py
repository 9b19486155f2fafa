from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The one is asked for where the index of the other would mislead PostgreSQL."""

    dependencies = [("methods", "0009_created_by_one_clock")]

    operations = [
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at", None), ("outcome", ""))
                | (~models.Q(("closed_at", None)) & ~models.Q(("outcome", ""))),
                name="methods_closed_with_an_outcome",
            ),
        ),
    ]
