"""No two methods of one person have the same name."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("methods", "0004_no_index_on_fingerprint")]

    operations = [
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(confirmed=True) & ~Q(name=""),
                name="methods_name_once_per_person",
            ),
        ),
    ]
