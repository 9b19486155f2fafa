"""The methods app: tells policy which kinds there are."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MethodsConfig(AppConfig):
    name = "methods"
    verbose_name = _("Methods")

    def ready(self) -> None:
        from methods import courier  # noqa: PLC0415 - models exist only from here on
        from securityinfo.messaging import outcomes  # noqa: PLC0415 - as above

        outcomes.listen(courier.record_end)
        post_migrate.connect(_create_rules, sender=self)


def _create_rules(**_kwargs: Any) -> None:
    """A rule for each kind found; those that exist stay as the organization set them."""
    from methods import registry  # noqa: PLC0415 - the registry loads models, which must be ready
    from securityinfo.policy import service  # noqa: PLC0415 - as above

    service.ensure_rules(method.initial_rule for method in registry.all_methods())
