"""The promise: a new kind of method is one new folder and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from methods import registry
from tests import environment
from tests.contract import throwaway

pytestmark = pytest.mark.slow

TOP = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # Of the tests that run now, nothing is inherited: neither their options nor their database.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "DJANGO", "COV", "GIT", "SECURITYINFO"))
    }
    return subprocess.run(
        command,
        cwd=cwd,
        env=inherited | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def git(*arguments: str | Path, cwd: Path) -> str:
    done = run("git", "-c", "safe.directory=*", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def project(copy):
    """Whatever a test does in the copy, only the new folder may show afterwards."""
    yield copy
    assert changed_in(copy) == [f"?? {throwaway.FOLDER}/"]


def changed_in(copy: Path) -> list[str]:
    return git("status", "--porcelain", cwd=copy).splitlines()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project as it is here, committed, and then the one folder."""
    if not (TOP / ".git").exists():
        pytest.skip("not a clone: which files belong to the project is not known")
    copy = tmp_path_factory.mktemp("project")
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=TOP)
    for name in filter(None, listed.split("\0")):
        if (TOP / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, copy / name)
    git("init", "-q", cwd=copy)
    git("add", "-A", cwd=copy)
    author = ("-c", "user.name=Newcomer", "-c", "user.email=newcomer@example.org")
    git(*author, "commit", "-q", "-m", "Copy the project", cwd=copy)
    for name, text in throwaway.FILES.items():
        path = copy / throwaway.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return copy


def manage(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = environment.variables() | {"DATABASE_URL": f"sqlite:///{project}/../throwaway.db"}
    return run(sys.executable, "manage.py", *arguments, cwd=project, **variables)


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    return run(sys.executable, "-m", "pytest", *options, *arguments, cwd=project)


def test_it_needs_no_migration(project):
    migrated = manage(project, "migrate", "--verbosity", "0")
    changes = manage(project, "makemigrations", "--check", "--dry-run")

    assert migrated.returncode == 0, migrated.stderr
    assert (changes.returncode, changes.stdout.strip()) == (0, "No changes detected")


def test_the_checks_of_the_project_find_nothing(project):
    checked = manage(project, "check")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_contract_suite_proves_it_without_being_told(project):
    # The suite itself proves our other kinds; one of them is enough to compare with.
    others = (method.kind for method in registry.all_methods() if method.kind != "email")
    without = f"not ({' or '.join(f'{kind}]' for kind in others)})"
    suite = pytest_in(project, "tests/contract/test_kinds.py", "-vv", "-k", without)

    assert suite.returncode == 0, suite.stdout
    proved = [line for line in suite.stdout.splitlines() if f"[{throwaway.KIND}]" in line]
    ours = [line for line in suite.stdout.splitlines() if "[email]" in line]
    assert len(proved) == len(ours) > 10  # each test of the suite, for both kinds


def test_it_stands_on_the_pages_in_the_policy_and_can_be_registered(project):
    story = pytest_in(project, throwaway.FOLDER)

    assert story.returncode == 0, story.stdout
    assert " passed" in story.stdout
    assert "skipped" not in story.stdout


def test_the_other_kinds_are_as_before(project):
    others = pytest_in(project, "methods/kinds/email", "tests/methods/test_journey.py")

    assert others.returncode == 0, others.stdout


def test_no_other_file_is_changed(project):
    assert changed_in(project) == [f"?? {throwaway.FOLDER}/"]
    assert git("diff", "HEAD", cwd=project) == ""
