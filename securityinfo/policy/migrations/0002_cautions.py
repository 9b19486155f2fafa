"""What an administrator has to understand before a kind is switched on, as the kind says it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="methodrule",
            name="caution",
            field=models.CharField(blank=True, default="", editable=False, max_length=200),
        ),
    ]
