"""The rules of the architecture that imports cannot say, read from the source."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from securityinfo import discovery
from securityinfo.throttling import limits

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "methods", "securityinfo")

LONGEST_MODULE = 300  # the house style says about 250: whoever needs more has two things in it

# "email" is a kind and also a channel; these speak of the channel.
ABOUT_CHANNELS = {
    "accounts/people.py",
    "methods/contacts.py",
    "securityinfo/messaging/content.py",
    "securityinfo/policy/resets.py",
    "securityinfo/policy/rules.py",
}
# Codes exist where they are derived, compared and written into a message.
MAY_READ_CODES = {
    "methods/base.py",
    "securityinfo/messaging/transports/twilio.py",  # its errors have codes, too
}
# What they measure is this machine alone, or its clock itself; the demo's database is a file.
MAY_ASK_THIS_MACHINE_FOR_THE_TIME = re.compile(
    r"^securityinfo/(clock|celery|filebroker|operations/checks/clock)\.py$|^securityinfo/demo/"
)
ITS_OWN_TIME = {"timezone.now", "time.time", "datetime.now", "datetime.today", "datetime.utcnow"}
# AppConfig.ready may import only then; a provider's library is slow and the worker's alone.
MAY_IMPORT_LATE = re.compile(r"(^|/)apps\.py$|^methods/registry\.py$|/transports/")
# Mail programs know no style sheet, and no Content-Security-Policy either.
MAIL_TEMPLATES = "templates/messages/"

INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)|\bon[a-z]+\s*=\s*[\"'{]|javascript:", re.I)
INLINE_STYLE = re.compile(r"<style\b|<[^>]*\sstyle\s*=", re.I)
KIND_COMPARED = re.compile(r"\bkind\s*(?:==|!=|in\b)")

Finding = tuple[int, str]


def modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((TOP / package).rglob("*.py"))
        if not {"migrations", "tests"} & set(path.relative_to(TOP).parts)
    ]


def templates() -> list[Path]:
    return [
        path
        for folder in ("templates", *PACKAGES)
        for path in sorted((TOP / folder).rglob("*.html"))
        if "tests" not in path.relative_to(TOP).parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def found_in(paths: list[Path], find: Callable[[str, str], Iterator[Finding]]) -> list[str]:
    """Every finding as "file:line what", so that a failure says where to look."""
    return [
        f"{name_of(path)}:{line} {what}"
        for path in paths
        for line, what in find(path.read_text(encoding="utf-8"), name_of(path))
    ]


# --- What is looked for ---------------------------------------------------------------------------


def slugs_as_strings(source: str, name: str) -> Iterator[Finding]:
    """The name of a kind outside its folder; a text to be translated is no name."""
    names = {
        each
        for folder, kind in zip(discovery.kind_folders(), discovery.kind_names(), strict=True)
        if not name.startswith(f"methods/kinds/{folder.name}/")
        for each in (folder.name, kind)
    }
    tree = ast.parse(source)
    texts = {
        argument
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"_", "gettext"}
        for argument in call.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in names and node not in texts:
            yield node.lineno, repr(node.value)


def kinds_compared(source: str, name: str) -> Iterator[Finding]:
    """`if kind == "…"`: ask the method, or give it a method."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            names = {getattr(side, "attr", getattr(side, "id", "")) for side in sides}
            if "kind" in names and any(_is_text(side) for side in sides):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Match) and "kind" in ast.unparse(node.subject):
            yield node.lineno, "match"


def _is_text(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node))


def codes_read(source: str, name: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(source)):
        is_read = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
        if is_read and node.attr == "code":
            yield node.lineno, ast.unparse(node)


def random_imported(source: str, name: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and any(each.name == "random" for each in node.names):
            yield node.lineno, "import random"
        elif isinstance(node, ast.ImportFrom) and node.module == "random":
            yield node.lineno, "from random import"


def own_time(source: str, name: str) -> Iterator[Finding]:
    """Asked of this machine, whose clock may be wrong."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ITS_OWN_TIME:
            yield node.lineno, ast.unparse(node)


def late_imports(source: str, name: str) -> Iterator[Finding]:
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, ast.unparse(node)


def missing_beginning(source: str, name: str) -> Iterator[Finding]:
    tree = ast.parse(source)
    if not tree.body:
        return
    if not ast.get_docstring(tree):
        yield 1, "no sentence that says what the module is for"
    if "from __future__ import annotations" not in source:
        yield 1, "no `from __future__ import annotations`"


def excess_lines(source: str, name: str) -> Iterator[Finding]:
    lines = source.count("\n")
    if lines > LONGEST_MODULE:
        yield lines, f"{lines} lines"


def inline_code(source: str, name: str) -> Iterator[Finding]:
    patterns = [INLINE_SCRIPT] if name.startswith(MAIL_TEMPLATES) else [INLINE_SCRIPT, INLINE_STYLE]
    for pattern in patterns:
        for match in pattern.finditer(source):
            yield source[: match.start()].count("\n") + 1, match.group()


def kinds_compared_in_a_template(source: str, name: str) -> Iterator[Finding]:
    for tag in re.finditer(r"{%.*?%}", source, re.S):
        if KIND_COMPARED.search(tag.group()):
            yield source[: tag.start()].count("\n") + 1, tag.group()


# --- The rules ------------------------------------------------------------------------------------


def test_a_kind_is_named_in_its_own_folder_only():
    """The demo aside: it is a story about people who have certain kinds."""
    paths = [
        path
        for path in modules()
        if not name_of(path).startswith("securityinfo/demo/")
        and name_of(path) not in ABOUT_CHANNELS
    ]

    assert found_in(paths, slugs_as_strings) == []


def test_no_decision_is_made_by_the_name_of_a_kind():
    paths = [path for path in modules() if not name_of(path).startswith("securityinfo/audit/")]

    assert found_in(paths, kinds_compared) == []
    assert found_in(templates(), kinds_compared_in_a_template) == []


def test_codes_are_read_where_they_are_compared_or_sent_and_nowhere_else():
    """R002"""
    paths = [
        path
        for path in modules()
        if name_of(path) not in MAY_READ_CODES and not name_of(path).startswith("methods/kinds/")
    ]

    assert found_in(paths, codes_read) == []


def test_the_random_module_is_banned():
    """R001: chance comes from `secrets`."""
    assert found_in(modules(), random_imported) == []


def test_the_time_is_that_of_the_database():
    """R130: `securityinfo.clock`, or `Now()` in the statement itself."""
    paths = [
        path for path in modules() if not MAY_ASK_THIS_MACHINE_FOR_THE_TIME.search(name_of(path))
    ]

    assert found_in(paths, own_time) == []


def test_nothing_is_imported_inside_a_function():
    paths = [path for path in modules() if not MAY_IMPORT_LATE.search(name_of(path))]

    assert found_in(paths, late_imports) == []


def test_every_module_begins_with_what_it_is_for():
    assert found_in(modules(), missing_beginning) == []


def test_no_module_is_too_long():
    assert found_in(modules(), excess_lines) == []


def test_no_template_has_inline_script_style_or_event_attributes():
    """R119"""
    assert found_in(templates(), inline_code) == []


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(TOP / ".importlinter")
    return parser


def test_every_part_of_the_project_has_its_place_among_the_layers():
    layers = contracts()["importlinter:contract:1-arrows-point-down"]["layers"]
    placed = set(re.split(r"[\s:|]+", layers.strip()))
    parts = {"accounts", "methods"} | {
        f"securityinfo.{path.stem}"
        for path in (TOP / "securityinfo").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    assert parts - {"securityinfo.__init__"} == placed


def test_every_module_of_views_is_protected():
    protected = contracts()["importlinter:contract:8-views-are-reached-by-url"]["protected_modules"]
    views = {
        name_of(path).removesuffix(".py").replace("/", ".")
        for path in modules()
        if path.stem == "views" or path.stem.endswith("_views")
    }

    assert views == set(protected.split())


def test_every_limit_has_its_reason_beside_it():
    source = (TOP / "securityinfo/throttling/limits.py").read_text().splitlines()
    named = [name for name, value in vars(limits).items() if isinstance(value, limits.Hold | tuple)]

    for name in [*named, "SENDS_BY_ADDRESS", "PASSWORD_BY_ADDRESS"]:
        line = next(n for n, text in enumerate(source) if text.startswith(f"{name} ="))
        assert source[line - 1].startswith("#"), name


# --- The rules bite -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (slugs_as_strings, 'registry.get("email")'),
        (kinds_compared, 'registration.kind == "anything"'),
        (kinds_compared, 'kind in ("sms", "call")'),
        (kinds_compared, "match kind:\n    case 1: pass"),
        (codes_read, "print(challenge.code)"),
        (random_imported, "import random"),
        (random_imported, "from random import choice"),
        (own_time, "timezone.now()"),
        (own_time, "field(default_factory=time.time)"),
        (late_imports, "def f():\n    import os"),
        (missing_beginning, "x = 1"),
        (missing_beginning, '"""It is for this."""\nx = 1'),
        (missing_beginning, "from __future__ import annotations"),
        (excess_lines, "\n" * (LONGEST_MODULE + 1)),
        (inline_code, "<script>alert(1)</script>"),
        (inline_code, '<a href="javascript:go()">'),
        (inline_code, '<body onload="go()">'),
        (inline_code, "<style>p { color: red }</style>"),
        (inline_code, '<p\n style="color: red">'),
        (kinds_compared_in_a_template, '{% if row.kind == "sms" %}'),
        (kinds_compared_in_a_template, '{% elif kind in "sms call" %}'),
    ],
)
def test_a_broken_rule_is_found(find, source):
    assert list(find(source, "somewhere/else"))


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (slugs_as_strings, '_("email")'),
        (kinds_compared, "first.kind == second.kind"),
        (own_time, "clock.now() + time.monotonic()"),
        (inline_code, '<script type="module" src="{% static "js/once.js" %}"></script>'),
        (inline_code, '<p class="style" data-once>on = off</p>'),
        (kinds_compared_in_a_template, "{% if row.kind_is_offered %}"),
    ],
)
def test_a_kept_rule_is_not(find, source):
    assert list(find(source, "somewhere/else")) == []
