import uuid

from django.db import migrations, models


def name_those_there_are(apps, schema_editor):
    """A default is worked out once for all rows; each needs its own."""
    Session = apps.get_model('accounts', 'Session')
    for session in Session.objects.all().iterator():
        Session.objects.filter(pk=session.pk).update(public_id=uuid.uuid4())


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_password_changed_at"),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RunPython(name_those_there_are, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='session',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
