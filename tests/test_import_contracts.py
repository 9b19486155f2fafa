"""The import contracts hold, and each of them fails when its rule is broken on purpose."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "methods", "securityinfo")

pytestmark = pytest.mark.slow

# Contract, module that breaks it, what it imports.
BREAKS = [
    ("1", "securityinfo.text", "methods.models"),
    ("1", "securityinfo.policy.service", "methods.registry"),
    ("1", "securityinfo.audit.tags", "securityinfo.messaging.content"),
    ("1", "methods.contacts", "accounts.signin"),
    ("1", "accounts.destinations", "securityinfo.urls"),
    ("1", "securityinfo.views", "securityinfo.demo.models"),
    ("2", "methods.registry", "methods.models"),
    ("2", "methods.models", "methods.challenges"),
    ("2", "methods.challenges", "methods.answers"),
    ("2", "methods.answers", "methods.registrations"),
    ("2", "methods.registrations", "methods.setup"),
    ("3", "methods.kinds.spare.method", "methods.kinds.email.method"),
    ("4", "methods.kinds.spare.method", "methods.models"),
    ("4", "methods.kinds.spare.method", "methods.challenges"),
    ("4", "methods.kinds.spare.method", "accounts.models"),
    ("4", "methods.kinds.spare.method", "securityinfo.policy.service"),
    ("4", "methods.kinds.spare.method", "securityinfo.audit.log"),
    ("4", "methods.kinds.spare.method", "securityinfo.flows"),
    ("4", "methods.kinds.spare.method", "django_otp"),
    ("4", "methods.kinds.spare.method", "celery"),
    ("5", "accounts.required", "methods.kinds.email.method"),
    ("5", "methods.registry", "methods.kinds.spare.method"),
    ("6", "securityinfo.policy.rules", "django"),
    ("7", "methods.contacts", "twilio"),
    ("8", "accounts.forms", "accounts.views"),
    ("8", "securityinfo.context", "methods.views"),
    ("8", "methods.places", "methods.setup_views"),
    ("9a", "methods.forms", "django_otp"),
    ("9b", "methods.standing", "celery"),
]
NEWCOMER = "newcomer"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def file_of(folder: Path, module: str) -> Path:
    return folder / f"{module.replace('.', '/')}.py"


@pytest.fixture(scope="module")
def broken_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a spare kind and every break of the table at once."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(TOP / ".importlinter", folder)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(TOP / package, folder / package, ignore=ignored)
    (folder / "methods/kinds/spare").mkdir()
    for module in ("methods.kinds.spare.__init__", "methods.kinds.spare.method"):
        file_of(folder, module).touch()
    file_of(folder, f"methods.{NEWCOMER}").touch()
    for _contract, module, imported in BREAKS:
        with file_of(folder, module).open("a") as file:
            file.write(f"\nimport {imported}\n")
    return folder


@pytest.fixture(scope="module")
def complaints(broken_house: Path) -> dict[str, str]:
    """What `lint-imports` says about the broken house, by the number of the contract."""
    result = lint(broken_house)
    assert result.returncode == 1, result.stdout + result.stderr
    _kept, _heading, broken = result.stdout.partition("Broken contracts")
    parts = re.split(r"^(\w+)\. .*\n-+$", broken, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_house_keeps_every_contract():
    result = lint(TOP)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("contract", "module", "imported"), BREAKS)
def test_a_broken_contract_fails(complaints, contract, module, imported):
    # A chain may be told with dots for the packages in between.
    assert re.search(rf"{re.escape(module)} -> {re.escape(imported)}\b", complaints[contract])


def test_a_module_of_methods_without_a_place_fails(complaints):
    assert NEWCOMER in complaints["2"]


def test_every_contract_is_broken_by_one_of_the_table():
    numbers = re.findall(r"^name = (\w+)\.", (TOP / ".importlinter").read_text(), flags=re.M)

    assert {contract for contract, _module, _imported in BREAKS} == set(numbers)
