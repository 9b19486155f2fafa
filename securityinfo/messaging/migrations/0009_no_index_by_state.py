from __future__ import annotations

from django.db import migrations

from securityinfo.postgresql.operations import RemoveIndexConcurrently


class Migration(migrations.Migration):
    """PostgreSQL went through all waiting messages in it to find one by its id."""

    atomic = False
    dependencies = [("messaging", "0008_unfinished")]

    operations = [RemoveIndexConcurrently(model_name="message", name="messaging_waiting")]
