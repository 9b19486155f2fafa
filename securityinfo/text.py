"""How values are written so that they can be shown anywhere."""

from __future__ import annotations


def mask_address(address: str) -> str:
    """The first letter, three dots and the domain: "a•••@example.net"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
