"""Deliveries in the administration: what became of each; never what it said, nor to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from securityinfo.admin_site import ReadOnly
from securityinfo.messaging.models import Message
from securityinfo.messaging.words import CATEGORIES, CHANNELS, REASONS, STATES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOTHING = "–"


class WordsFilter(admin.SimpleListFilter):
    """By one column whose values are known: no query for what there is."""

    words: ClassVar[Mapping[str, StrOrPromise]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return list(self.words.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class StateFilter(WordsFilter):
    title, parameter_name, words = _("state"), "state", STATES


class CategoryFilter(WordsFilter):
    title, parameter_name, words = _("content"), "category", CATEGORIES


class ChannelFilter(WordsFilter):
    title, parameter_name, words = _("channel"), "channel", CHANNELS


class ReasonFilter(WordsFilter):
    title, parameter_name, words = _("error"), "reason", REASONS


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = (
        "created",
        "person",
        "content",
        "way",
        "masked",
        "state_in_words",
        "attempts",
        "error",
    )
    list_filter = (StateFilter, CategoryFilter, ChannelFilter, ReasonFilter, "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-id")
    show_facets = admin.ShowFacets.NEVER  # they count every choice of every filter
    search_fields = ("user",)  # shows the box; get_search_results does it
    search_help_text = _("User name or work address of the person, or the provider's id.")
    fields: ClassVar[Any] = (*list_display, "next_try", "sent", "ended", "provider_id")
    readonly_fields: ClassVar[Any] = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """What is sealed isn't even read."""
        return super().get_queryset(request).defer("sealed", "script")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Each by an index: a whole name or work address, a whole id."""
        term = search_term.strip()
        if not term:
            return queryset, False
        person = get_user_model().objects.named(term)
        if person:
            return queryset.filter(user=person), False
        # The index leaves out empty ids: it is used only where the query does so too.
        return queryset.filter(provider_id=term).exclude(provider_id=""), False

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, message: Message) -> Any:
        return display_for_value(message.created_at, NOTHING)

    @admin.display(description=_("person"))
    def person(self, message: Message) -> str:
        return str(message.user)

    @admin.display(description=_("content"))
    def content(self, message: Message) -> Any:
        return CATEGORIES.get(message.category, message.category)

    @admin.display(description=_("channel"))
    def way(self, message: Message) -> Any:
        return CHANNELS.get(message.channel, message.channel)

    @admin.display(description=_("state"))
    def state_in_words(self, message: Message) -> Any:
        return STATES.get(message.state, message.state)

    @admin.display(description=_("tries"))
    def attempts(self, message: Message) -> int:
        return message.tries

    @admin.display(description=_("error"))
    def error(self, message: Message) -> Any:
        return REASONS.get(message.reason, message.reason) or NOTHING

    @admin.display(description=_("next try"))
    def next_try(self, message: Message) -> Any:
        return display_for_value(None if message.finished_at else message.next_try_at, NOTHING)

    @admin.display(description=_("sent"))
    def sent(self, message: Message) -> Any:
        return display_for_value(message.sent_at, NOTHING)

    @admin.display(description=_("ended"))
    def ended(self, message: Message) -> Any:
        return display_for_value(message.finished_at, NOTHING)
