"""What was measured, drawn: a strip for each measurement, beside its predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bntheory.rendering.validation import numbers
from bntheory.verdict import Check, Validation, Z

WIDTH, HEIGHT = 1000, 24


@dataclass(frozen=True)
class Measurement:
    """One measured value, with the predictions that it was held against."""

    system: str
    quantity: str
    checks: tuple[Check, ...]

    @property
    def any(self) -> Check:
        """One of the checks: all have the same measured value."""
        return self.checks[0]

    @property
    def ends(self) -> tuple[float, float]:
        """The interval that the strip has to show."""
        reach = Z * self.any.standard_error
        values = [self.any.measured - reach, self.any.measured + reach]
        for check in self.checks:
            margin = check.margin if check.form == "derived" else 0.0
            values += [check.predicted - margin, check.predicted + margin]
        finite = [value for value in values if math.isfinite(value)]
        return (min(finite), max(finite)) if finite else (0.0, 0.0)


def figure(validation: Validation) -> str:
    """Draw a validation: by quantity, on one scale each."""
    rows = ['<figure class="measured">', f"<figcaption>{_caption(validation)}</figcaption>"]
    for quantity, measured in _grouped(validation).items():
        rows += _group(quantity, measured)
    return "\n".join([*rows, "</figure>"])


def _caption(validation: Validation) -> str:
    forms = {check.form for check in validation.checks}
    keys = ['<span class="key dot">measured, with its interval of 4 standard errors</span>']
    if "derived" in forms:
        keys.append('<span class="key derived">derived, with its margin</span>')
    if "printed" in forms:
        keys.append('<span class="key printed">printed</span>')
    return " ".join(keys)


def _grouped(validation: Validation) -> dict[str, list[Measurement]]:
    together: dict[tuple[str, str], list[Check]] = {}
    for check in validation.checks:
        together.setdefault((check.quantity, check.system), []).append(check)
    groups: dict[str, list[Measurement]] = {}
    for (quantity, system), checks in together.items():
        groups.setdefault(quantity, []).append(Measurement(system, quantity, tuple(checks)))
    return groups


def _group(quantity: str, measured: Sequence[Measurement]) -> Iterator[str]:
    low = min(each.ends[0] for each in measured)
    high = max(each.ends[1] for each in measured)
    room = 0.04 * (high - low) or max(abs(high), 1e-12)
    low, high = low - room, high + room
    yield f'<div class="quantity">{escape(quantity)}</div><ol class="strips">'
    for each in measured:
        said = _said(each)
        yield (
            f'<li><span class="system">{escape(each.system)}</span>'
            f"{_strip(each, low, high, f'{each.system}: {said}')}"
            f'<span class="numbers">{escape(said)}</span></li>'
        )
    yield f'</ol><div class="ends"><span>{low:.3g}</span><span>{high:.3g}</span></div>'


def _said(measured: Measurement) -> str:
    """Return the numbers in words."""
    parts = [f"measured {numbers(measured.any)[1]}"]
    for check in measured.checks:
        parts.append(f"{check.form} {numbers(check)[0]}, {check.verdict}")
    return "; ".join(parts)


def _strip(measured: Measurement, low: float, high: float, said: str) -> str:
    def x(value: float) -> float:
        place = (value - low) / (high - low) * WIDTH
        return round(min(max(place, -1.0), WIDTH + 1.0), 2) if math.isfinite(place) else -1.0

    middle, parts = HEIGHT / 2, [f'<path class="axis" d="M0 {HEIGHT / 2}H{WIDTH}"/>']
    if low < 0 < high:
        parts.append(f'<path class="zero" d="M{x(0)} 0V{HEIGHT}"/>')
    for check in measured.checks:
        if check.form == "derived":
            left, right = x(check.predicted - check.margin), x(check.predicted + check.margin)
            parts.append(
                f'<rect class="margin" x="{left}" y="3" width="{round(right - left, 2)}" '
                f'height="{HEIGHT - 6}"/>'
            )
    parts += [
        f'<path class="{check.form}" d="M{x(check.predicted)} 1V{HEIGHT - 1}"/>'
        for check in measured.checks
    ]
    reach, value = Z * measured.any.standard_error, measured.any.measured
    parts.append(f'<path class="bar" d="M{x(value - reach)} {middle}H{x(value + reach)}"/>')
    parts.append(f'<path class="dot" d="M{x(value)} {middle}h0"/>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}">{"".join(parts)}</svg>'
    )
