from __future__ import annotations

from django.db import migrations

from securityinfo.audit import guards


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(guards.migrate_forwards, guards.migrate_backwards)]
