"""The texts of the program, as `makemessages` finds them, without touching the work tree."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

SOURCES = ("accounts", "methods", "securityinfo", "templates")
NOT_OURS = shutil.ignore_patterns("tests", "migrations", "__pycache__", "static", "locale")
DUTCH = settings.BASE_DIR / "locale" / "nl" / "LC_MESSAGES" / "django.po"


def load(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def extract(scratch: Path) -> Catalog:
    """Every text of the sources, in a catalog without translations. `scratch` is an empty folder.

    Django writes intermediate files beside the templates, so it gets a copy of the sources.
    """
    if shutil.which("xgettext") is None:
        raise RuntimeError("xgettext is missing. Install it with: apt-get install gettext")
    for name in SOURCES:
        shutil.copytree(settings.BASE_DIR / name, scratch / name, ignore=NOT_OURS)
    locale = scratch / "locale"
    locale.mkdir()
    with _inside(scratch), override_settings(LOCALE_PATHS=[locale]):
        call_command("makemessages", locale=["nl"], no_obsolete=True, verbosity=0)
    return load(locale / "nl" / "LC_MESSAGES" / "django.po")


def with_django_s_own(sources: Catalog) -> Catalog:
    """The texts of the program and those of Django and its administration."""
    together = Catalog()
    root = Path(django.__file__).parent
    folders = (root / "conf", root / "contrib" / "admin", root / "contrib" / "auth")
    theirs = [load(folder / "locale" / "en" / "LC_MESSAGES" / "django.po") for folder in folders]
    for message in chain(*theirs, sources):
        if message.id:
            together.add(message.id, context=message.context)
    return together


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
