"""What may be uploaded: the organization's logo, and nothing that has to be kept on disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

# Ten times what a logo may have, so that the form can still say what is wrong with a larger one.
MOST = 2 * 1024 * 1024


class InMemoryOnly(MemoryFileUploadHandler):
    """Refuses a long request unread; Django would write any file of any stranger to disk."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> Any:
        """Raises RequestDataTooBig, which is answered with 400."""
        _input, _headers, content_length = args[:3]
        if content_length > MOST:
            raise RequestDataTooBig("The request is longer than any form of ours.")
        return super().handle_raw_input(*args, **kwargs)
