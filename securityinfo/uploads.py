"""What may be uploaded: a logo, a file of people, and nothing that has to be kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.http import HttpRequest

# Ten times what a logo may have, so that the form can still say what is wrong with a larger one.
MOST = 2 * 1024 * 1024
# What a page reads and throws away to be able to say that it is too long.
MOST_DISCARDED = 64 * 1024 * 1024

View = TypeVar("View", bound=Callable[..., Any])
_SAYS_SO = "says_what_is_too_long"
_TOO_LONG = "was_too_long"


def says_what_is_too_long(view: View) -> View:
    """For a page that takes a file: it is called without it, and asks `was_too_long`."""
    setattr(view, _SAYS_SO, True)
    return view


def was_too_long(request: HttpRequest) -> bool:
    return getattr(request, _TOO_LONG, False)


class InMemoryOnly(MemoryFileUploadHandler):
    """Refuses a long request unread; Django would write any file of any stranger to disk."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> Any:
        """Raises RequestDataTooBig, which is answered with 400."""
        _input, _headers, content_length = args[:3]
        if content_length > MOST:
            match = getattr(self.request, "resolver_match", None)
            if content_length > MOST_DISCARDED or not getattr(
                match and match.func, _SAYS_SO, False
            ):
                raise RequestDataTooBig("The request is longer than any form of ours.")
            setattr(self.request, _TOO_LONG, True)
        return super().handle_raw_input(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.request is not None and was_too_long(self.request):
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)
