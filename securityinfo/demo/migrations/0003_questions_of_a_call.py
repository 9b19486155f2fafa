from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demo", "0002_phone_calls")]

    operations = [
        migrations.RemoveField(model_name="demomessage", name="keys_go_to"),
        migrations.AddField(
            model_name="demomessage",
            name="questions",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
