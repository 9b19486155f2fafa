"""Which questions there are: the built-in ones, and those of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from methods.base import Settings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The names are stored with everybody who chose the question: they never change.
BUILT_IN: Mapping[str, StrOrPromise] = {
    "first-school": _("What was the name of your first school?"),
    "first-street": _("In which street was your first home?"),
    "first-pet": _("What was the name of your first pet?"),
    "first-employer": _("Who was your first employer?"),
    "parents-met": _("In which city did your parents meet?"),
    "childhood-friend": _("What was the first name of your best childhood friend?"),
    "favorite-teacher": _("What was the last name of your favorite teacher?"),
    "first-car": _("What was the make of your first car?"),
    "mother-born": _("Where was your mother born?"),
    "father-born": _("Where was your father born?"),
    "childhood-book": _("What was your favorite book as a child?"),
    "first-concert": _("Whose concert was the first that you went to?"),
}
OWN = "own:"  # before the text of a question of the organization


def offered(settings: Settings) -> dict[str, StrOrPromise]:
    """Name and text of each question that may be chosen now.

    Never fewer than have to be chosen: of a damaged policy the switches don't hold.
    """
    left = {name: text for name, text in BUILT_IN.items() if name not in settings.questions_off}
    own = {f"{OWN}{text}": text for text in settings.own_questions}
    is_enough = len(left) + len(own) >= settings.questions_to_register
    return (left if is_enough else dict(BUILT_IN)) | own


def kept(name: str) -> dict[str, Any]:
    """What is kept of the choice: the text, too, where nothing else will have it later."""
    return {"text": name.removeprefix(OWN)} if name.startswith(OWN) else {"name": name}


def text_of(question: Mapping[str, Any]) -> str:
    """A question as it was chosen, also when it is no longer offered (QU7)."""
    if "text" in question:
        return str(question["text"])
    return str(BUILT_IN.get(question["name"], question["name"]))


def texts_of(name: str) -> list[str]:
    """The question in every language: an answer may hold its words in none of them."""
    texts = []
    for language, _name in django_settings.LANGUAGES:
        with translation.override(language):
            texts.append(text_of(kept(name)))
    return texts
