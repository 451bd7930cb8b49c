"""Confirmed, refuted or inconclusive: what a measurement says about a prediction.

A prediction comes with a margin that is stated before the measurement.  The confidence interval of
measured minus predicted decides: inside the margin confirms, outside refutes, and anything else
leaves the question open and says how much more work would close it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["confirmed", "refuted", "inconclusive"]
Form = Literal["derived", "printed"]

#: Half the width of a confidence interval, in standard errors.
#:
#: A measurement that is looked at as it grows has many chances to be wrong.  A normal variable
#: exceeds its mean by 4 standard errors with probability 3.2e-5, so a verdict is wrong with
#: probability below 6.4e-5 at one look (both tails), and below 1.3e-3 at any of 20 looks, however
#: they depend on each other and whatever the truth is.  The standard error has to be a good one:
#: of hundreds of independent values, at least.
Z = 4.0


@dataclass(frozen=True)
class Check:
    """A prediction, its measurement, and what came of it.

    Attributes
    ----------
    system : str
        What was simulated.
    quantity : str
        What was measured.
    predicted, measured, standard_error : float
    margin : float
        The largest difference at which the prediction still counts as right.
    form : {"derived", "printed"}
        Whether the prediction is the derived or the printed one.
    settings : mapping
        Sizes and whatever else was chosen, as strings and numbers.
    """

    system: str
    quantity: str
    predicted: float
    measured: float
    standard_error: float
    margin: float
    form: Form = "derived"
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """What the measurement says about the prediction."""
        return decide(self.measured - self.predicted, self.standard_error, self.margin)


def judge(
    system: str,
    quantity: str,
    predicted: float,
    measured: float,
    standard_error: float,
    margin: float,
    form: Form = "derived",
    **settings: Any,
) -> Check:
    """Compare a measurement with a prediction; the arguments are the fields of :class:`Check`.

    Raises
    ------
    ValueError
        If the margin is not positive, or the standard error negative, or the form unknown.
    """
    if form not in ("derived", "printed"):
        raise ValueError(f"form = {form!r} is neither derived nor printed")
    _require_sensible(standard_error, margin)
    return Check(
        system,
        quantity,
        float(predicted),
        float(measured),
        float(standard_error),
        float(margin),
        form,
        settings,
    )


def decide(difference: float, standard_error: float, margin: float) -> Verdict:
    """Say what a difference and its standard error tell about ``abs(difference) < margin``.

    Parameters
    ----------
    difference : float
        Measured minus predicted.
    standard_error : float
        Of the difference.
    margin : float
        Stated before the measurement.

    Returns
    -------
    {"confirmed", "refuted", "inconclusive"}
        Confirmed where the interval ``difference +- Z standard_error`` lies inside
        ``(-margin, margin)``, refuted where it lies outside; inconclusive where it does neither,
        or where a number is not finite.

    Raises
    ------
    ValueError
        If the margin is not positive, or the standard error negative.
    """
    _require_sensible(standard_error, margin)
    if not all(map(math.isfinite, (difference, standard_error, margin))):
        return "inconclusive"
    reach = Z * standard_error
    if abs(difference) + reach < margin:
        return "confirmed"
    return "refuted" if abs(difference) - reach >= margin else "inconclusive"


def _require_sensible(standard_error: float, margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"margin = {margin:g} is outside its domain, 0 < margin")
    if standard_error < 0:
        raise ValueError(f"standard_error = {standard_error:g} is outside its domain, 0 <= it")


def more_work(check: Check) -> float:
    """Return by which factor more samples would decide, if the difference stayed what it is.

    Returns
    -------
    float
        Above 1; ``inf`` where no number of samples would do.  1 where it is decided.
    """
    if check.verdict != "inconclusive":
        return 1.0
    away = abs(abs(check.measured - check.predicted) - check.margin)
    if not math.isfinite(away) or away == 0:
        return math.inf
    return (Z * check.standard_error / away) ** 2


@dataclass(frozen=True)
class Validation:
    """The measurements about one statement.

    Attributes
    ----------
    id, title, where : str
        The statement.
    checks : tuple of Check
    seed : int
    device : str
    versions : mapping
        Of the libraries that were used.
    seconds : float
        How long it took.
    about : str
        What is measured, and what the derived and the printed prediction are.
    """

    id: str
    title: str
    where: str
    checks: tuple[Check, ...]
    seed: int
    device: str
    versions: Mapping[str, str]
    seconds: float
    about: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict on the derived predictions; on the printed ones if there are no others."""
        derived = self._verdicts("derived")
        return _together(derived or self._verdicts("printed"))

    @property
    def printed_verdict(self) -> Verdict | None:
        """The verdict on the printed predictions; None if none was measured."""
        printed = self._verdicts("printed")
        return _together(printed) if printed else None

    @property
    def passed(self) -> bool:
        """Whether no derived prediction is refuted.

        What is inconclusive has not failed, and what is printed is not ours to fail.
        """
        return "refuted" not in self._verdicts("derived")

    def _verdicts(self, form: Form) -> list[Verdict]:
        return [check.verdict for check in self.checks if check.form == form]

    def __str__(self) -> str:
        from bntheory.rendering import validation

        return validation.text(self).rstrip("\n")

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def _together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of several verdicts; without any, nothing is known."""
    found = set(verdicts)
    if "refuted" in found:
        return "refuted"
    return "confirmed" if found == {"confirmed"} else "inconclusive"
