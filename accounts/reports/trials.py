"""Test messages that administrators send to themselves, and what became of them (DE9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from methods import sending
from methods.contacts import work_contact
from methods.phone import NotANumber, PhoneNumber, why_refused
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import service as messaging
from securityinfo.messaging.content import Channel, Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.base import has_provider
from securityinfo.messaging.words import CHANNELS, REASONS, STATES
from securityinfo.policy import service as policy

LOOKED_AT = 20  # of the latest tests: each channel is among them


class TrialForm(forms.Form):
    """Which way, and to which number where it needs one: an email goes to the work address."""

    channel = forms.ChoiceField(label=_("Test message"))
    number = forms.CharField(
        label=_("Your phone number"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        help_text=_("For a text or a call. With its country: +31 6 12345678."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field: Any = self.fields["channel"]
        field.choices = [
            (str(channel), capfirst(CHANNELS[channel]))
            for channel in Channel
            if has_provider(channel)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        channel = cleaned.get("channel")
        if channel and channel != Channel.EMAIL:
            try:
                cleaned["phone"] = self._number(channel)
            except forms.ValidationError as error:
                self.add_error("number", error)
        return cleaned

    def _number(self, channel: str) -> PhoneNumber:
        settings = policy.current()
        try:
            number = PhoneNumber.parse(self.cleaned_data.get("number", ""), settings.home_country)
        except NotANumber:
            raise forms.ValidationError(_("Enter a phone number.")) from None
        if why_refused(number, settings, for_calls=channel == Channel.CALL):
            raise forms.ValidationError(_("The policy takes no such number."))
        return number


def send(user: User, channel: str, number: PhoneNumber | None, *, actor: Actor) -> Message:
    """Raises throttling.Throttled; nothing is sent then."""
    sending.charge_trial(user.pk, number)
    contact = work_contact(user)
    if number is not None:
        contact = Contact(channel, number.e164, number.mask, country=number.region)
    with transaction.atomic():
        message = messaging.queue_trial(user, contact)
        log.record(
            tags.TEST_MESSAGE_SENT,
            actor=actor,
            subject=user.public_id,
            masked=contact.masked,
            channel=channel,
            message=message.pk,
        )
    return message


def latest() -> dict[str, Message]:
    """The last test of each channel, whoever sent it, as long as its record is kept."""
    events = Event.objects.filter(tag=tags.TEST_MESSAGE_SENT).order_by("-pk")[:LOOKED_AT]
    keys: dict[str, str] = {}
    for event in events:
        keys.setdefault(event.facts["channel"], event.facts["message"])
    found = Message.objects.in_bulk(keys.values())
    messages = {str(key): message for key, message in found.items()}
    return {channel: messages[key] for channel, key in keys.items() if key in messages}


def outcome_of(message: Message) -> str:
    """What the provider answered, in our words."""
    state = str(STATES[message.state])
    reason = REASONS.get(message.reason)
    return f"{state} ({reason})" if reason else state
