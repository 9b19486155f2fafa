"""Duties by permission groups; whoever has administered so far goes on editing the policy."""

from django.db import migrations, models

EDIT_POLICY = "edit_policy"
GROUP = "Policy editors"
OTHER_NAME = "Policy editors (duty)"


def let_administrators_edit_policy(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    administrators = User.objects.filter(role="administrator")
    if not administrators.exists():
        return
    ContentType = apps.get_model("contenttypes", "ContentType")
    kind, _ = ContentType.objects.get_or_create(app_label="accounts", model="user")
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=EDIT_POLICY, defaults={"name": "edit policy"}
    )
    Group = apps.get_model("auth", "Group")
    name = OTHER_NAME if Group.objects.filter(name=GROUP).exists() else GROUP
    group = Group.objects.create(name=name)
    group.permissions.add(permission)
    group.user_set.add(*administrators)
    administrators.update(duty_rank=2)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0011_temporary_passes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("edit_policy", "edit policy"),
                    ("read_and_audit", "read and audit"),
                    ("approve_help", "approve help"),
                ],
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="duty_rank",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(let_administrators_edit_policy, migrations.RunPython.noop),
    ]
