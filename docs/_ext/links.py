"""Whether the links of a built site are alive, and all of it is there: ``python links.py FOLDER``.

Each link inside the site has to lead to a file and, with a ``#``, to an id in it.  What a page
loads has to be in the site, since it is read without a network.  Exit status: 0 all is well, 1 not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

ELSEWHERE = re.compile(r"(?!data:)[a-z][a-z+.-]*:|//", re.IGNORECASE)
#: The attributes by which a page loads something.
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The ids of a page, where it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what matters of an element."""
        given = {name: value for name, value in attrs if value is not None}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in LOADED and LOADED[tag] in given:
            self.loaded.append(given[LOADED[tag]])


def complaints(folder: Path) -> Iterator[str]:
    """Yield what is wrong."""
    pages = {
        path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))
    }
    if not pages:
        yield f"{folder}: no pages"
    for path, page in pages.items():
        name = path.relative_to(folder)
        for target in page.loaded:
            if ELSEWHERE.match(target):
                yield f"{name}: loads {target}"
        for target in {*page.links, *page.loaded}:
            if not ELSEWHERE.match(target) and not _alive(target, path, pages):
                yield f"{name}: {target} leads nowhere"
    for path in sorted(folder.rglob("*.css")):
        for target in re.findall(r"url\(['\"]?([^)'\"]+)", path.read_text(encoding="utf-8")):
            if ELSEWHERE.match(target):
                yield f"{path.relative_to(folder)}: loads {target}"


def _alive(target: str, path: Path, pages: dict[Path, Page]) -> bool:
    if target.startswith("data:"):
        return True
    name, anchor = urldefrag(target)
    file = path if not name else (path.parent / unquote(name.partition("?")[0])).resolve()
    if not anchor:
        return file.exists()
    return file in pages and unquote(anchor) in pages[file].ids


if __name__ == "__main__":
    found = list(complaints(Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "All links are alive, and nothing is loaded from elsewhere.")
    sys.exit(bool(found))
