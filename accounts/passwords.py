"""What is done with a password: one form of it, one comparison, one generated for the start."""

from __future__ import annotations

import secrets
import unicodedata
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.views.decorators.debug import sensitive_variables

if TYPE_CHECKING:
    from accounts.models import User

LONGEST = 256  # characters; nothing longer is hashed

# Letters and digits that nobody mixes up when reading them out: 20 of them are 98 bits.
START_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# Verified where there is no hash to verify against, so that it takes the same time.
# A hash of a random password, with the parameters of CappedArgon2Hasher.
NOBODYS_HASH = (
    "argon2$argon2id$v=19$m=19456,t=2,p=1$"
    "eDJEUUtTWnloMzFxM01nUE8zb0Zndw$"
    "OcECyu0RAe2bvTyTqiPbZE5sNGuwOi30Bl9UVgNLyD8"
)


def normalized(password: str) -> str:
    """NFKC: the same password from every keyboard (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@sensitive_variables("typed")
def matches(user: User | None, typed: str) -> bool:
    """Exactly one hash is computed, whether or not there is such a person or password.

    Raises hashers.Busy.
    """
    usable = user is not None and is_password_usable(user.password)
    encoded = user.password if user is not None and usable else NOBODYS_HASH
    fits = len(typed) <= LONGEST
    right = check_password(normalized(typed[:LONGEST]), encoded)
    return right and usable and fits


@sensitive_variables("password")
def encoded(password: str) -> str:
    """What is stored. Raises hashers.Busy; computed outside of any transaction."""
    return make_password(normalized(password))


def generated() -> str:
    """A start password in groups of five."""
    letters = [secrets.choice(START_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))
