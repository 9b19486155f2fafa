"""`manage.py flush`, which the guards of the audit log would stop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from securityinfo.audit import guards


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The audit log is never emptied. Make a new database instead.")
        with guards.lifted(connections[options["database"]]):
            super().handle(**options)
