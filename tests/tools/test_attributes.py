"""The attributes of a form's widget are written as Django writes them."""

from __future__ import annotations

from pathlib import Path

import django
import pytest
from django.forms import TextInput
from django.template import Context, Engine, engines
from django.utils.safestring import mark_safe

from methods.forms import CodeInput

DJANGOS = Path(django.__file__).parent / "forms/templates/django/forms/widgets/attrs.html"


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"required": True, "disabled": False, "size": 10},
        {"id": "id_code", "autocomplete": "one-time-code", "maxlength": "64", "data-x": ""},
        {"title": "<\"'&>", "placeholder": mark_safe("a&amp;b"), "aria-label": "é"},
        {"value": None, "min": 0, "step": 0.5},
    ],
)
def test_attributes_are_written_as_django_writes_them(attrs):
    theirs = Engine().from_string(DJANGOS.read_text())
    ours = engines["django"].get_template("django/forms/widgets/attrs.html")

    written = theirs.render(Context({"widget": {"attrs": attrs}}))

    assert ours.render({"widget": {"attrs": attrs}}) == written


def test_the_field_for_a_code_is_written_as_django_writes_one_that_is_empty():
    asked = {"id": "id_code", "required": True, "aria-describedby": "<\"'&>"}

    theirs = TextInput({"size": "10"}).render("code", None, asked)

    assert CodeInput({"size": "10"}).render("code", "123456", asked) == theirs
