"""Makes the pictures of docs/pages.md out of what the walks have seen: `make pictures`."""

from PIL import Image

from web.visits import DESK, PHONE, ROOT, SCREENSHOTS

FOLDER = ROOT / "docs" / "pictures"
PICTURES = {
    "desk": "walk-first-desk-desk-en-light",
    "contest": "walk-tour-1-desk-en-light",
    "conditions": "walk-step-conditions-phone-en-light-plain",
    "start": "walk-step-start-phone-en-light-plain",
    "entrant": "walk-contest-phone-ru-light",
    "draw": "walk-draw-phone-ru-light",
    "certificate": "walk-certificate-phone-ru-light",
    "verified": "walk-verified-desk-en-light",
}
"""The picture, and the screenshot that it is made of."""
_HEIGHTS = {PHONE["width"]: 1000, DESK["width"]: 900}
"""Pixels that are kept, from the top, by the width of the window."""
_QUALITY = 78


def make() -> None:
    """Cut each to what is seen first, and keep it small."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, source in PICTURES.items():
        with Image.open(SCREENSHOTS / f"{source}.png") as shot:
            height = min(shot.height, _HEIGHTS[shot.width])
            cut = shot.convert("RGB").crop((0, 0, shot.width, height))
            cut.save(FOLDER / f"{name}.webp", quality=_QUALITY, method=6)


if __name__ == "__main__":
    make()
