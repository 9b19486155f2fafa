"""The promises about load (L1 to L7), each tried on a whole installation."""

from __future__ import annotations
