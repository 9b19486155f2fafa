"""`manage.py createsuperuser`: Django's; other administrators hear of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from accounts import staff_news
from accounts.models import Role, User
from securityinfo.actor import COMMAND_LINE


class Command(createsuperuser.Command):
    help = "Make an administrator with a password. Better: create_administrator, which asks none."

    def handle(self, *args: Any, **options: Any) -> None:
        administrators = User.objects.filter(role=Role.ADMINISTRATOR)
        known = set(administrators.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in administrators.exclude(pk__in=known):
            staff_news.tell(user, had=frozenset(), actor=COMMAND_LINE)
