"""One form for every spelling of a number, and what policy takes."""

from __future__ import annotations

import phonenumbers
import pytest
from django.utils import translation
from phonenumbers import PhoneNumberType

from methods import phone, regions
from methods.phone import NotANumber, PhoneForm, PhoneNumber, Refusal, why_refused
from securityinfo.policy.rules import Settings

HERE = Settings(home_country="NL", allowed_countries=("GB", "NL", "US"))

SPELLINGS = [
    "0612345678",
    "06 12345678",
    "06-12345678",
    "06 12 34 56 78",
    "(06) 12345678",
    "06.12.34.56.78",
    "06/12345678",
    " 0612345678 ",
    "06\u00a012345678",
    "06\u200b12345678",
    "０６１２３４５６７８",
    "٠٦١٢٣٤٥٦٧٨",
    "06–12345678",
    "06—12345678",
    "612345678",
    "6 1234 5678",
    "+31612345678",
    "+31 6 12345678",
    "+31 (0)6 12345678",
    "+31 (0) 6-12 34 56 78",
    "+31-6-12345678",
    "+31.6.12345678",
    "＋31612345678",
    "tel:+31612345678",
    "0031612345678",
    "00 31 6 12345678",
    "(00)31612345678",
    "00-31-6-12345678",
    "00 31 (0)6 12345678",
    "0031 0612345678",
]

REFUSED_LINES = (
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PAGER,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOICEMAIL,
    PhoneNumberType.UAN,
)


def examples_of(line: int) -> list[tuple[str, str]]:
    """Number and country, for every country that has such numbers."""
    found = (
        (region, phonenumbers.example_number_for_type(region, line))
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    )
    return [
        (region, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        for region, number in found
        if number and phonenumbers.number_type(number) == line
    ]


def refusal(number: str, *, for_calls: bool, settings: Settings | None = None):
    parsed = PhoneNumber.parse(number)
    return why_refused(
        parsed, settings or Settings(allowed_countries=(parsed.region,)), for_calls=for_calls
    )


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_is_one_number(typed):
    """R020."""
    assert PhoneNumber.parse(typed, "NL").e164 == "+31612345678"


def test_these_are_thirty_spellings():
    assert len(set(SPELLINGS)) == 30


@pytest.mark.parametrize("typed", ["+44 7400 123456", "0044 7400 123456"])
def test_a_plus_or_two_zeros_win_over_the_list(typed):
    """SM2."""
    assert PhoneNumber.parse(typed, "NL").region == "GB"


@pytest.mark.parametrize(
    "typed",
    ["", "12", "06", "061234567890123", "hello", "+", "+999123456789", "0612345678 ext. 5"]
    + ["1" * 65, "0" * 5_000, "\x00" * 10, "+31612345678;ext=9"],
)
def test_what_nobody_can_be_reached_by_is_no_number(typed):
    with pytest.raises(NotANumber):
        PhoneNumber.parse(typed, "NL")


def test_a_number_is_masked_to_its_last_two_digits_and_is_in_no_repr():
    """K5, R117."""
    number = PhoneNumber.parse("0612345678", "NL")

    assert number.mask == "ending 78"
    assert "123456" not in repr(number)


def test_the_prefix_leaves_out_the_last_four_digits():
    assert PhoneNumber.parse("0612345678", "NL").prefix == "+3161234"


@pytest.mark.parametrize("number", ["+3112345678", "+999612345678"])
def test_a_stored_number_that_exists_no_longer_is_shown_and_never_reached(number):
    stored = PhoneNumber.stored(number)

    assert stored.mask == "ending 78"
    assert stored.international.replace(" ", "") == number
    assert phone.typed_again(stored)["country"] == ""
    assert why_refused(stored, HERE, for_calls=True) is Refusal.COUNTRY


@pytest.mark.parametrize("for_calls", [True, False])
def test_mobile_numbers_of_every_country_are_taken_where_it_is_allowed(for_calls):
    """R021."""
    refused = [
        number
        for _, number in examples_of(PhoneNumberType.MOBILE)
        if refusal(number, for_calls=for_calls)
    ]

    assert refused == []


@pytest.mark.parametrize("for_calls", [True, False])
@pytest.mark.parametrize("line", REFUSED_LINES)
def test_lines_that_cost_or_reach_nobody_are_refused_in_every_country(line, for_calls):
    """R021."""
    examples = examples_of(line)

    taken = [number for _, number in examples if not refusal(number, for_calls=for_calls)]

    assert examples
    assert taken == []


def test_a_landline_can_be_called_but_not_texted():
    """R021, CA2."""
    assert refusal("+31101234567", for_calls=False) is Refusal.LANDLINE
    assert refusal("+31101234567", for_calls=True) is None


@pytest.mark.parametrize("for_calls", [True, False])
def test_a_number_that_may_be_mobile_is_taken(for_calls):
    assert refusal("+12015550123", for_calls=for_calls) is None


@pytest.mark.parametrize("for_calls", [True, False])
def test_internet_numbers_are_taken_only_if_policy_says_so(for_calls):
    """SM1."""
    number = "+31851234567"

    refused = why_refused(PhoneNumber.parse(number), HERE, for_calls=for_calls)
    allowed = Settings(allowed_countries=("NL",), allow_voip=True)

    assert refused is Refusal.LINE
    assert refusal(number, for_calls=for_calls, settings=allowed) is None


@pytest.mark.parametrize(
    "number", ["+4915112345678", "+18762101234", "+870773111632", "+88216123456"]
)
def test_other_countries_and_those_of_no_country_are_refused(number):
    """R021: one code of a country may be shared by dear islands; satellites have none."""
    assert refusal(number, for_calls=True, settings=HERE) is Refusal.COUNTRY


def test_without_any_country_nothing_is_taken():
    """R021: an installation that nobody has set up sends nothing that costs."""
    assert refusal("+31612345678", for_calls=True, settings=Settings()) is Refusal.COUNTRY


class Form(PhoneForm):
    pass


def form(number: str, country: str = "NL", **settings) -> Form:
    values = {"home_country": "NL", "allowed_countries": ("GB", "NL", "US")} | settings
    return Form({"number": number, "country": country}, person=None, settings=Settings(**values))


@pytest.mark.parametrize(
    ("number", "country", "error"),
    [
        ("", "NL", "Enter a phone number."),
        ("12", "NL", "That isn't a phone number in Netherlands. Check it."),
        ("12", "GB", "That isn't a phone number in United Kingdom. Check it."),
        ("010 123 4567", "NL", "This looks like a landline. Choose a phone call instead."),
        (
            "+49 1511 2345678",
            "NL",
            "Numbers in Germany can't be used here. Use another number or another method.",
        ),
        (
            "0906 1234",
            "NL",
            "We can't send codes to this kind of number. Use another number.",
        ),
    ],
)
def test_a_refusal_says_why(number, country, error):
    filled = form(number, country)

    assert not filled.is_valid()
    assert filled.errors["number"] == [error]


def test_a_country_that_is_not_offered_is_refused():
    assert form("0612345678", "DE").errors["country"] == ["Choose a country or region."]


def test_without_a_choice_the_home_country_counts():
    filled = form("0612345678", "")

    assert filled.is_valid()
    assert filled.cleaned_data["phone"].e164 == "+31612345678"


def test_the_list_has_the_allowed_countries_by_name_and_begins_at_home():
    with translation.override("nl"):
        fields = form("").fields

    assert [label for _, label in fields["country"].choices] == [
        "Nederland",
        "Verenigd Koninkrijk",
        "Verenigde Staten",
    ]
    assert fields["country"].initial == "NL"
    assert "06 12345678" in fields["number"].help_text


def test_the_example_is_of_the_country_that_was_chosen():
    assert "07400 123456" in form("12", "GB").fields["number"].help_text
    assert "06 12345678" in form("12", "DE").fields["number"].help_text


def test_a_number_comes_back_as_it_is_written_in_its_country():
    assert phone.typed_again(PhoneNumber.parse("+447400123456")) == {
        "country": "GB",
        "number": "07400 123456",
    }


def test_every_region_has_a_name_in_both_languages():
    for language in ("en", "nl"):
        with translation.override(language):
            unnamed = [r for r in phonenumbers.SUPPORTED_REGIONS if regions.name_of(r) == r]
        assert unnamed == []
    assert regions.name_of("ZZ") == "ZZ"
