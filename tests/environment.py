"""The environment variables of the tests, whatever the caller's own are."""

from __future__ import annotations

import os

# Set by tests/plugin.py, inherited by xdist's workers.
TEST_DATABASE_URL = "SECURITYINFO_TEST_DATABASE_URL"

# Read by whoever might otherwise reach a service that happens to run on this machine.
NOT_INHERITED = (
    "DATABASE_URL",
    "EMAIL_URL",
    "REDIS_URL",
    "SECURITYINFO_AUDIT_ANCHOR",
    "SECURITYINFO_BROKER_DIR",
    "SECURITYINFO_ENCRYPTION_KEYS_FILE",
    "SECURITYINFO_FIRST_ADMINISTRATOR",
    "SECURITYINFO_FIRST_ADMINISTRATOR_ADDRESS",
    "SECURITYINFO_MONITORING_NETWORKS",
    "SECURITYINFO_MONITORING_TOKEN",
    "SECURITYINFO_MONITORING_TOKEN_FILE",
    "SECURITYINFO_SECRET_KEY_FILE",
    "SECURITYINFO_TELEPHONY",
    "SECURITYINFO_TRUSTED_PROXIES",
)


def variables() -> dict[str, str]:
    """Everything the settings read, with the database that pytest was asked for."""
    return dict.fromkeys(NOT_INHERITED, "") | {
        "DATABASE_URL": os.environ.get(TEST_DATABASE_URL) or "sqlite:///:memory:",
        "SECURITYINFO_DEBUG": "off",
        "SECURITYINFO_DEMO": "off",
        "SECURITYINFO_ENCRYPTION_KEYS": "t1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "SECURITYINFO_PUBLIC_URL": "http://testserver",
        "SECURITYINFO_SECRET_KEY": "testing-only-0123456789abcdefghijklmnopqrstuvwxyz",
        "SECURITYINFO_TESTING": "on",
        "TZ": "UTC",
    }
