"""The organization's color made readable: contrast after WCAG 2.2, and the accent of each theme."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

ENOUGH = 4.5  # WCAG 2.2, 1.4.3: contrast of text

WHITE = "#ffffff"
NEAR_BLACK = "#10151a"

_STEPS = 200  # of lightness, so half a percent each: no step is seen, none is missed


@dataclass(frozen=True)
class Theme:
    """The grounds on which the accent is read, as in static/css/tokens.css."""

    grounds: tuple[str, ...]
    is_dark: bool


# Page, card, and the soft box that a pointed-at row gets.
LIGHT = Theme(grounds=("#f5f6f8", "#ffffff", "#eef3f8"), is_dark=False)
DARK = Theme(grounds=("#13161a", "#1c2025", "#1f2831"), is_dark=True)


@dataclass(frozen=True)
class Accent:
    """A color that can be read on every ground of its theme, and what is written on it."""

    color: str
    on_accent: str


def contrast(one: str, other: str) -> float:
    """1 to 21, of two colors like `#17588f`."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def accent_for(color: str, theme: Theme) -> Accent:
    """The accent of a theme: only the lightness changes, and no more than it must."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(color))
    candidate = color.lower()
    for step in range(1, _STEPS + 1):
        if _is_readable(candidate, theme):
            break
        away = step / _STEPS
        moved = min(1.0, lightness + away) if theme.is_dark else max(0.0, lightness - away)
        candidate = _written(*colorsys.hls_to_rgb(hue, moved, saturation))
    return Accent(color=candidate, on_accent=_better_text(candidate))


def _is_readable(color: str, theme: Theme) -> bool:
    on_grounds = all(contrast(color, ground) >= ENOUGH for ground in theme.grounds)
    return on_grounds and contrast(color, _better_text(color)) >= ENOUGH


def _better_text(color: str) -> str:
    return max((WHITE, NEAR_BLACK), key=lambda text: contrast(color, text))


def _luminance(color: str) -> float:
    """Relative luminance as WCAG defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(color: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _written(red: float, green: float, blue: float) -> str:
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
