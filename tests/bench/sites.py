"""The environment in which the benchmarks run: as in production, with a database of their own."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.servers.postgres import Postgres

PUBLIC_HOST = "bench.example"
CSRF = "c" * 32  # a browser that was here before has it
PASSWORD = "bench staple horse battery 27"  # of those who sign in

ENVIRONMENT = {
    "SECURITYINFO_PUBLIC_URL": f"https://{PUBLIC_HOST}",
    "SECURITYINFO_TRUSTED_PROXIES": "127.0.0.1",
    "SECURITYINFO_SECRET_KEY": "bench-only-0123456789abcdefghijklmnopqrstuvwxyz0123",
    "SECURITYINFO_ENCRYPTION_KEYS": f"b1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "REDIS_URL": "redis://127.0.0.1:1/0",  # reading a page asks no broker
    "EMAIL_URL": "smtp+plain://127.0.0.1:1",
    "SECURITYINFO_LOG_LEVEL": "WARNING",
    "WEB_CONCURRENCY": "2",
}


def run(environment: dict[str, str], *module: str) -> str:
    """What a module of the bench prints in this environment."""
    done = subprocess.run(
        [sys.executable, "-m", *module],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.rstrip()


def environment(server: Postgres, folder: Path, name: str = "page") -> dict[str, str]:
    """A new database for the application or the floor."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SECURITYINFO_")}
    inherited.pop("DJANGO_SETTINGS_MODULE", None)
    return (
        inherited
        | ENVIRONMENT
        | {
            "DATABASE_URL": server.create(name),
            "SECURITYINFO_STATIC_ROOT": str(folder / "static"),
        }
    )
