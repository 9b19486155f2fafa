"""What can be measured of a page that is open: whether it fits, and whether a finger hits it."""

from __future__ import annotations

from playwright.sync_api import Page

PHONE, SMALL_PHONE, DESK = 360, 320, 1280  # 320 is also 1280 at 400 % zoom
HEIGHT = 844

# What a person presses or fills in; a link inside a sentence is as high as its line.
TARGETS = """button, .button, summary, select, .radio-card, nav a, .actions a, .row-actions a,
  .line a, .links a, .below-card a:not(.hint a),
  input:not([type=hidden], [type=checkbox], [type=radio])"""

_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const name = (each) => each.tagName.toLowerCase() + (each.className ? "." + each.className : "");
  const wide = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width && (box.right > room + 0.5 || box.left < -0.5);
  });
  return [`wider than ${room} px: ${wide.slice(0, 4).map(name).join(", ")}`];
}"""

_TOO_SMALL = """(targets) => {
  const complaints = [];
  for (const each of document.querySelectorAll(targets)) {
    const box = each.getBoundingClientRect();
    if (!box.height || !each.checkVisibility({ visibilityProperty: true })) continue;
    const name = `${each.tagName.toLowerCase()} "${each.textContent.trim() || each.name}"`;
    if (box.height < 43.5) complaints.push(`${name} is ${box.height} px high`);
    if (each.matches("input, select, textarea") && parseFloat(getComputedStyle(each).fontSize) < 16)
      complaints.push(`${name} has letters below 16 px`);
  }
  return complaints;
}"""


def too_wide(page: Page) -> list[str]:
    """What would make a person scroll sideways."""
    return page.evaluate(_TOO_WIDE)


def too_small(page: Page) -> list[str]:
    """What a finger misses, and fields into which a phone would zoom."""
    return page.evaluate(_TOO_SMALL, TARGETS)


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
