"""A page as everybody may see it."""

from web.conftest import Visit
from web.visits import Seen


async def check_looks(visit: Visit, path: str, name: str) -> Seen:
    """Look at a page on phone and desk, dark and light, in both languages; return the last one.

    Nothing may keep anybody from using it, and nothing may have to be moved sideways.
    """
    ways = ((True, False, "ru"), (True, True, "en"), (False, True, "ru"), (False, False, "en"))
    for phone, dark, language in ways:
        seen = await visit(path, phone=phone, dark=dark, language=language)
        assert seen.answers[0].ok
        await seen.shot(name)
        assert await seen.axe() == []
        assert not await seen.overflows()
    return seen
