"""Every derivation in every format: what a page has to have, and what it must not do."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import pytest
import sympy as sp
from rendering_checks import assert_balanced, small, words

import derivations
from bntheory.derivation import Comparison, Derivation
from bntheory.rendering import render

IDS = tuple(derivations.available())
Derived = Callable[..., Derivation]


@pytest.fixture(params=IDS)
def derivation(request: pytest.FixtureRequest, derived: Derived) -> Derivation:
    return derived(request.param)


@pytest.fixture
def eq13(derived: Derived) -> Derivation:
    return derived("eq13")


def failing(derivation: Derivation) -> Derivation:
    """Spoil the first check."""
    first, *rest = derivation.steps
    spoiled = replace(first, check=replace(first.check, passed=False))
    return replace(derivation, steps=(spoiled, *rest))


# -- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("use_unicode", [True, False])
def test_text_fits_on_a_terminal(derivation: Derivation, use_unicode: bool) -> None:
    page = render(derivation, "text", use_unicode)
    rows = page.split("\n")
    assert max(map(len, rows)) <= 80
    assert all(row == row.rstrip() for row in rows)
    assert page.endswith("\n") and not page.endswith("\n\n")
    assert use_unicode or page.isascii()


def test_text_says_everything(derivation: Derivation) -> None:
    page = words(render(derivation, "text"))
    for said in (*derivation.assumptions, *derivation.remarks, derivation.where):
        assert words(said) in page
    for number, step in enumerate(derivation.steps, 1):
        assert f"{number}. {words(step.title)}".lower() in page.lower()
        assert f"Checked, {step.check.method}: " in page
    for cited in derivation.cited:
        assert f"({cited.id})" in page
    assert "CHECK FAILED" not in page
    assert ("hold: " in page) or ("holds: " in page)


def test_what_is_sampled_is_never_called_a_proof(derivation: Derivation) -> None:
    page = words(render(derivation, "text"))
    sampled = [step for step in derivation.steps if step.check.method == "sampled"]
    assert len(re.findall("Checked, sampled: ", page)) == len(sampled)
    assert bool(sampled) == ("Sampled checks are evidence, not proof." in page)


def test_approximations_are_marked(derivation: Derivation) -> None:
    page = words(render(derivation, "text"))
    approximations = [step for step in derivation.steps if step.approximation]
    assert page.count("Approximation: what is dropped is") == len(approximations)


def test_rendering_is_fast(derived: Derived) -> None:
    derivation, seconds = derived("prop2"), []
    for _ in range(3):
        started = perf_counter()
        render(derivation, "text")
        seconds.append(perf_counter() - started)
    assert min(seconds) < 0.3


def test_names_of_activations_are_explained(derived: Derived) -> None:
    assert "relu, g(x) = max(x, 0)." in render(derived("eq13"), "text")
    assert "No activation function to choose" in render(derived("eq10"), "text")


# -- print against derivation --------------------------------------------------------------------


def test_agreement_is_said_and_grouped(derived: Derived) -> None:
    assert "Print and derivation agree: the difference is symbolically zero." in render(
        derived("eq13"), "text"
    )
    page = words(render(derived("eq10"), "text"))
    assert "(1) to (3): Print and derivation agree" in page


def test_another_activation_is_not_compared(derived: Derived) -> None:
    page = words(render(derived("eq13", "linear"), "text"))
    assert "The print does not speak of linear: nothing to compare." in page


def test_a_difference_is_shown_with_a_point(derived: Derived) -> None:
    page = words(render(derived("eq15"), "text"))
    assert "Print and derivation differ." in page
    assert "Derived minus printed:" in page
    assert re.search(r"For instance, at .*R = .*, the print gives \S+ and the derivation", page)


def test_a_sampled_agreement_is_called_sampled(eq13: Derivation) -> None:
    (compared,) = eq13.comparisons
    near = replace(compared, difference=sp.Symbol("tiny"))
    page = words(render(replace(eq13, comparisons=(near,)), "text"))
    assert "agree, sampled: no difference at 20 random points" in page
    assert "symbolically zero" not in page


def test_a_violated_inequality_is_shown() -> None:
    a, b = sp.symbols("a b", positive=True)
    relation = sp.Ge(a, b, evaluate=False)
    comparison = Comparison(relation, relation, a - b, False, {"a": "1", "left": "1", "right": "2"})
    page = words(render(small(comparisons=(comparison,)), "text"))
    assert "The printed inequality, with what is derived put in:" in page
    assert "at a = 1, the left-hand side is 1 and the right-hand side 2." in page


# -- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["text", "latex", "markdown", "html"])
def test_a_failed_check_cannot_be_missed(eq13: Derivation, format: str) -> None:
    page = render(failing(eq13), format)
    assert words(page).count("CHECK FAILED") == 2  # at the top and at the step
    assert "1 OF 1 CHECKS FAILED" in page  # at the end
    assert "The one step holds" not in page


def test_a_failed_check_in_what_is_cited_cannot_be_missed(derived: Derived) -> None:
    citing = replace(derived("eq10"), cited=(failing(derived("eq9")),))
    page = words(render(citing, "text"))
    assert page.count("CHECK FAILED") == 3  # at the top, in the list, at the end
    assert "steps hold" not in page
    assert not json.loads(render(citing, "json"))["passed"]


def test_json_tells_of_a_failed_check(eq13: Derivation) -> None:
    data = json.loads(render(failing(eq13), "json"))
    assert data["passed"] is False and data["steps"][0]["check"]["passed"] is False


# -- LaTeX, Markdown, HTML -----------------------------------------------------------------------


def test_latex_is_complete_and_balanced(derivation: Derivation) -> None:
    source = render(derivation, "latex")
    assert source.isascii()
    assert source.startswith(r"\documentclass") and source.endswith("\\end{document}\n")
    assert_balanced(source)


def test_markdown_displays_are_closed(derivation: Derivation) -> None:
    page = render(derivation, "markdown")
    displays = re.findall(r"^\$\$\n(.*?)\n\$\$$", page, flags=re.M | re.S)
    assert page.count("$$") == 2 * len(displays) > 0
    for display in displays:
        assert "\n" not in display  # no line that Markdown could take for a list or a heading
        assert_balanced(display)


def test_html_is_self_contained_and_well_formed(derivation: Derivation) -> None:
    page = render(derivation, "html")
    for forbidden in ("<script", "http:", "https:", "url(", "@import", "<link", "<img"):
        assert forbidden not in page
    assert '<meta name="viewport"' in page and "prefers-color-scheme: dark" in page
    (article,) = re.findall(r"<article.*?</article>", page, flags=re.S)
    ET.fromstring(article)


def test_several_derivations_make_one_document(derived: Derived) -> None:
    both = [derived("eq13"), derived("eq14")]
    assert render(both, "latex").count(r"\documentclass") == 1
    assert render(both, "html").count("<html") == 1
    assert render(both, "html").count("<article") == 2
    assert [d["id"] for d in json.loads(render(both, "json"))] == ["eq13", "eq14"]
    assert all(f"{each.id}: Luo" in render(both, "text") for each in both)


def test_words_are_escaped() -> None:
    nasty = r"a_b^c ~ 50% & $x$ #1 {y} \z *w* <i>q</i> | `k` -> [l]"
    derivation = small(remarks=(nasty,), title="R_1 <b> & co")
    assert nasty in words(render(derivation, "text"))
    assert_balanced(render(derivation, "latex"))
    assert r"a\_b\textasciicircum{}c $\sim$ 50\% \& \$x\$ \#1 \{y\}" in render(derivation, "latex")
    assert r"a\_b^c \~ 50% & \$x\$ \#1" in render(derivation, "markdown")
    assert "&lt;i&gt;q&lt;/i&gt;" in render(derivation, "html")


def test_other_characters_than_ascii_are_replaced_where_they_have_to_be() -> None:
    derivation = small(remarks=("naïve — and β",))
    assert render(derivation, "text", use_unicode=False).isascii()
    assert render(derivation, "latex").isascii()
    assert "naïve — and β" in render(derivation, "text")


def test_an_unknown_format_is_refused(eq13: Derivation) -> None:
    with pytest.raises(ValueError, match="no format 'pdf'; the formats are text, latex"):
        render(eq13, "pdf")
