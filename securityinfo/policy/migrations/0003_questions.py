"""Which security questions are offered: built-in ones switched off, own ones added."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policy", "0002_cautions")]

    operations = [
        migrations.AddField(
            model_name="orgpolicy",
            name="questions_off",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Nobody can choose these any more; who has chosen one before keeps it.",
                verbose_name="questions not offered",
            ),
        ),
        migrations.AddField(
            model_name="orgpolicy",
            name="own_questions",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text=(
                    "One a line, at most 20, each of 3 to 200 characters: "
                    "offered beside the built-in ones."
                ),
                verbose_name="own questions",
            ),
        ),
    ]
