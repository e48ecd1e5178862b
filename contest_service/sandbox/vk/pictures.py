"""Pictures at their addresses: uploaded ones as they are, and a drawn one for everybody else."""

import hashlib

from contest_service.sandbox.vk import http
from contest_service.sandbox.vk.site import Site

_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"))


def show(site: Site, name: str) -> http.Answer:
    """Answer with a picture by its digest, or with the drawing of `person1001.svg`."""
    stored = site.world.pictures.get(name)
    if stored is not None:
        kind = next(kind for begin, kind in _KINDS if stored.startswith(begin))
        return http.Answer(body=stored, kind=kind)
    if not name.endswith(".svg"):
        return http.text("404 Not Found", 404)
    hue = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big") % 360
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({hue} 45% 75%)"/>'
        f'<circle cx="50" cy="40" r="18" fill="hsl({hue} 40% 40%)"/>'
        f'<path d="M15 100a35 35 0 0 1 70 0" fill="hsl({hue} 40% 40%)"/></svg>'
    )
    return http.Answer(body=drawing.encode(), kind="image/svg+xml")
