"""What deploy/ and compose.yaml say agrees with the application."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROLES = ("web", "worker", "scheduler", "migrate", "manage")


def run(role: str, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """deploy/run, with programs that only say what they were started with."""
    for name in ("gunicorn", "celery", "python"):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho "$(basename "$0") $*"\n')
        program.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "run", role, *arguments],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("role", "started"),
    [
        ("web", "gunicorn --reload"),
        ("worker", "celery -A securityinfo.celery worker --reload"),
        (
            "scheduler",
            "celery -A securityinfo.celery beat --schedule /tmp/schedule --pidfile  --reload",
        ),
        ("migrate", "python manage.py migrate --no-input --reload"),
        ("manage", "python manage.py --reload"),
    ],
)
def test_a_role_starts_its_process_with_the_rest_of_the_arguments(role, started, tmp_path):
    assert run(role, tmp_path, "--reload").stdout.strip() == started


def test_another_role_is_refused_in_words(tmp_path):
    refused = run("webb", tmp_path)

    assert refused.returncode == 64
    assert "There is no role 'webb'" in refused.stderr


def test_secrets_are_made_once_and_closed_to_others(tmp_path):
    script = tmp_path / "deploy" / "make-secrets"
    script.parent.mkdir()
    script.write_text((ROOT / "deploy" / "make-secrets").read_text())

    said = subprocess.run(["/bin/sh", script], capture_output=True, text=True, check=True).stdout
    first = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    subprocess.run(["/bin/sh", script], capture_output=True, check=True)
    second = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}

    assert "secrets/email_url" in said
    assert first == second
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert first["database_password"] in first["database_url"]
    assert len(set(first.values())) == len(first)


def test_compose_asks_for_the_secrets_that_are_made():
    compose = (ROOT / "compose.yaml").read_text()
    made = set(re.findall(r"^keep (\w+)", (ROOT / "deploy" / "make-secrets").read_text(), re.M))

    assert set(re.findall(r"file: secrets/(\w+)", compose)) == made | {"email_url"}


def test_services_name_programs_that_the_environment_has():
    for file in (ROOT / "deploy" / "systemd").glob("*.service"):
        command = re.search(
            r"^ExecStart=/opt/securityinfo/\.venv/bin/(\w+)", file.read_text(), re.M
        )

        assert command, file.name
        assert command[1] in ("gunicorn", "celery")
