"""Which environment variables this installation has read, and which it has not."""

from __future__ import annotations

import os

from securityinfo import env

OURS = ("SECURITYINFO_", "TWILIO_")


def all_readings() -> list[env.Reading]:
    """Those of the settings, then those that only gunicorn reads."""
    env.text("BIND", "127.0.0.1")
    env.text("PORT", "8000")
    env.text("WEB_CONCURRENCY", "2")
    return list(env.readings.values())


def unused() -> list[str]:
    """Names like ours that are set, and that nothing in this process has asked for."""
    known = set(env.readings)
    known |= {f"{each.name}_FILE" for each in env.readings.values() if each.may_be_a_file}
    return sorted(
        name
        for name, value in os.environ.items()
        if name.startswith(OURS) and value.strip() and name not in known
    )
