"""What deploy/ and compose.yaml say agrees with the application."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ROLES = ("web", "worker", "scheduler", "migrate", "manage")


COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
# Of no use in a container: it has them from the image, or does without.
NOT_IN_COMPOSE = {"BIND", "PORT", "SECURITYINFO_BROKER_DIR", "SECURITYINFO_STATIC_ROOT"}


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
    (script.parent / "make-database").write_text("#!/bin/sh\n")

    said = subprocess.run(["/bin/sh", script], capture_output=True, text=True, check=True).stdout
    first = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    subprocess.run(["/bin/sh", script], capture_output=True, check=True)
    second = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}

    assert "secrets/email_url" in said
    assert first == second
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert first["database_password"] in first["database_url"]
    assert len(set(first.values())) == len(first)
    assert len(first["secret_key"]) >= 50


def test_what_containers_read_under_another_user_is_readable_to_them(tmp_path):
    script = tmp_path / "deploy" / "make-secrets"
    script.parent.mkdir()
    script.write_text((ROOT / "deploy" / "make-secrets").read_text())
    making = script.parent / "make-database"
    making.write_text("#!/bin/sh\n")
    making.chmod(0o700)  # a checkout under umask 077
    (tmp_path / "secrets").mkdir()
    mail = tmp_path / "secrets" / "email_url"
    mail.write_text("smtps://mail.example.org")
    mail.chmod(0o600)

    subprocess.run(["/bin/sh", script], check=True)

    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()}
    assert modes == {0o444}
    assert stat.S_IMODE(making.stat().st_mode) == 0o755


def test_compose_asks_for_the_secrets_that_are_made():
    compose = (ROOT / "compose.yaml").read_text()
    made = set(re.findall(r"^keep (\w+)", (ROOT / "deploy" / "make-secrets").read_text(), re.M))

    assert set(re.findall(r"file: secrets/(\w+)", compose)) == made | {"email_url"}


def test_every_variable_of_the_readme_reaches_the_containers():
    readme = (ROOT / "README.md").read_text()
    table = readme.split("## Configuration")[1].split("For development")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, re.M)
    named = [re.findall(r"`(\w+)`", row) for row in rows]
    environment = set(SERVICES["web"]["environment"])

    missing = {names[0] for names in named if not environment & set(names)} - NOT_IN_COMPOSE

    assert len(named) > 20
    assert missing == set()


def test_the_proxy_meets_the_web_servers_in_the_trusted_network_only():
    shared = set(SERVICES["proxy"]["networks"]) & set(SERVICES["web"]["networks"])
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]

    assert shared == {"front"}
    assert SERVICES["web"]["environment"]["SECURITYINFO_TRUSTED_PROXIES"] == subnet["subnet"]


def test_nothing_but_the_proxy_has_a_port_and_database_and_broker_have_no_way_out():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["database"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]


def test_one_service_builds_the_image_of_all_and_nobody_pulls_it():
    ours = {
        name: service
        for name, service in SERVICES.items()
        if "secret_key" in service.get("secrets", ())
    }

    assert len({service["image"] for service in ours.values()}) == 1
    assert [name for name, service in ours.items() if "build" in service] == ["migrate"]
    assert {service["pull_policy"] for service in ours.values()} == {"never"}
    assert len(ours) == 5


def test_every_service_stays_within_bounds():
    for name, service in SERVICES.items():
        assert "restart" in service, name
        assert "max-size" in service["logging"]["options"], name
        assert service.get("read_only") or name == "database", name


def test_nothing_reaches_the_image_but_what_it_copies():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    context = (ROOT / ".dockerignore").read_text().splitlines()

    assert context[0] == "*"
    assert set(" ".join(copied).split()) == {line[1:] for line in context if line.startswith("!")}


def test_a_unit_tells_its_first_process_alone_to_stop():
    for file in (ROOT / "deploy" / "systemd").glob("*.service"):
        assert "\nKillMode=mixed\n" in file.read_text(), file.name  # else tasks under way are lost


def test_the_folder_of_the_anchor_is_there_and_may_be_written():
    folder = Path(SERVICES["worker-notices"]["environment"]["SECURITYINFO_AUDIT_ANCHOR"]).parent
    unit = (ROOT / "deploy" / "systemd" / "securityinfo-worker-notices.service").read_text()

    assert f"state:{folder}" in SERVICES["worker-notices"]["volumes"]
    assert f"install -d -o 10001 -g 10001 -m 0700 {folder}" in (ROOT / "Dockerfile").read_text()
    assert f"/var/lib/{re.search(r'StateDirectory=(.+)', unit)[1]}" == str(folder)


def test_codes_have_a_worker_of_their_own_and_come_first():
    """L4: where all want the processor, notices get a tenth of what others do."""
    units = {
        file.stem.removeprefix("securityinfo-"): file.read_text()
        for file in (ROOT / "deploy" / "systemd").glob("securityinfo-worker-*.service")
    }

    for name, queues in (("worker-codes", "codes"), ("worker-notices", "notices,chores")):
        assert SERVICES[name]["command"][:3] == ["worker", "--queues", queues]
        assert f" worker --queues {queues} " in units[name]
    assert ["cpu_shares" in SERVICES[name] for name in sorted(units)] == [False, True]
    assert ["CPUWeight=10\n" in units[name] for name in sorted(units)] == [False, True]


def test_services_name_programs_that_the_environment_has():
    for file in (ROOT / "deploy" / "systemd").glob("*.service"):
        command = re.search(
            r"^ExecStart=/opt/securityinfo/\.venv/bin/(\w+)", file.read_text(), re.M
        )

        assert command, file.name
        assert command[1] in ("gunicorn", "celery")


def test_installing_names_files_that_are_there():
    page = (ROOT / "docs" / "installing.md").read_text()
    named = set(re.findall(r"(?<!/)deploy/[\w./*-]*[\w]", page))

    assert len(named) > 5
    assert [name for name in named if not list(ROOT.glob(name))] == []
