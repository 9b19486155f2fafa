"""The documents say what is true: variables, links, commands, and a kind that really works."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.core.management import get_commands

from securityinfo.celery import BEAT, REGULARLY
from tests.servers import processes

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "methods", "securityinfo")
PROGRAMS = ("gunicorn.conf.py", "manage.py")

README = TOP / "README.md"
DOCUMENTS = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])
IDS = [path.relative_to(TOP).as_posix() for path in DOCUMENTS]
EACH = pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)

READERS = {
    "address",
    "choice",
    "email_address",
    "flag",
    "number",
    "origin",
    "secret",
    "text",
    "url",
    "words",
}  # of securityinfo.env
MAY_BE_A_FILE = {"address", "secret", "url"}
# Readers of names that their callers give them.
GENERIC = {"securityinfo/env.py", "securityinfo/demo/start.py"}

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)


# --- Environment variables ------------------------------------------------------------------------


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((TOP / package).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.relative_to(TOP).parts):
                yield path
    yield from (TOP / name for name in PROGRAMS)


def constants_of(tree: ast.Module) -> dict[str, str]:
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def constants_of_all() -> dict[str, str]:
    """`failpoints.VARIABLE` → its value."""
    return {
        f"{path.stem}.{name}": value
        for path in sources()
        for name, value in constants_of(ast.parse(path.read_text())).items()
    }


def variables_of(source: str, name: str, others: Mapping[str, str]) -> Iterator[str]:
    """Each variable that a module reads, and its `_FILE` where that is read too."""
    tree = ast.parse(source)
    constants = {**others, **constants_of(tree)}
    for node in ast.walk(tree):
        asked, may_be_a_file = _variable_in(node)
        if asked is None:
            continue
        if isinstance(asked, ast.Constant):
            variable = asked.value
        elif ast.unparse(asked) in constants:
            variable = constants[ast.unparse(asked)]
        else:
            assert name in GENERIC, f"{name}:{asked.lineno}: which variable is this?"
            continue
        yield variable
        if may_be_a_file:
            yield f"{variable}_FILE"


def _variable_in(node: ast.AST) -> tuple[ast.expr | None, bool]:
    """The expression that names a variable, if this reads one; whether a file may hold it."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
        return node.slice, False
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None, False
    owner, function = ast.unparse(node.func.value), node.func.attr
    if owner == "os.environ" and function in {"get", "setdefault", "pop"}:
        return node.args[0], False
    if owner == "env" and function in READERS:
        return node.args[0], function in MAY_BE_A_FILE
    return None, False


def documented() -> list[str]:
    """What stands in the first column of the tables of "Configuration"."""
    section = re.search(r"^## Configuration$(.*?)^## ", README.read_text(), re.M | re.S)
    assert section, "README.md has no configuration"
    rows = re.findall(r"^\| (`[A-Z].*?) \|", section[1], re.M)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_the_readme_names_every_variable_that_is_read_and_no_other():
    others = constants_of_all()
    read = {
        variable
        for path in sources()
        for variable in variables_of(path.read_text(), path.relative_to(TOP).as_posix(), others)
    }

    assert set(documented()) == read


def test_the_readme_names_no_variable_twice():
    names = documented()

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('env.text("A", "b")', ["A"]),
        ('env.secret("A")', ["A", "A_FILE"]),
        ('env.url("A", schemes=("b",))', ["A", "A_FILE"]),
        ('os.environ.get("A")', ["A"]),
        ('os.environ["A"]', ["A"]),
        ('NAME = "A"\nos.environ.get(NAME)', ["A"]),
        ("os.environ.get(a.NAME)", ["B"]),
        ('other.text("A")', []),
    ],
)
def test_reading_a_variable_is_noticed(source, read):
    assert list(variables_of(source, "", {"a.NAME": "B"})) == read


def test_a_variable_without_a_known_name_is_refused():
    with pytest.raises(AssertionError, match="which variable"):
        list(variables_of("env.text(something)", "accounts/people.py", {}))


# --- Links and commands ---------------------------------------------------------------------------


def prose(document: Path) -> str:
    """Without code: what stands there is no link."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", document.read_text()))


def anchors_of(document: Path) -> set[str]:
    """As GitHub and GitLab make them of headings."""
    headings = HEADING.findall(FENCE.sub("", document.read_text()))
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@EACH
def test_every_link_and_picture_is_there(document):
    missing = []
    for target in LINK.findall(prose(document)):
        name, _, anchor = target.partition("#")
        found = (document.parent / name).resolve() if name else document
        if not found.exists() or (anchor and anchor not in anchors_of(found)):
            missing.append(target)

    assert missing == []


@EACH
def test_every_command_is_there(document):
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.M))
    blocks = [body for _language, body in FENCE.findall(text)]
    code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *blocks])

    assert set(re.findall(r"(?:^|[\s;])make ([a-z-]+)", code)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", code)) <= set(get_commands())


@EACH
def test_every_path_that_is_named_is_there(document):
    """In backquotes: from the top of the project, from `templates/`, or from a kind's folder."""
    tops = "|".join(path.name for path in TOP.iterdir() if path.is_dir() and path.name[0] != ".")
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", FENCE.sub("", document.read_text()))
    made_later = ("var/", "staticfiles/", "methods/kinds/token/")
    places = (TOP, TOP / "templates", TOP / "methods/kinds/email")

    missing = [
        each
        for each in named
        if not each.startswith(made_later) and not any((place / each).exists() for place in places)
    ]

    assert missing == []


def test_operators_are_told_of_everything_that_happens_regularly():
    page = (TOP / "docs" / "operators.md").read_text()
    section = page.split("## What happens regularly")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", section, re.M)

    assert sorted(told) == sorted([*REGULARLY, BEAT])


@EACH
def test_no_document_knows_a_machine(document):
    assert not re.search(r"/home/|/root/|/Users/", document.read_text())


# --- The kind of the README -----------------------------------------------------------------------


def kind_of_the_readme() -> dict[str, str]:
    """Path → source: the path stands in the last line before each block of Python."""
    pattern = r"`(methods/kinds/[\w/]+\.py)`[^`\n]*\n\n```python\n(.*?)^```$"
    return dict(re.findall(pattern, README.read_text(), re.M | re.S))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the folder of the README in it."""
    top = tmp_path_factory.mktemp("project")
    without = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in (*PACKAGES, "templates", "static", "locale", "tests"):
        shutil.copytree(TOP / name, top / name, ignore=without)
    for name in ("pyproject.toml", "conftest.py", ".importlinter"):
        shutil.copy(TOP / name, top)
    for name, source in kind_of_the_readme().items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).parent.joinpath("__init__.py").touch()
        (top / name).write_text(source)
    return top


def run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=processes.environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_readme_has_a_whole_kind():
    assert set(kind_of_the_readme()) == {
        "methods/kinds/token/method.py",
        "methods/kinds/token/tests/sample.py",
    }


@pytest.mark.slow
def test_the_kind_of_the_readme_passes_the_contract_tests(copy):
    said = run(copy, sys.executable, "-m", "pytest", "tests/contract/test_kinds.py", "-k", "token")

    assert "passed" in said


@pytest.mark.slow
def test_the_kind_of_the_readme_keeps_the_contracts_of_imports(copy):
    run(copy, Path(sys.executable).with_name("lint-imports"), "--no-cache")


@pytest.mark.slow
def test_the_kind_of_the_readme_is_in_the_house_style(copy):
    ruff = Path(sys.executable).with_name("ruff")

    run(copy, ruff, "check", "--no-cache", "methods/kinds/token")
    run(copy, ruff, "format", "--no-cache", "--check", "methods/kinds/token")
