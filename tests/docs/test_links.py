"""What the check of a built site finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from links import complaints

WELL = {
    "index.html": '<p id="here"><a href="#here"></a><a href="deep/page.html?x#there"></a>'
    '<a href="https://elsewhere.example/"></a><script src="_static/a.js"></script>',
    "deep/page.html": '<h1 id="there"><a href="../index.html"></a><img src="data:,">',
    "_static/a.js": "",
    "_static/a.css": "p { background: url(data:,); }",
}


def complain(folder: Path, **changed: str) -> list[str]:
    for name, text in (WELL | changed).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(complaints(folder))


def test_a_site_that_is_well(tmp_path: Path) -> None:
    assert complain(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<a href="#nowhere">', "#nowhere leads nowhere"),
        ('<a href="deep/page.html#here">', "deep/page.html#here leads nowhere"),
        ('<a href="gone.html">', "gone.html leads nowhere"),
        ('<a href="_static/a.js#x">', "_static/a.js#x leads nowhere"),
        ('<img src="gone.png">', "gone.png leads nowhere"),
        ('<script src="https://cdn.example/x.js">', "loads https://cdn.example/x.js"),
        ('<link href="//cdn.example/x.css">', "loads //cdn.example/x.css"),
    ],
)
def test_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    assert complain(tmp_path, **{"wrong.html": text}) == [f"wrong.html: {said}"]


def test_a_style_that_loads_a_font(tmp_path: Path) -> None:
    font = "@font-face { src: url('https://fonts.example/x.woff') }"
    found = complain(tmp_path, **{"_static/b.css": font})
    assert found == ["_static/b.css: loads https://fonts.example/x.woff"]


def test_a_site_that_is_not_there(tmp_path: Path) -> None:
    assert list(complaints(tmp_path / "nothing")) == [f"{tmp_path / 'nothing'}: no pages"]
