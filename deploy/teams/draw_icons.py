"""Draws the icons of the Teams app from their SVG files: ``.venv/bin/python -m deploy.teams.draw_icons``.

Chromium draws, as for the screenshots in ``docs/img``; Pillow makes what is half transparent in ``outline.png`` white
again, which a browser's rounding leaves a shade darker.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Dict

from PIL import Image
from playwright.sync_api import Browser

from tests.support.browser import chromium

FOLDER = Path(__file__).parent
SIZES: Dict[str, int] = {"color": 192, "outline": 32}
"""What Teams asks for, in pixels."""


def draw(browser: Browser, name: str) -> Image.Image:
    """Return the icon as Teams takes it: ``color`` without transparency, ``outline`` in nothing but white."""
    size = SIZES[name]
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": size, "height": size}, device_scale_factor=1)
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{svg}")
    drawn = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    page.close()
    if name == "color":
        return drawn.convert("RGB")
    white = Image.new("RGBA", drawn.size, "white")
    white.putalpha(drawn.convert("RGBA").getchannel("A"))
    return white


def main() -> None:
    """Write both PNG files."""
    with chromium() as browser:
        for name in SIZES:
            draw(browser, name).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
