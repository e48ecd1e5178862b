"""The pictures of the documentation: each is there, is shown, and all of them are small."""

import re

from web.pictures import FOLDER, PICTURES
from web.visits import ROOT

MOST_BYTES = 600_000


def test_every_picture_is_there_and_shown() -> None:
    shown = re.findall(r"\]\(pictures/(\w+)\.webp\)", (ROOT / "docs" / "pages.md").read_text())
    assert sorted(shown) == sorted(PICTURES) == sorted(each.stem for each in FOLDER.iterdir())


def test_the_pictures_are_small() -> None:
    assert sum(each.stat().st_size for each in FOLDER.iterdir()) < MOST_BYTES
