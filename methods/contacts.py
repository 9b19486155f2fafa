"""Where a person is told what happened: the work address and the methods that are contacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from methods import registry
from methods.models import Registration
from securityinfo.messaging.content import Channel, Contact
from securityinfo.messaging.transports.base import has_provider
from securityinfo.policy import service as policy
from securityinfo.text import mask_address

if TYPE_CHECKING:
    from accounts.models import User


def contacts_of(user: User, *further: Registration) -> list[Contact]:
    """Every contact as it is now, each once; `further` are registrations about to change or go."""
    confirmed = [
        each for each in Registration.objects.of(user).confirmed() if _is_heard(each, user)
    ]
    return _unique([work_contact(user), *_of_registrations(confirmed), *_of_registrations(further)])


def _is_heard(registration: Registration, user: User) -> bool:
    """What was disowned hears all until the helpdesk has settled whose it is, and nothing then."""
    return registration.suspended_at is None or user.frozen_at is not None


def work_contact(user: User) -> Contact:
    return Contact("email", user.work_address, mask_address(user.work_address))


def _of_registrations(registrations: Iterable[Registration]) -> list[Contact]:
    found = []
    for registration in registrations:
        if not registry.has(registration.kind) or registration.is_damaged:
            continue
        contact = registration.method.contact(registration.details)
        if contact and (contact.channel == Channel.EMAIL or _may_be_texted(registration)):
            found.append(replace(contact, destination=registration.channel))
    return found


def _may_be_texted(registration: Registration) -> bool:
    """NO1: if policy has notices by text, and lets this number be reached at all."""
    settings, method = policy.current(), registration.method
    return (
        settings.text_notices
        and settings.text_switch
        and has_provider(Channel.TEXT)
        and not registration.undeliverable
        and method.is_acceptable(registration.details, settings)
    )


def _unique(contacts: Iterable[Contact]) -> list[Contact]:
    return list({(each.channel, each.value.lower()): each for each in contacts}.values())
