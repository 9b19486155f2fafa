from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone

EVIL = "<script>alert(1)</script>\"'"


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


class Form(forms.Form):
    name = forms.CharField(label=EVIL, help_text="Any name.", error_messages={"required": EVIL})
    password = forms.CharField(widget=forms.PasswordInput)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


@pytest.mark.parametrize(
    "source",
    [
        "{% mark text %}",
        "{% mark text text %}",
        "{% ltr text %}",
        "{% icon text %}",
        "{% notice text text role=text %}{{ text }}{% endnotice %}",
        "{% contact helpdesk %}",
        '{% include "components/empty.html" with text=text only %}',
        '{% include "components/delivery_text.html" with status=status only %}',
        '{% include "components/method_rows.html" with rows=rows only %}',
        '{% include "forms/errors.html" with form=form only %}',
        '{% include "forms/field.html" with field=form.name only %}',
        '{% include "forms/radio_cards.html" with field=form.kind cards=cards only %}',
    ],
)
def test_every_tag_and_component_escapes_what_it_is_given(source):
    everything = {"label": EVIL, "hint": EVIL, "mark": EVIL, "value": EVIL, "name": EVIL}

    html = render(
        source,
        text=EVIL,
        helpdesk=SimpleNamespace(text=EVIL, phone=EVIL, email=EVIL, url=EVIL, hours=EVIL),
        status=SimpleNamespace(text=EVIL, is_failure=True, is_final=True),
        rows=[
            everything
            | {
                "icon": EVIL,
                "uses": EVIL,
                "dates": EVIL,
                "note": EVIL,
                "change": EVIL,
                "delete": EVIL,
            }
            | {"marks": [(EVIL, EVIL)], "change_url": EVIL, "delete_url": EVIL}
        ],
        form=Form({}),
        cards=[everything | {"icon": "email"}],
    )

    assert "<script>alert" not in html


def test_an_icon_is_a_drawing_that_screen_readers_pass_over():
    html = render('{% icon "email" %}')

    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("name", ["no-such-icon", "../../settings", ""])
def test_an_unknown_icon_is_a_plain_one_and_no_error(name):
    assert render("{% icon name %}", name=name) == render('{% icon "method" %}')


def test_a_notice_keeps_the_markup_of_its_content():
    html = render('{% notice "success" "Done" %}<p>More</p>{% endnotice %}')

    assert "notice-success" in html
    assert "<p>More</p>" in html


def test_an_error_of_a_message_is_a_danger_notice():
    assert "notice-danger" in render('{% notice "error" "No" %}{% endnotice %}')


def test_a_clock_is_readable_by_machines_too():
    moment = timezone.now()

    html = render("{% clock moment %}", moment=moment)

    assert f'datetime="{moment.isoformat()}"' in html
    assert render("{% clock moment %}", moment=None) == ""


def test_a_wait_is_rounded_up_so_that_a_button_never_opens_early():
    moment = timezone.now() + dt.timedelta(seconds=10.5)

    assert render("{{ moment|seconds_until }}", moment=moment) == "11"
    assert render("{{ moment|seconds_until }}", moment=timezone.now() - dt.timedelta(1)) == "0"


def test_the_helpdesk_has_a_name_where_the_policy_gives_none():
    nobody = SimpleNamespace(text="", phone="", email="", url="", hours="")

    assert render("{% contact helpdesk %}", helpdesk=nobody) == "your IT helpdesk"


def test_the_helpdesk_is_a_sentence_with_links():
    helpdesk = SimpleNamespace(
        text="IT",
        phone="+31 (20) 123",
        email="it@example.org",
        url="https://it.example.org/",
        hours="9–17",
    )

    html = render("{% contact helpdesk %}", helpdesk=helpdesk)

    assert 'href="tel:+3120123"' in html
    assert 'href="mailto:it@example.org"' in html
    assert ">it.example.org<" in html
    assert html.endswith("9–17)")


def test_a_refused_field_names_its_hint_and_its_error():
    html = render('{% include "forms/field.html" with field=form.name only %}', form=Form({}))

    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_the_error_summary_links_to_each_field_and_the_first_of_a_group():
    html = render('{% include "forms/errors.html" with form=form only %}', form=Form({}))

    assert 'role="alert"' in html
    assert 'href="#id_name"' in html
    assert 'href="#id_kind_0"' in html


def test_there_is_no_summary_without_errors():
    assert render_to_string("forms/errors.html", {"form": Form()}).strip() == ""


def test_a_chosen_card_stays_chosen():
    cards = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]

    html = render(
        '{% include "forms/radio_cards.html" with field=form.kind cards=cards only %}',
        form=Form({"kind": "b"}),
        cards=cards,
    )

    assert html.count(" checked") == 1
    assert html.index('value="b"') < html.index(" checked")


@pytest.mark.parametrize(("is_final", "polls"), [(False, True), (True, False)])
def test_a_status_is_asked_for_until_it_is_final(is_final, polls):
    status = SimpleNamespace(text="Sent at 14:25.", is_failure=False, is_final=is_final)

    html = render_to_string(
        "components/delivery_status.html", {"status": status, "url": "/s", "check_url": "?"}
    )

    assert ("data-delivery-status" in html) is polls
    assert ("Check status" in html) is polls
    assert 'aria-live="polite"' in html


def test_a_new_code_has_to_be_waited_for_with_a_clock_time():
    later = timezone.now() + dt.timedelta(seconds=30)

    waiting = render_to_string("components/resend.html", {"url": "/r", "ready_at": later})
    ready = render_to_string("components/resend.html", {"url": "/r", "ready_at": None})

    assert "disabled" in waiting
    assert "You can ask again at" in waiting
    assert "disabled" not in ready
