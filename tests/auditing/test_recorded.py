"""The audit that is recorded: its table in the README, and its page in a real browser.

What was measured is recorded in ``docs/audit.json``, the command's own output; everything else is
derived and judged anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bntheory.auditing import VERDICTS, Row, experiments, gathered, row
from bntheory.auditing.store import read
from bntheory.paper import STATEMENTS
from bntheory.rendering.audit import glance, render, row_data
from bntheory.verdict import Validation

ROOT = Path(__file__).parents[2]
WIDTHS = (320, 390, 1280)


@cache
def recorded() -> dict[str, dict[str, Any]]:
    data = json.loads((ROOT / "docs" / "audit.json").read_text(encoding="utf-8"))
    return {each["id"]: each for each in data["rows"]}


def measured(id: str) -> Validation | None:
    """Return the recorded measurements of a statement."""
    found = [each for each in recorded()[id]["evidence"] if each["kind"] == "measurement"]
    if not found:
        return None
    made = {name: found[0][name] for name in ("seed", "device")}
    about = {"versions": {}, "seconds": 0.0, "about": "How."}
    return read({"id": id, "checks": found, **made, **about})


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    networks = ROOT / "benchmarks" / "results" / "cifar10"
    return [
        row(gathered(each, measured(each.id), experiments.load(networks, each.id)))
        for each in STATEMENTS
    ]


def test_what_is_recorded_is_what_follows(rows: list[Row]) -> None:
    """Verdicts, sentences and derived forms; rounding may move the last digits of a range."""
    assert set(recorded()) == {each.id for each in rows}
    for each in rows:
        kept, now = recorded()[each.id], row_data(each)
        for name in ("verdict", "because", "printed", "derived", "assumptions", "dropped"):
            assert kept[name] == now[name], (each.id, name)
        assert [gap["quantity"] for gap in kept["off"]] == [gap["quantity"] for gap in now["off"]]
        for one, other in zip(kept["off"], now["off"], strict=True):
            assert one["largest"] == pytest.approx(other["largest"], rel=1e-6)


def test_everything_of_ours_holds(rows: list[Row]) -> None:
    assert all(each.sound for each in rows)


def test_the_readme_opens_with_the_table(rows: list[Row]) -> None:
    readme = (ROOT / "README.rst").read_text(encoding="utf-8")
    block = readme[readme.index(".. audit begins") : readme.index(".. audit ends")]
    lines = block[block.index("   holds") :].rstrip().splitlines()
    assert [line[3:] for line in lines] == glance(rows).splitlines()
    assert readme.index("bntheory.audit") < readme.index("Start\n-----")


def test_what_does_not_hold_says_by_how_much_it_is_off(rows: list[Row]) -> None:
    for each in rows:
        if each.verdict in ("fails", "misprint", "holds-approximately"):
            assert each.gaps or each.judgement.confirmed and not each.judgement.refuted, each.id
        if each.verdict == "fails":
            assert each.judgement.refuted


def test_all_formats_have_all_rows(rows: list[Row]) -> None:
    for format in ("text", "markdown", "html", "json"):
        page = render(rows, format)
        assert all(each.id in page for each in rows)
        assert all(verdict in page for verdict in VERDICTS)
    assert render(rows, "text", use_unicode=False).isascii()


# -- in a browser ----------------------------------------------------------------------------------


def browser() -> str:
    """Return the program of a browser; without one, the test says how to have it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    for path in map(shutil.which, names):
        if path is not None:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    missing = "no browser: apt-get install chromium, or playwright install chromium"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="module")
def opened(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a function that opens the page, and keeps what the console and the network say."""
    from playwright.sync_api import sync_playwright

    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(render(rows, "html"), encoding="utf-8")
    program = browser()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])

        def page(width: int, **more: Any) -> tuple[Any, list[str]]:
            context = chromium.new_context(viewport={"width": width, "height": 800}, **more)
            shown, said = context.new_page(), []
            shown.on("console", lambda message: said.append(message.text))
            shown.on("pageerror", lambda error: said.append(str(error)))
            shown.on("request", lambda asked: said.append(asked.url))
            shown.goto(path.as_uri())
            asked_for = [f"{path.as_uri()}", "data:,"]
            return shown, [each for each in said if each not in asked_for]

        yield page
        chromium.close()


OVERFLOWING = """() => [...document.querySelectorAll("main *")]
  .filter(e => !e.closest(".formula") && !e.closest("svg"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""

Open = Callable[..., tuple[Any, list[str]]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_and_the_console_is_silent(opened: Open, width: int, scheme: str) -> None:
    page, said = opened(width, color_scheme=scheme)
    assert said == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWING) == []
    background, ink = page.evaluate(
        "['background-color', 'color'].map(name =>"
        " getComputedStyle(document.querySelector('main')).getPropertyValue(name))"
    )
    dark, light = (sum(map(int, re.findall(r"\d+", color)[:3])) for color in (background, ink))
    assert (dark < light) == (scheme == "dark")


def test_links_resolve(opened: Open, rows: list[Row]) -> None:
    page, _ = opened(1280)
    targets = page.evaluate("[...document.links].map(a => a.getAttribute('href'))")
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    assert targets and all(href.startswith("#") and href[1:] in ids for href in targets)
    assert {each.id for each in rows} <= ids
    count = len(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    assert count == len(ids)


def test_a_statement_and_its_derivation_are_two_clicks_away(opened: Open) -> None:
    page, _ = opened(390)
    page.click("#glance a[href='#eq15']")
    assert page.evaluate("document.getElementById('eq15').getBoundingClientRect().top") < 100
    page.click("#eq15 summary")
    assert page.is_visible("#eq15 details math")
    assert page.locator("#eq15 figure svg .printed").count() == 3
    assert page.locator("#eq15 figure svg").first.is_visible()


def test_the_search_finds(opened: Open, rows: list[Row]) -> None:
    page, said = opened(1280)
    page.fill("#search", "misprint.")
    shown = page.evaluate("[...document.querySelectorAll('main > section')]"
                          ".filter(e => e.offsetHeight).map(e => e.id)")  # fmt: skip
    assert shown == [each.id for each in rows if each.verdict == "misprint"]
    assert page.locator("#glance tbody tr:visible").count() == len(shown)
    page.evaluate("location.hash = '#thm1'")
    page.wait_for_function("document.getElementById('thm1').offsetHeight > 0")
    assert said == []


def test_it_is_all_there_without_script(opened: Open, rows: list[Row]) -> None:
    page, _ = opened(1280, java_script_enabled=False)
    assert page.locator("main > section:visible").count() == len(rows)
    assert not page.is_visible("#search")


def test_on_paper_nothing_is_cut(opened: Open) -> None:
    page, _ = opened(794)
    page.emulate_media(media="print")
    assert page.evaluate(OVERFLOWING) == []
    assert not page.is_visible("#search")
