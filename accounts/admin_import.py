"""People from a file in the administration: upload, look at what it would do, then do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.import_models import PeopleFile
from accounts.importing import reading, report, writing
from accounts.importing.columns import Column
from accounts.importing.planning import Step, What
from accounts.importing.reading import Problem, Unreadable
from accounts.models import User
from securityinfo import csv_files, uploads
from securityinfo.actor import Actor
from securityinfo.admin_site import ByDuty, SecurityInfoAdminSite
from securityinfo.audit import log, tags
from securityinfo.duties import Duty
from securityinfo.form_pages import UNPROCESSABLE, posted
from securityinfo.freshness import STAFF_NEED, proof_required

MOST_SECONDS = 20.0  # the server gives up a page after 30
WORDS = {
    What.NEW: _("New"),
    What.CHANGED: _("Changed"),
    What.DEACTIVATED: _("Deactivated"),
    What.UNCHANGED: _("As it was"),
}

freshly = proof_required(lambda _request, **_: STAFF_NEED)


class UploadForm(forms.Form):
    """Takes a file that is text; what stands in it is the next page's."""

    file = forms.FileField(label=_("CSV file"), allow_empty_file=True)

    def clean_file(self) -> str:
        data = self.cleaned_data["file"].read(uploads.MOST + 1)
        try:
            return reading.text_of(data, most=uploads.MOST)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from None


class Importing(ByDuty):
    def get_urls(self) -> list[URLPattern]:
        site = cast(SecurityInfoAdminSite, self.admin_site)
        pages: tuple[tuple[str, Any, str], ...] = (
            ("import/", self.upload_view, "import"),
            ("import/<uuid:uuid>/", self.look_view, "import_look"),
            ("import/<uuid:uuid>/lines.csv", self.lines_view, "import_lines"),
        )
        return [
            *(
                path(
                    address,
                    site.view_for([Duty.MANAGE_PEOPLE], freshly(view)),
                    name=f"accounts_user_{name}",
                )
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    @uploads.says_what_is_too_long
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(posted(request), request.FILES or None)
        if request.method == "POST" and uploads.was_too_long(request):
            form.full_clean()
            form.errors["file"] = form.error_class([_too_large()])
        elif form.is_valid():
            user = cast(User, request.user)
            PeopleFile.objects.of(user).delete()
            kept = PeopleFile.objects.create(by=user, content=form.cleaned_data["file"])
            return redirect("admin:accounts_user_import_look", kept.pk)
        context = {"form": form, "columns": list(Column), "title": _("Import people")}
        status = UNPROCESSABLE if form.errors else 200
        return self._page(request, "import", context, status=status)

    def look_view(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        kept = self._kept(request, uuid)
        if "cancel" in request.POST:
            kept.delete()
            return redirect("admin:accounts_user_import")
        if request.method == "POST":
            return self._import(request, kept)
        found = report.of(
            kept.content.encode(), by=cast(User, request.user), most_seconds=MOST_SECONDS
        )
        counts = [(words, found.counts[what]) for what, words in WORDS.items()]
        steps = [(each, WORDS[each.what]) for each in found.steps]
        context = {"found": found, "counts": counts, "steps": steps, "kept": kept}
        return self._page(request, "import_look", context | {"title": _("Look at the import")})

    def _import(self, request: HttpRequest, kept: PeopleFile) -> HttpResponse:
        try:
            done = writing.write(
                kept.content,
                by=cast(User, request.user),
                actor=Actor.of(request),
                expected=request.POST.get("digest") or "-",
            )
        except (writing.Refused, Unreadable, reading.WrongHeader) as refused:
            _say_why(request, getattr(refused, "problems", []))
            return redirect("admin:accounts_user_import_look", kept.pk)
        kept.delete()
        changed = done.counts.total() - done.counts[What.UNCHANGED]
        text = ngettext("%d person was imported.", "%d people were imported.", changed)
        messages.success(request, text % changed)
        return redirect("admin:accounts_user_changelist")

    def lines_view(self, request: HttpRequest, uuid: UUID) -> HttpResponseBase:
        """Every line with what becomes of it; numbers and addresses stay in the file."""
        kept = self._kept(request, uuid)
        with transaction.atomic():
            actor = Actor.of(request)
            log.record(tags.EXPORT_DOWNLOADED, actor=actor, report="import", file=kept.pk)
        found = report.lines(
            kept.content.encode(), by=cast(User, request.user), most_seconds=MOST_SECONDS
        )
        header = ["line", "user_name", "result", "column", "details"]
        return csv_files.response("import", header, _rows(found))

    def _kept(self, request: HttpRequest, uuid: UUID) -> PeopleFile:
        """One's own; another administrator's looks like none."""
        return get_object_or_404(PeopleFile.objects.of(cast(User, request.user)), pk=uuid)

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"accounts/admin/{name}.html", context, status=status)


def _say_why(request: HttpRequest, problems: list[Problem]) -> None:
    """The dry run doesn't see who is the last one with a duty: only whoever writes does."""
    for problem in problems:
        text = _("Line %(line)d: %(words)s")
        messages.error(request, text % {"line": problem.line, "words": problem.words})
    if not problems:
        messages.warning(request, _("People were changed meanwhile. Look at it again."))


def _too_large() -> str:
    text = _("The file is larger than %(size)d MB. Split it, or import it on the server.")
    return text % {"size": uploads.MOST // 1024 // 1024}


def _rows(found: Iterator[Step | Problem]) -> Iterator[list[csv_files.Cell]]:
    for each in found:
        if isinstance(each, Problem):
            yield [each.line, "", "error", each.column, each.words]
        else:
            columns = " ".join(each.columns)
            yield [each.wanted.line, each.wanted.name, str(each.what), columns, ""]
