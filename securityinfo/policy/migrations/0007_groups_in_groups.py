"""Groups may stand in groups."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('policy', '0006_proposals'),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('group', 'part'), name='policy_group_part_once'), models.CheckConstraint(condition=models.Q(('group', models.F('part')), _negated=True), name='policy_group_not_in_itself')],
            },
        ),
    ]
