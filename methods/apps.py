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
        # Models exist only from here on.
        from methods import calls, courier, registry, undeliverable
        from securityinfo.messaging import calls as telephone
        from securityinfo.messaging import outcomes, texts
        from securityinfo.policy import layout

        outcomes.listen(courier.record_end)
        outcomes.listen(undeliverable.note)
        texts.before_notice(courier.check_notice)
        telephone.on_keys(calls.keys_pressed)
        telephone.on_answer(calls.is_wanted)
        for method in registry.all_methods():
            for setting, choices in method.setting_choices.items():
                layout.offer(setting, choices)
        post_migrate.connect(_create_rules, sender=self)


def _create_rules(**_kwargs: Any) -> None:
    """A rule for each kind found; those that exist stay as the organization set them."""
    from methods import registry  # loads models, too
    from securityinfo.policy import initial

    initial.ensure_rules(method.initial_rule for method in registry.all_methods())
