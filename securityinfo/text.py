"""How values are written so that they can be shown anywhere."""

from __future__ import annotations

from django.utils.translation import gettext as _


def mask_address(address: str) -> str:
    """The first letter, three dots and the domain: "a•••@example.net"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def browser_in_words(kept: str) -> str:
    """What network.browser_words made, "Firefox on Windows", in the reader's language."""
    name, on, system = kept.partition(" on ")
    if not on:
        return kept
    # Translators: as in "Firefox on Windows"
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
