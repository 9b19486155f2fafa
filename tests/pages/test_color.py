from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securityinfo import color

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert color.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert color.contrast(other, one) == color.contrast(one, other)


@given(COLORS)
@pytest.mark.parametrize("theme", [color.LIGHT, color.DARK])
def test_every_color_becomes_readable_in_both_themes(theme, chosen):
    accent = color.accent_for(chosen, theme)

    assert all(color.contrast(accent.color, ground) >= 4.5 for ground in theme.grounds)
    assert color.contrast(accent.color, accent.on_accent) >= 4.5


def test_a_color_that_can_be_read_stays_as_it_is():
    accent = color.accent_for("#17588F", color.LIGHT)

    assert accent == color.Accent(color="#17588f", on_accent="#ffffff")


def test_only_the_lightness_changes():
    accent = color.accent_for("#ffcc00", color.LIGHT)

    hue, lightness, _ = colorsys.rgb_to_hls(*color._parts(accent.color))
    assert hue == pytest.approx(colorsys.rgb_to_hls(*color._parts("#ffcc00"))[0], abs=0.01)
    assert lightness < 0.5


def test_the_lightness_changes_no_more_than_it_must():
    accent = color.accent_for("#ffcc00", color.LIGHT)

    assert min(color.contrast(accent.color, ground) for ground in color.LIGHT.grounds) < 4.7
