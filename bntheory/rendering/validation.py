"""A validation as text and as JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from bntheory.rendering.text import ascii_only, wrap
from bntheory.verdict import Check, Form, Validation, Verdict, more_work

#: The formats of :func:`render`.
FORMATS = ("text", "json")

WIDTH = 98
HEAD = ("quantity", "form", "predicted", "measured", "margin", "verdict")
GAP = "  "


def render(*validations: Validation, format: str = "text", use_unicode: bool = True) -> str:
    """Write a validation, or several one after the other.

    Parameters
    ----------
    *validations : Validation
        What to write.
    format : {"text", "json"}
        ``json`` is a list where there are several.
    use_unicode : bool
        Whether ``text`` may use other characters than ASCII.

    Returns
    -------
    str
        Ends with a newline.

    Raises
    ------
    ValueError
        For an unknown format.
    """
    if format == "json":
        found = [data(validation) for validation in validations]
        shown = found if len(found) > 1 else found[0]
        return json.dumps(shown, indent=2, allow_nan=False) + "\n"
    if format == "text":
        return "\n\n".join(text(validation, use_unicode) for validation in validations)
    raise ValueError(f"no format {format!r}; the formats are {', '.join(FORMATS)}")


# -- JSON ----------------------------------------------------------------------------------------


def data(validation: Validation) -> dict[str, Any]:
    """Return a validation as dictionaries, lists, strings and numbers; null is no number."""
    return {
        "id": validation.id,
        "checks": [check_data(check) for check in validation.checks],
        "verdict": validation.verdict,
        "printed_verdict": validation.printed_verdict,
        "seed": validation.seed,
        "device": validation.device,
        "versions": dict(validation.versions),
        "seconds": round(validation.seconds, 3),
    }


def check_data(check: Check) -> dict[str, Any]:
    """Return a check likewise."""
    return {
        "system": check.system,
        "quantity": check.quantity,
        "form": check.form,
        "predicted": _finite(check.predicted),
        "measured": _finite(check.measured),
        "standard_error": _finite(check.standard_error),
        "margin": _finite(check.margin),
        "verdict": check.verdict,
        "more_work": _finite(more_work(check)),
        "settings": {name: _finite(value) for name, value in check.settings.items()},
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


# -- text ----------------------------------------------------------------------------------------


def text(validation: Validation, use_unicode: bool = True) -> str:
    """Write a validation as text: a table of measurements, and what came of them."""
    rows = [row.rstrip() for row in _page(validation)]
    page = "\n".join(rows) + "\n"
    if use_unicode:
        return page
    return ascii_only(page.replace("± ", "+-").replace("─", "-"))


def _page(validation: Validation) -> Iterator[str]:
    title = validation.title[0].upper() + validation.title[1:]
    yield from wrap(title, WIDTH)
    yield "─" * min(WIDTH, len(title))
    yield from wrap(f"{validation.id}: {validation.where}", WIDTH)
    if validation.about:
        yield ""
        yield from wrap(validation.about, WIDTH)
    yield ""
    yield from _table(validation.checks)
    yield ""
    for check in validation.checks:
        yield from wrap(_open(check), WIDTH) if check.verdict == "inconclusive" else ()
    yield from wrap(conclusion(validation), WIDTH)
    versions = ", ".join(f"{name} {version}" for name, version in validation.versions.items())
    where = (
        f"Seed {validation.seed} on {validation.device}, {validation.seconds:.1f} s; {versions}."
    )
    yield from wrap(where, WIDTH)


def _table(checks: tuple[Check, ...]) -> Iterator[str]:
    table = [HEAD, *map(_cells, checks)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    room = WIDTH - sum(widths[1:]) - len(GAP) * len(HEAD)
    widths[0] = min(widths[0], room)
    rows = zip(("", *(check.system for check in checks)), table, strict=True)
    for system, group in groupby(rows, key=itemgetter(0)):
        yield from wrap(system, WIDTH)
        for _, (quantity, *numbers) in group:
            first, *more = wrap(quantity, widths[0]) or [""]
            cells = (first, *numbers)
            yield GAP + GAP.join(map(str.ljust, cells, widths))
            yield from (GAP + line for line in more)


def _cells(check: Check) -> tuple[str, ...]:
    predicted, measured = numbers(check)
    return check.quantity, check.form, predicted, measured, f"{check.margin:.2g}", check.verdict


def numbers(check: Check) -> tuple[str, str]:
    """Return predicted and measured, to two digits of the standard error."""
    predicted, measured, error = check.predicted, check.measured, check.standard_error
    if not all(map(math.isfinite, (predicted, measured, error))):
        return f"{predicted:.6g}", f"{measured:.6g} ± {error:.2g}"
    scale = max(abs(predicted), abs(measured), error)
    power = 0 if scale == 0 or 1e-3 <= scale < 1e5 else math.floor(math.log10(scale))
    unit = 10.0**power
    digits = 6 if error == 0 else min(12, max(0, 1 - math.floor(math.log10(error / unit))))
    both = f"{measured / unit:.{digits}f} ± {error / unit:.{digits}f}"
    if power == 0:
        return f"{predicted:.{digits}f}", both
    return f"{predicted / unit:.{digits}f}e{power:+03d}", f"({both})e{power:+03d}"


def _open(check: Check) -> str:
    factor = more_work(check)
    cure = "no number" if math.isinf(factor) else f"about {factor:.2g} times the number"
    return f"Open: {check.quantity}, {check.system}; {cure} of samples would decide."


def conclusion(validation: Validation) -> str:
    """Say in a sentence or two what came of a validation."""
    forms: dict[Form, Verdict | None] = {
        "derived": validation.verdict,
        "printed": validation.printed_verdict,
    }
    said = []
    for form, verdict in forms.items():
        verdicts = [check.verdict for check in validation.checks if check.form == form]
        if verdicts:
            counts = Counter(verdicts)
            parts = ", ".join(f"{counts[each]} {each}" for each in sorted(counts))
            said.append(f"{form.capitalize()} form {verdict}: of {len(verdicts)} checks, {parts}.")
    return " ".join(said) or "Nothing was measured."
