"""What a web server serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securityinfo.settings")

application = get_wsgi_application()

from accounts import first_administrator  # noqa: E402 - models are there only now
from securityinfo.operations import key_proofs  # noqa: E402 - the same

key_proofs.refuse_wrong_keys()
first_administrator.at_start()
