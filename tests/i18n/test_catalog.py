"""The Dutch catalog is complete, correct in form, and compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

from tests.i18n import extraction

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
FAMILIAR = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)

# Fixed, so that pages, messages and help agree.
FIXED_WORDS = {
    "Security info": "Beveiligingsgegevens",
    "Keep your account secure": "Houd uw account veilig",
    "Add method": "Methode toevoegen",
    "Default sign-in method": "Standaardmethode voor aanmelden",
    "Change": "Wijzigen",
    "Delete": "Verwijderen",
    "Next": "Volgende",
    "Done": "Gereed",
    "Back": "Vorige",
    "Cancel": "Annuleren",
    "Verify your email": "Uw e-mailadres verifiëren",
    "Enter code": "Code invoeren",
    "Sign in": "Aanmelden",
    "Sign out": "Afmelden",
    "Sign in another way": "Op een andere manier aanmelden",
    "Sign out everywhere": "Overal afmelden",
    "I want to set up a different method": "Ik wil een andere methode instellen",
    "Can't scan image?": "Kunt u de afbeelding niet scannen?",
    "Looks good": "Dit klopt",
    "Text me a code": "Sms mij een code",
    "Call me": "Bel mij",
    "Get back into your account": "Weer toegang krijgen tot uw account",
    "Confirm it's you": "Bevestig dat u het bent",
    "Authenticator app": "Authenticator-app",
    "Security questions": "Beveiligingsvragen",
    "two-step verification": "verificatie in twee stappen",
    "temporary access pass": "tijdelijke toegangscode",
    "Recommended": "Aanbevolen",
    "This wasn't me": "Dit was ik niet",
}


def entries(catalog: Catalog) -> Iterator[Message]:
    """All messages but the header."""
    return (message for message in catalog if message.id)


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """The singular and plural forms of a text; one form for most."""
    if isinstance(text, list | tuple):
        return tuple(text)
    return (text or "",)


def key(message: Message) -> tuple[str | None, str]:
    context = message.context
    # babel's reader of compiled catalogs leaves the context as bytes.
    return context.decode() if isinstance(context, bytes) else context, forms(message.id)[0]


def test_every_text_of_the_program_is_in_the_dutch_catalog(sources, dutch):
    known = {key(message) for message in entries(dutch)}

    missing = [forms(m.id)[0] for m in entries(sources) if key(m) not in known]

    assert missing == [], "run `make messages` and translate these"


def test_the_dutch_catalog_holds_no_text_that_the_program_no_longer_has(sources, dutch):
    needed = {key(message) for message in entries(sources)}

    superfluous = [forms(m.id)[0] for m in entries(dutch) if key(m) not in needed]

    assert superfluous == []
    assert not dutch.obsolete


def test_every_dutch_text_is_translated_in_all_its_forms(dutch):
    untranslated = [m.id for m in entries(dutch) if not all(forms(m.string))]
    one_form_short = [
        m.id for m in entries(dutch) if len(forms(m.id)) > 1 and len(forms(m.string)) != 2
    ]

    assert untranslated == []
    assert one_form_short == []


def test_no_dutch_text_is_a_guess_of_gettext(dutch):
    assert [m.id for m in entries(dutch) if m.fuzzy] == []


def test_dutch_texts_have_the_placeholders_of_the_english_ones(dutch):
    wrong = [
        (original, translated)
        for message in entries(dutch)
        for original, translated in zip_forms(message)
        if sorted(PLACEHOLDER.findall(original)) != sorted(PLACEHOLDER.findall(translated))
    ]

    assert wrong == []


def test_dutch_texts_have_the_markup_of_the_english_ones(dutch):
    wrong = [
        (original, translated)
        for message in entries(dutch)
        for original, translated in zip_forms(message)
        if sorted(TAG.findall(original)) != sorted(TAG.findall(translated))
    ]

    assert wrong == []


def test_dutch_texts_begin_and_end_with_the_same_line_breaks_and_spaces(dutch):
    def edges(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    wrong = [
        (original, translated)
        for message in entries(dutch)
        for original, translated in zip_forms(message)
        if edges(original) != edges(translated)
    ]

    assert wrong == []


def test_dutch_texts_address_people_politely(dutch):
    familiar = [s for m in entries(dutch) for s in forms(m.string) if FAMILIAR.search(s)]

    assert familiar == []


def test_fixed_words_are_translated_as_agreed(dutch):
    wrong = {
        forms(message.id)[0]: forms(message.string)
        for message in entries(dutch)
        if FIXED_WORDS.get(forms(message.id)[0], forms(message.string)[0])
        != forms(message.string)[0]
    }

    assert wrong == {}


def test_the_compiled_dutch_catalog_says_exactly_what_the_readable_one_says(dutch):
    with extraction.DUTCH.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)

    assert texts(compiled) == texts(dutch), "run `python manage.py compilemessages`"


def zip_forms(message: Message) -> zip[tuple[str, str]]:
    return zip(forms(message.id), forms(message.string), strict=False)


def texts(catalog: Catalog) -> dict[tuple[str | None, str], tuple[str, ...]]:
    return {key(message): forms(message.string) for message in entries(catalog)}
