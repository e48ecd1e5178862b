"""Gathers the texts of all pages into the catalogue: `make texts`.

The catalogue names no line and no date, so that it changes only when a text does. What is new
stands there empty; a text that is gone goes.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from contest_service.web.refusals import CONTEXT
from web.refusals import Refusals

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "contest_service" / "web"
CATALOGUE = ROOM / "locales" / "ru" / "LC_MESSAGES" / "messages.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "true"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: contest-service\n"
"Language: ru\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 "
"&& (n%100<12 || n%100>14) ? 1 : 2);\n"

"""


def read() -> Catalog:
    """The catalogue as it is committed."""
    return read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="ru")


def gathered() -> bytes:
    """The catalogue as it should be: the sources' texts, with what is translated already."""
    found = Catalog(charset="utf-8")
    for file, _line, text, _comments, context in extract_from_dir(
        ROOM, _METHODS, _OPTIONS, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        found.add(text, None, [(file, 0)], context=context)
    for text, places in Refusals().found.items():
        files = sorted({each.partition(":")[0].replace(".", "/") + ".py" for each in places})
        found.add(text, None, [(each, 0) for each in files], context=CONTEXT)
    catalogue = read()
    catalogue.update(found, no_fuzzy_matching=True)
    written = io.BytesIO()
    write_po(
        written,
        catalogue,
        width=100,
        omit_header=True,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return _HEADER.encode() + written.getvalue().strip() + b"\n"


if __name__ == "__main__":
    CATALOGUE.write_bytes(gathered())
