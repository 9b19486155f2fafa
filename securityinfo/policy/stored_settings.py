"""The settings as columns, each with its name and its effect; ranges are in the table."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from securityinfo.policy import fields


class StoredSettings(models.Model):
    """One column for each setting; `Settings` has the same names."""

    # Registration
    registration_required = fields.flag(
        "registration_required",
        _("registration required"),
        _("People with too few methods are asked for more when they sign in."),
    )
    methods_to_register = fields.number(
        "methods_to_register",
        _("methods to register"),
        _("How many methods a person should have, on different numbers, addresses or apps."),
    )
    more_methods_days = fields.number(
        "more_methods_days",
        _("days for the other methods"),
        _("How long a person with at least one method may wait with the rest."),
    )
    grace_days = fields.number(
        "grace_days",
        _("days to put off the first method"),
        _("Until then people sign in with the password alone. 0: not possible."),
    )
    grace_skips = fields.number(
        "grace_skips",
        _("times to put off the first method"),
        _("How often a person may choose “Skip for now”. 0: not possible."),
    )
    review_days = fields.number(
        "review_days",
        _("days between reviews"),
        _("How often people are asked whether their methods are still right. 0: never."),
    )
    cool_down_hours = fields.number(
        "cool_down_hours",
        _("hours a method is new"),
        _("A new method can't reset the password alone or remove an older method."),
    )
    call_types = fields.listed(
        _("types of phone call"), _("Which numbers may be added for calls. At first all.")
    )

    # Sign-in
    step_up_minutes = fields.number(
        "step_up_minutes",
        _("minutes a confirmation lasts"),
        _("After that, “Confirm it's you” asks again before a change."),
    )
    trusted_browser_days = fields.number(
        "trusted_browser_days",
        _("days a browser is trusted"),
        _("The second step isn't asked again in that browser; never for staff. 0: off."),
    )
    session_idle_minutes = fields.number(
        "session_idle_minutes",
        _("minutes until an idle person is signed out"),
        _("Counted from the last page."),
    )
    session_hours = fields.number(
        "session_hours",
        _("hours until a person is signed out"),
        _("Counted from the sign-in, whatever happens."),
    )
    staff_idle_minutes = fields.number(
        "staff_idle_minutes",
        _("minutes until idle staff are signed out"),
        _("Agents and administrators."),
    )
    staff_hours = fields.number(
        "staff_hours", _("hours until staff are signed out"), _("Agents and administrators.")
    )
    office_networks = fields.listed(
        _("office networks"),
        _("One range a line, at most 50: more wrong codes are counted before one has to wait."),
    )

    # Codes
    code_minutes = fields.number(
        "code_minutes", _("minutes a code works"), _("Counted from its sending.")
    )
    code_tries = fields.number(
        "code_tries", _("tries for a code"), _("So many wrong answers end a code.")
    )
    messages_per_day = fields.number(
        "messages_per_day",
        _("texts and calls a day"),
        _("In all; a fifth is kept for numbers already proved."),
    )

    # Password reset
    reset_for = fields.one_of(
        "reset_for",
        _("who may reset"),
        _("Who may set a new password after forgetting the old one. At first everyone."),
        [("nobody", _("Nobody")), ("groups", _("Chosen groups")), ("everyone", _("Everyone"))],
    )
    reset_groups = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        verbose_name=_("groups that may reset"),
        help_text=_("Counts only with “Chosen groups”."),
    )
    methods_to_reset = fields.number(
        "methods_to_reset",
        _("methods needed to reset"),
        _("How many different methods a reset asks for. Staff always need 2."),
    )
    paid_first_check = fields.flag(
        "paid_first_check",
        _("text and call as first check"),
        _("A reset may begin with a text or call, after the whole number was typed."),
    )
    reset_hold_hours = fields.number(
        "reset_hold_hours",
        _("hours of hold after a reset"),
        _("The method that reset the password can't sign in, if the person has another one."),
    )
    password_min_length = fields.number(
        "password_min_length",
        _("shortest password"),
        _("In characters. Below 15 only with registration required and nothing put off."),
    )
    blocked_words = fields.listed(
        _("blocked words"),
        _("One a line, at most 1,000, each of 4 to 16 characters: no password may contain them."),
    )
    questions_to_register = fields.number(
        "questions_to_register",
        _("questions to register"),
        _("How many security questions a person chooses."),
    )
    questions_to_answer = fields.number(
        "questions_to_answer",
        _("questions to answer"),
        _("How many of them a reset asks; not more than registered."),
    )
    questions_off = fields.listed(
        _("questions not offered"),
        _("Nobody can choose these any more; who has chosen one before keeps it."),
    )
    own_questions = fields.listed(
        _("own questions"),
        _("One a line, at most 20, each of 3 to 200 characters: offered beside the built-in ones."),
    )

    # Phones
    home_country = fields.text(
        "home_country", _("home country"), _("Two letters, for example NL: the list starts there.")
    )
    allowed_countries = fields.listed(
        _("allowed countries"),
        _("Two letters a line. Numbers of no other country are taken. Empty: home country only."),
    )
    allow_voip = fields.flag(
        "allow_voip", _("internet numbers"), _("Whether numbers of internet telephony are taken.")
    )
    call_key = fields.one_of(
        "call_key",
        _("key in a call"),
        _("What a call asks to key in. A bare # is easier, and easier to fake."),
        [("number", _("The number on the page, then #")), ("hash", _("A bare #"))],
    )
    new_numbers_per_country = fields.number(
        "new_numbers_per_country",
        _("new numbers per country a day"),
        _("Codes to numbers not yet proved."),
    )
    message_prices = fields.listed(
        _("prices of texts and calls"),
        _("A country, a text and a call a line, for example NL 0.08 0.05: the report adds up."),
    )
    text_switch = fields.flag(
        "text_switch", _("texts"), _("Off stops all text messages within seconds.")
    )
    call_switch = fields.flag(
        "call_switch", _("calls"), _("Off stops all phone calls within seconds.")
    )
    text_notices = fields.flag(
        "text_notices", _("notices by text"), _("Important notices also go out as text messages.")
    )

    # Email
    email_switch = fields.flag(
        "email_switch", _("email"), _("Off stops all emails with codes within seconds.")
    )
    organization_domains = fields.listed(
        _("organization's domains"),
        _("One a line. Nobody may register an address there. Empty: those of the work addresses."),
    )

    # Texts and contact
    organization_name = fields.text(
        "organization_name", _("name"), _("On pages and in mail. Plain letters.")
    )
    short_name = fields.text(
        "short_name", _("short name"), _("In text messages and calls. Plain letters.")
    )
    logo = models.BinaryField(_("logo"), blank=True, default=bytes)
    logo_type = models.CharField(max_length=20, blank=True, default="", editable=False)
    accent = fields.text(
        "accent",
        _("accent color"),
        _("Buttons and links, for example #17588f. Lightened or darkened until it reads well."),
    )
    helpdesk_text = fields.text(
        "helpdesk_text", _("helpdesk"), _("As pages name it. Empty: “your IT helpdesk”.")
    )
    helpdesk_phone = fields.text("helpdesk_phone", _("helpdesk's phone"), _("May be empty."))
    helpdesk_email = fields.text("helpdesk_email", _("helpdesk's email"), _("May be empty."))
    helpdesk_url = fields.text("helpdesk_url", _("helpdesk's page"), _("May be empty."))
    helpdesk_hours = fields.text(
        "helpdesk_hours", _("helpdesk's hours"), _("For example “Mon to Fri, 8:00 to 18:00”.")
    )
    privacy_url = fields.text(
        "privacy_url", _("privacy page"), _("In the footer. https, or empty.")
    )
    legal_text = fields.text("legal_text", _("legal text"), _("In the footer. May be empty."))
    languages = fields.listed(_("languages"), _("In which pages are offered. At first all."))
    default_language = fields.one_of(
        "default_language",
        _("default language"),
        _("For people without a choice of their own."),
        [("en", _("English")), ("nl", _("Dutch"))],
    )
    time_zone = fields.text(
        "time_zone",
        _("time zone"),
        _("For people without one of their own, for example Europe/Amsterdam."),
    )

    # Helpdesk
    caller_checks = fields.listed(
        _("checks of a caller"), _("How an agent may find out who is calling. At first all.")
    )
    case_minutes = fields.number(
        "case_minutes", _("minutes of a case"), _("How long a passed check lets an agent act.")
    )
    agent_actions_hour = fields.number(
        "agent_actions_hour", _("actions an hour"), _("At most, for each agent.")
    )
    agent_actions_day = fields.number(
        "agent_actions_day", _("actions a day"), _("At most, for each agent.")
    )
    pass_after_reset = fields.flag(
        "pass_after_reset",
        _("pass after re-registration"),
        _("After “Require re-registration” the next sign-in asks for a temporary access pass."),
    )
    pass_minutes = fields.number(
        "pass_minutes", _("minutes of a pass"), _("How long a temporary access pass works.")
    )
    second_approver = fields.one_of(
        "second_approver",
        _("second person"),
        _("Who helps agents always needs one. At first nobody else."),
        [
            ("nobody", _("Only for agents")),
            ("repeated", _("Also for people helped in the last 7 days")),
            ("removal", _("Also when all methods are removed")),
        ],
    )

    # Keeping data
    audit_days = fields.number("audit_days", _("days of events"), _("Older ones are removed."))
    delivery_days = fields.number(
        "delivery_days", _("days of delivery records"), _("Older ones are removed.")
    )
    network_days = fields.number(
        "network_days",
        _("days of network addresses"),
        _("Network address and browser of older events are removed."),
    )

    class Meta:
        abstract = True
