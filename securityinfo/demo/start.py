"""Starts the demo from nothing: its folder, its keys, its environment; then `manage.py demo`.

Django cannot do this part: its settings need the keys.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import secrets
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(os.environ.get("SECURITYINFO_DEMO_DIR") or PROJECT / "var").resolve()
KEYS = FOLDER / "demo.env"
LOCK = FOLDER / "demo.lock"


def main(arguments: list[str]) -> None:
    os.umask(0o077)
    FOLDER.mkdir(parents=True, exist_ok=True)
    hold_lock()
    if arguments == ["reset"]:
        reset()
        return
    os.environ.update(environment(os.environ.get("PORT") or "8000"))
    command = [sys.executable, str(PROJECT / "manage.py"), "demo", *arguments]
    os.execv(command[0], command)  # noqa: S606 - the same program, now with what settings need


def hold_lock() -> None:
    """One demo at a time in one folder; whoever holds the lock has it until it ends."""
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"The demo is already running in {FOLDER}: stop it first with Ctrl-C.")
    os.set_inheritable(lock, True)


def environment(port: str) -> dict[str, str]:
    """Everything the settings read; a database and a broker of the caller's own are kept."""
    given = {
        "DATABASE_URL": f"sqlite:///{quote(str(FOLDER / 'securityinfo.db'))}",
        "SECURITYINFO_BROKER_DIR": str(FOLDER / "broker"),
        "SECURITYINFO_LOG_LEVEL": "WARNING",
    }
    fixed = {
        "DJANGO_SETTINGS_MODULE": "securityinfo.settings",
        "PORT": port,
        "SECURITYINFO_DEMO": "on",
        "SECURITYINFO_DEMO_DIR": str(FOLDER),
        "SECURITYINFO_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    own = keys()
    given = {name: os.environ.get(name) or value for name, value in given.items()}
    return given | fixed | own | telephony(port, own["SECURITYINFO_SECRET_KEY"])


def telephony(port: str, secret: str) -> dict[str, str]:
    """Texts and calls go the way of Twilio's; who plays Twilio is the demo itself."""
    token = hashlib.sha256(b"twilio" + secret.encode()).hexdigest()[:32]
    return {
        "SECURITYINFO_TELEPHONY": "twilio",
        "TWILIO_ACCOUNT_SID": f"AC{'de' * 16}",
        "TWILIO_AUTH_TOKEN": token,
        "TWILIO_FROM": "+12015550100",
        "TWILIO_API_URL": f"http://127.0.0.1:{port}/demo/gateway",
    }


def keys() -> dict[str, str]:
    """Made at random at the first start, kept afterwards: they open what is in the database."""
    if not KEYS.exists():
        encryption_key = base64.b64encode(secrets.token_bytes(32)).decode()
        aside = KEYS.with_suffix(".new")
        aside.write_text(
            f"SECURITYINFO_SECRET_KEY={secrets.token_urlsafe(48)}\n"
            f"SECURITYINFO_ENCRYPTION_KEYS=demo:{encryption_key}\n",
            encoding="utf-8",
        )
        aside.rename(KEYS)
    lines = KEYS.read_text(encoding="utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def reset() -> None:
    """Forgets everything. What DATABASE_URL or REDIS_URL name is the caller's own and stays."""
    shutil.rmtree(FOLDER)
    print("The demo is empty again. Start it with: make demo")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main(sys.argv[1:])
