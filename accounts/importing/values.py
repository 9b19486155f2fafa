"""What each cell may say: one function for each column, from text to what is kept."""

from __future__ import annotations

import unicodedata
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings as project
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.importing.columns import Column
from accounts.models import User, user_name_validator
from methods import phone, regions
from methods.phone import NotANumber, PhoneNumber, Refusal
from securityinfo.csv_files import FORMULA_SIGNS
from securityinfo.duties import ordinary_groups
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Settings

LONGEST_EXTENSION = 7  # as the page for calls takes it (CA3)
SEVERAL = "|"  # between groups: neither of the signs that spreadsheets put between cells

_YES = frozenset({"yes", "true", "1", "active", "ja"})
_NO = frozenset({"no", "false", "0", "inactive", "nee"})


class Wrong(Exception):
    """A cell that can't be used; its text says why."""


@dataclass(frozen=True)
class Organization:
    """What cells are checked against; read once for a whole file."""

    settings: Settings
    groups: Mapping[str, Group]  # by name
    folded_groups: Mapping[str, Group | None]  # whatever its case; None: there are several
    domains: frozenset[str]

    @classmethod
    def now(cls) -> Organization:
        groups = {group.name: group for group in ordinary_groups()}
        folded: dict[str, Group | None] = {}
        for name, group in groups.items():
            folded[name.casefold()] = None if name.casefold() in folded else group
        return cls(
            settings=policy.current(),
            groups=groups,
            folded_groups=folded,
            domains=policy.organization_domains(),
        )

    @cached_property
    def home(self) -> str:
        """The country of numbers that name none; empty if there is no such country."""
        home = self.settings.home_country
        return home if home in self.settings.countries else ""


def of(column: Column, cell: str, organization: Organization) -> Any:
    """What is kept of this cell. Raises Wrong."""
    return _READ[column](cell, organization)


def _user_name(cell: str, _organization: Organization) -> str:
    if not cell:
        raise Wrong(_("The user name is missing."))
    try:
        user_name_validator(cell)
    except ValidationError as error:
        raise Wrong(error.messages[0]) from None
    return cell


def _work_address(cell: str, _organization: Organization) -> str:
    if not cell:
        raise Wrong(_("The work address is missing."))
    return _address(cell).lower()


def _address(cell: str) -> str:
    """ASCII alone: a look-alike letter could name somebody else's mailbox."""
    try:
        validate_email(cell)
    except ValidationError:
        raise Wrong(_("This isn't an email address.")) from None
    if not cell.isascii() or len(cell) > _longest("work_address"):
        raise Wrong(_("This isn't an email address."))
    return cell


def _private_address(cell: str, organization: Organization) -> str:
    if not cell:
        return ""
    address = _address(cell)
    host = address.rpartition("@")[2].lower()
    if any(host == each or host.endswith(f".{each}") for each in organization.domains):
        raise Wrong(_("This is an address of the organization. A private one is needed here."))
    return address


def _text(field: str) -> Callable[[str, Organization], str]:
    def read(cell: str, _organization: Organization) -> str:
        text = unicodedata.normalize("NFC", cell)
        if len(text) > _longest(field):
            raise Wrong(_("This has more than %(most)d characters.") % {"most": _longest(field)})
        if text[:1] in tuple(FORMULA_SIGNS):
            raise Wrong(
                _("This begins like a formula of a spreadsheet: %(sign)s") % {"sign": text[0]}
            )
        if not text.isprintable():
            raise Wrong(_("There is a line end or another sign in it that nobody sees."))
        return text

    return read


def _groups(cell: str, organization: Organization) -> tuple[str, ...]:
    """Names as the groups have them, sorted."""
    found = set()
    for name in filter(None, (each.strip() for each in cell.split(SEVERAL))):
        group = organization.groups.get(name) or organization.folded_groups.get(name.casefold())
        if group is None:
            raise Wrong(_("There is no group %(name)s.") % {"name": name})
        found.add(group.name)
    return tuple(sorted(found))


def _language(cell: str, _organization: Organization) -> str:
    known = dict(project.LANGUAGES)
    if cell and cell.lower() not in known:
        text = _("Choose one of these languages, or none: %(known)s.")
        raise Wrong(text % {"known": ", ".join(known)})
    return cell.lower()


def _time_zone(cell: str, _organization: Organization) -> str:
    if cell and cell not in _zones():
        raise Wrong(_("There is no time zone of this name. Example: Europe/Amsterdam."))
    return cell


def _active(cell: str, _organization: Organization) -> bool | None:
    """None: as it is; of somebody new, active."""
    if not cell:
        return None
    if cell.lower() not in _YES | _NO:
        raise Wrong(_("Write %(yes)s or %(no)s.") % {"yes": "yes", "no": "no"})
    return cell.lower() in _YES


def _number(*, for_calls: bool, extension: bool = False) -> Callable[[str, Organization], Any]:
    def read(cell: str, organization: Organization) -> dict[str, str] | None:
        if not cell:
            return None
        number, behind = _parsed(cell, organization)
        if behind and (not extension or len(behind) > LONGEST_EXTENSION):
            raise Wrong(_("Only an office phone has an extension, of 1 to 7 digits."))
        refusal = phone.why_refused(number, organization.settings, for_calls=for_calls)
        if refusal:
            raise Wrong(_why(refusal, number))
        return {"number": number.e164, "extension": behind}

    return read


def _parsed(cell: str, organization: Organization) -> tuple[PhoneNumber, str]:
    try:
        return PhoneNumber.parse_line(cell, organization.home)
    except NotANumber:
        if not organization.home and not cell.startswith("+"):
            raise Wrong(_("Write the number with a + and the country's code.")) from None
        raise Wrong(_("This isn't a phone number.")) from None


def _why(refusal: Refusal, number: PhoneNumber) -> str:
    match refusal:
        case Refusal.LANDLINE:
            return _("This is a landline: it can't be texted.")
        case Refusal.COUNTRY:
            text = _("The policy doesn't allow numbers in %(country)s.")
            return text % {"country": regions.name_of(number.region)}
        case Refusal.LINE:
            return _("No codes are sent to this kind of number.")


@cache
def _longest(field: str) -> int:
    return int(getattr(User._meta.get_field(field), "max_length", 0))


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


_READ: Mapping[Column, Callable[[str, Organization], Any]] = {
    Column.USER_NAME: _user_name,
    Column.FULL_NAME: _text("full_name"),
    Column.WORK_ADDRESS: _work_address,
    Column.EMPLOYEE_NUMBER: _text("employee_number"),
    Column.DEPARTMENT: _text("department"),
    Column.GROUPS: _groups,
    Column.LANGUAGE: _language,
    Column.TIME_ZONE: _time_zone,
    Column.ACTIVE: _active,
    Column.MOBILE_PHONE: _number(for_calls=False),
    Column.ALTERNATE_PHONE: _number(for_calls=True),
    Column.OFFICE_PHONE: _number(for_calls=True, extension=True),
    Column.PRIVATE_ADDRESS: _private_address,
}
