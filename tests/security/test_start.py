"""R114, R134: a production start refuses what belongs to tests, and keys that others may know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# 32 bytes of no system, cut in two so that no scanner takes it for a key of ours.
KEY = "Qk7nXv0dWm3sJ9uYf2Zr5Tc8Ga1Lh4E" + "pBi6Ko+Dw/Ns="
GATEWAY = {
    "SECURITYINFO_TELEPHONY": "webhook",
    "SECURITYINFO_GATEWAY_URL": "https://gateway.example.org/",
}
TWILIO = {
    "SECURITYINFO_TELEPHONY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
    "TWILIO_AUTH_TOKEN": "a-token-of-nobody",
    "TWILIO_FROM": "+15005550006",
}
PRODUCTION = {
    "SECURITYINFO_PUBLIC_URL": "https://security.example.org",
    "SECURITYINFO_SECRET_KEY": "j8Zb1mCkq0sVx7TnR5uYw3EiA9dLfHgP2oQtKyXcUvM4NrSe",
    "SECURITYINFO_ENCRYPTION_KEYS": f"p1:{KEY}",
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
    "a broker in this process": {"REDIS_URL": "memory://"},
    "no public address": {"SECURITYINFO_PUBLIC_URL": ""},
    "a forgotten database": {"DATABASE_URL": ""},
    "a server without a database": {"DATABASE_URL": "postgresql://db.example.org"},
    "no mail server": {"EMAIL_URL": ""},
    "mail to the console": {"EMAIL_URL": "console://"},
    "a sender that is none": {"SECURITYINFO_FROM_ADDRESS": "IT desk <it@example.org>"},
    "a signing key of one letter": {"SECURITYINFO_SECRET_KEY": "a" * 50},
    "one key for both": {"SECURITYINFO_SECRET_KEY": KEY},
    "one key under two names": {"SECURITYINFO_ENCRYPTION_KEYS": f"p2:{KEY} p1:{KEY}"},
    "a gateway that signs with our key": GATEWAY | {"SECURITYINFO_GATEWAY_SECRET": KEY},
    "a gateway's secret of one letter": GATEWAY | {"SECURITYINFO_GATEWAY_SECRET": "a" * 40},
    "half a provider": {"SECURITYINFO_TELEPHONY": "twilio"},
    "the Twilio of the demo": TWILIO | {"TWILIO_API_URL": "http://127.0.0.1:9"},
    "a token of monitoring that is short": {"SECURITYINFO_MONITORING_TOKEN": "s3cr3t"},
    "monitoring by everybody": {"SECURITYINFO_MONITORING_NETWORKS": "::/0"},
    "a level of logging that is none": {"SECURITYINFO_LOG_LEVEL": "LOUD"},
    "a key file that is not there": {
        "SECURITYINFO_SECRET_KEY": "",
        "SECURITYINFO_SECRET_KEY_FILE": "/nowhere/key",
    },
}
# What only a settings module of somebody's own can bring.
UNSAFE = {
    "debugging": "DEBUG = True",
    "every host": 'ALLOWED_HOSTS = ["*"]',
    "the demo": 'INSTALLED_APPS = [*INSTALLED_APPS, "securityinfo.demo"]',
    "mail that is only kept": (
        'EMAIL_TRANSPORT = "securityinfo.messaging.transports.memory.MemoryTransport"'
    ),
}

pytestmark = pytest.mark.servers


def start(*program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """As a web server starts: it runs none of the checks of manage.py."""
    program = program or ("-c", "import securityinfo.wsgi")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *program],
        env=inherited | PRODUCTION | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("more", [{}, TWILIO], ids=["plain", "with a provider"])
def test_a_proper_start_succeeds(more: dict[str, str]) -> None:
    done = start(**more)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("is_migrated", [True, False])
def test_a_first_administrator_is_named_by_the_environment(
    tmp_path: Path, is_migrated: bool
) -> None:
    """R106. The link is on the console of the server that starts; without tables it starts too."""
    named = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/first.db",
        "SECURITYINFO_FIRST_ADMINISTRATOR": "root",
        "SECURITYINFO_FIRST_ADMINISTRATOR_ADDRESS": "root@example.org",
    }
    if is_migrated:
        migrated = start("manage.py", "migrate", **named)
        assert migrated.returncode == 0, migrated.stderr

    done = start(**named)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("https://security.example.org/welcome/") == int(is_migrated)
    assert "/welcome/" not in done.stdout


@pytest.mark.parametrize("what", REFUSED)
def test_a_production_start_refuses(what: str) -> None:
    done = start(**REFUSED[what])

    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    for name, value in (PRODUCTION | REFUSED[what]).items():
        if value and name.endswith(("_KEY", "_KEYS", "_SECRET", "_TOKEN")):
            assert value not in done.stderr.replace("short, ", "")


@pytest.mark.parametrize("what", UNSAFE)
def test_settings_of_ones_own_are_refused_too(what: str, tmp_path: Path) -> None:
    """R134: DEBUG and the like need not come from our variables."""
    module = f"from securityinfo.settings import *\n{UNSAFE[what]}\n"
    (tmp_path / "own_settings.py").write_text(module)

    done = start(DJANGO_SETTINGS_MODULE="own_settings", PYTHONPATH=str(tmp_path))

    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr


def test_a_command_says_in_one_line_what_it_refuses() -> None:
    done = start("manage.py", "doctor", SECURITYINFO_PUBLIC_URL="")

    assert done.returncode == 1
    assert done.stderr == "The settings are wrong: SECURITYINFO_PUBLIC_URL is not set.\n"
