"""Ports that nobody listens on."""

from __future__ import annotations

import socket


def free() -> int:
    """A free port on loopback; somebody else may take it before we do, which then fails loudly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
