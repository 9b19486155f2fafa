"""The columns that a file of people may have, and how they are spelled in its first line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext as _


class Column(StrEnum):
    """As the documentation and the template of the file spell them."""

    USER_NAME = "user_name"
    FULL_NAME = "full_name"
    WORK_ADDRESS = "work_address"
    EMPLOYEE_NUMBER = "employee_number"
    DEPARTMENT = "department"
    GROUPS = "groups"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    ACTIVE = "active"
    MOBILE_PHONE = "mobile_phone"
    ALTERNATE_PHONE = "alternate_phone"
    OFFICE_PHONE = "office_phone"
    PRIVATE_ADDRESS = "private_address"


# Kept together, encrypted, as what is known beforehand: they prove nothing (K1).
KNOWN_BEFOREHAND = (
    Column.MOBILE_PHONE,
    Column.ALTERNATE_PHONE,
    Column.OFFICE_PHONE,
    Column.PRIVATE_ADDRESS,
)

_ALSO = {
    "username": Column.USER_NAME,
    "login": Column.USER_NAME,
    "name": Column.FULL_NAME,
    "work_email": Column.WORK_ADDRESS,
    "employee_no": Column.EMPLOYEE_NUMBER,
    "group": Column.GROUPS,
    "timezone": Column.TIME_ZONE,
    "is_active": Column.ACTIVE,
    "mobile": Column.MOBILE_PHONE,
    "alternate": Column.ALTERNATE_PHONE,
    "office": Column.OFFICE_PHONE,
    "private_email": Column.PRIVATE_ADDRESS,
}
# What nobody gets from a file (AC2, AC7): said, instead of ignored.
_NEVER = re.compile(
    r"role|.*superuser|.*staff|.*admin.*|.*permission.*|.*password.*|.*secret.*|.*method.*|.*key"
)


MOST_PROBLEMS = 50  # of the first line: there may be a million commas in it


class WrongHeader(Exception):
    """The first line can't be used; `words` says why, one sentence for each reason."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(" ".join(words))
        self.words = list(words)


def of_header(cells: Sequence[str]) -> list[Column]:
    """What each cell of the first line names. Raises WrongHeader."""
    found: list[Column] = []
    problems = []
    for cell in cells:
        name = re.sub(r"[\s_-]+", "_", cell.strip().casefold())
        column = _named(name)
        if column is None:
            problems.append(_refusal(name, cell))
        elif column in found:
            problems.append(_("The column %(name)s is there twice.") % {"name": column})
        else:
            found.append(column)
        if len(problems) == MOST_PROBLEMS:
            break
    if Column.USER_NAME not in found:
        problems.append(_("The column %(name)s is missing.") % {"name": Column.USER_NAME})
    if problems:
        raise WrongHeader(problems)
    return found


def _named(name: str) -> Column | None:
    return Column(name) if name in set(Column) else _ALSO.get(name)


def _refusal(name: str, cell: str) -> str:
    if _NEVER.fullmatch(name):
        text = _("Roles, passwords and methods don't come from a file: remove the column %(name)s.")
    else:
        text = _("There is no column %(name)s. Remove it, or correct its name.")
    return text % {"name": cell.strip()[:50] or "–"}
