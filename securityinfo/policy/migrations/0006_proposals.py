"""What is looked at before it is saved."""

import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policy', '0005_second_approver'),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('author', models.UUIDField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
                ('changes', models.JSONField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('restores', models.PositiveIntegerField(null=True)),
                ('understood', models.JSONField(default=list)),
                ('logo', models.BinaryField(null=True)),
                ('logo_type', models.CharField(blank=True, max_length=20)),
            ],
        ),
    ]
