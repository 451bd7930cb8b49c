"""What the numbers of a figure say about a claim: differences of networks of the same seed."""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np

from bntheory.experiments.results import Results
from bntheory.verdict import Form, Verdict

#: How likely it is, at most, that a verdict is wrong where the seeds differ as normal variables do.
RISK = 0.05


Relation = Literal["above", "below", "on"]


class Checked(TypedDict):
    """A claim with its verdict, as it stands in the data file.

    ``difference`` is what is claimed to be positive, or within ``margin`` around zero; its interval
    is ``interval`` standard errors long on either side.
    """

    claim: str
    form: Form
    verdict: Verdict
    difference: float | None
    standard_error: float | None
    margin: float
    seeds: int
    interval: float


def compare(
    results: Results,
    claim: str,
    quantity: str,
    of: str,
    relation: Relation,
    to: str,
    margin: float = 0.0,
) -> Checked:
    """Decide what the paper says about the ends of two trainings.

    Parameters
    ----------
    results : Results
        Of the figure.
    claim : str
        A sentence.
    quantity : str
        As in :meth:`bntheory.experiments.results.Results.final`.
    of, to : str
        Ids of methods.
    relation : {"above", "below", "on"}
        Which one is said to be larger, or that neither is.
    margin : float
        For ``on``.
    """
    differences = results.final(of, quantity) - results.final(to, quantity)
    return decide(claim, "printed", -differences if relation == "below" else differences, margin)


def nearer(results: Results, claim: str, quantity: str, truth: str, of: str, than: str) -> Checked:
    """Decide whether one method ends nearer to a third than another does; ids of methods."""
    true = results.final(truth, quantity)
    away = [abs(results.final(method, quantity) - true) for method in (than, of)]
    return decide(claim, "derived", away[0] - away[1])


def decide(claim: str, form: Form, differences: np.ndarray, margin: float = 0.0) -> Checked:
    """Decide whether differences, one for each seed, are positive; with a margin, within it."""
    from scipy.stats import t

    n = len(differences)
    mean = float(differences.mean())
    error = float(differences.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    length = float(t.isf(RISK / 2, n - 1)) if n > 1 else float("nan")
    known = bool(np.isfinite([mean, error]).all())
    return {
        "claim": claim,
        "form": form,
        "verdict": _verdict(mean, error * length, margin),
        "difference": mean if known else None,
        "standard_error": error if known else None,
        "margin": margin,
        "seeds": n,
        "interval": length,
    }


def _verdict(mean: float, reach: float, margin: float) -> Verdict:
    if not np.isfinite([mean, reach]).all():
        return "inconclusive"
    if margin:
        if abs(mean) + reach < margin:
            return "confirmed"
        return "refuted" if abs(mean) - reach >= margin else "inconclusive"
    if mean - reach > 0:
        return "confirmed"
    return "refuted" if mean + reach < 0 else "inconclusive"
