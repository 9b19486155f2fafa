"""The one question of this kind: which number?"""

from __future__ import annotations

from methods.phone import PhoneForm


class TextForm(PhoneForm):
    """A mobile number, or one that may be."""

    for_calls = False
