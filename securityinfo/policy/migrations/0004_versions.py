"""Every change of the policy is a version, kept as a whole."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policy', '0003_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False, unique=True, verbose_name='version')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='time')),
                ('author', models.UUIDField(db_index=True, editable=False, null=True)),
                ('author_role', models.CharField(blank=True, editable=False, max_length=20)),
                ('reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason')),
                ('restores', models.PositiveIntegerField(editable=False, null=True)),
                ('state', models.JSONField(editable=False)),
                ('changes', models.JSONField(default=dict, editable=False)),
            ],
            options={
                'verbose_name': 'version of the policy',
                'verbose_name_plural': 'versions of the policy',
                'ordering': ['-number'],
            },
        ),
    ]
