"""What a new password has to be: one set of rules for every place where a person chooses one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import common_passwords, passwords
from securityinfo.policy import service as policy

if TYPE_CHECKING:
    from accounts.models import User

_SEPARATORS = re.compile(r"[\W_]+")
SHORTEST_PART = 4  # letters of a name: who is called Bo may write "bottle"


class Refused(Exception):
    """This can't be the new password; the text says why."""


def guidance() -> str:
    """What a person is told before typing."""
    shortest = policy.current().password_min_length
    return ngettext(
        "At least %d character. A few unrelated words work well. "
        "Spaces and all characters are fine.",
        "At least %d characters. A few unrelated words work well. "
        "Spaces and all characters are fine.",
        shortest,
    ) % (shortest,)


def too_short() -> str:
    shortest = policy.current().password_min_length
    return ngettext("Use at least %d character.", "Use at least %d characters.", shortest) % (
        shortest,
    )


@sensitive_variables("typed", "password")
def check(typed: str, user: User | None) -> None:
    """All rules but one: see `check_new`. Raises Refused."""
    rules = policy.current()
    password = passwords.normalized(typed[: passwords.LONGEST + 1])
    if max(len(typed), len(password)) > passwords.LONGEST:
        raise Refused(_("Use at most %d characters.") % passwords.LONGEST)
    if len(password) < rules.password_min_length:
        raise Refused(too_short())
    if common_passwords.is_common(password):
        raise Refused(_("This password is too common. Choose another one."))
    if _contains(password, [rules.organization_name, *_names_of(user)]):
        text = _("Don't use your name or {organization_name} in it.")
        raise Refused(text.format(organization_name=rules.organization_name))
    for word in rules.blocked_words:
        if _contains(password, [word]):
            raise Refused(_("Don't use the word '{word}' in it.").format(word=word))


@sensitive_variables("typed")
def check_new(typed: str, user: User) -> None:
    """That it isn't the one there is. Takes one hash. Raises Refused and hashers.Busy."""
    if passwords.matches(user, typed):
        raise Refused(already_yours())


def already_yours() -> str:
    return _("This is your current password. Choose another one.")


class NewPasswordValidator:
    """The same rules for Django's own commands (AUTH_PASSWORD_VALIDATORS)."""

    @sensitive_variables("password")
    def validate(self, password: str, user: User | None = None) -> None:
        try:
            check(password, user)
            if user is not None and user.pk:
                check_new(password, user)
        except Refused as refused:
            raise ValidationError(str(refused), code="password_refused") from None

    def get_help_text(self) -> str:
        return guidance()


def _names_of(user: User | None) -> Iterator[str]:
    if user is not None:
        yield user.username
        yield from _SEPARATORS.split(user.full_name)


def _contains(password: str, words: Iterable[str]) -> bool:
    """As a part, in whatever case and with look-alike signs."""
    folded = password.casefold()
    return any(_is_part(_folded(word), folded) for word in words)


def _is_part(word: str, password: str) -> bool:
    """A name of several words also without spaces, or with other ones between them."""
    spellings = [(word, password)]
    if (squeezed := _SEPARATORS.sub("", word)) != word:
        spellings.append((squeezed, _SEPARATORS.sub("", password)))
    return any(
        len(wanted) >= SHORTEST_PART and wanted in reading
        for wanted, typed in spellings
        for reading in common_passwords.as_letters(typed)
    )


def _folded(word: str) -> str:
    return passwords.normalized(word).casefold().strip()
