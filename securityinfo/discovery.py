"""Which kinds of method there are: the names of the folders, without importing them."""

from __future__ import annotations

from pathlib import Path

KINDS_PACKAGE = "methods.kinds"
KINDS_DIR = Path(__file__).resolve().parent.parent / "methods" / "kinds"


def kind_folders() -> list[Path]:
    """Every folder in `methods/kinds/` that holds a `method.py`, by name."""
    return sorted(path.parent for path in KINDS_DIR.glob("*/method.py"))


def kind_names() -> list[str]:
    return [folder.name.replace("_", "-") for folder in kind_folders()]


def kind_apps() -> list[str]:
    """Dotted names for INSTALLED_APPS, so that templates, static files and texts are found."""
    return [f"{KINDS_PACKAGE}.{folder.name}" for folder in kind_folders()]
