"""How often verdicts were wrong and intervals missed, if the predictions are right.

Of an interval of +- k standard errors one knows how often it should miss what is measured.  Tasks
of one seed share their random numbers, and so do the checks of a task: seeds alone are independent,
and what they share widens the interval of a rate.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import get_args

import numpy as np
import xarray as xr
from scipy.stats import beta, norm, t

from bntheory.sweeps.dataset import LABELS
from bntheory.verdict import Verdict, Z

#: Half the widths of the intervals that are looked at, in standard errors; Z is that of verdicts.
WIDTHS = (1.0, 2.0, 3.0, Z)

#: Of the interval of a rate.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share, and the interval that it lies in.

    Attributes
    ----------
    count, of : int
    interval : tuple of float, or None
        With the confidence :data:`CONFIDENCE`; None for fewer than two seeds, which say nothing.
    """

    count: int
    of: int
    interval: tuple[float, float] | None

    @property
    def value(self) -> float:
        """The share; nan of nothing."""
        return self.count / self.of if self.of else float("nan")


@dataclass(frozen=True)
class Misses:
    """How often intervals of some width missed.

    Attributes
    ----------
    width : float
        Half of the interval, in standard errors.
    rate : Rate
    expected : float
        The rate, where the measured value is normal about the prediction.
    """

    width: float
    rate: Rate
    expected: float


def rate(hits: np.ndarray, valid: np.ndarray) -> Rate:
    """Return how often something happens in clusters, each of which is independent of the others.

    The interval is that of Korn and Graubard (Survey Methodology 24, 193, 1998): of Clopper and
    Pearson, with as many cases as would give the variance that is seen between clusters, and fewer
    where it is seen on few.  Where it happens always or never there is no variance to see, and each
    cluster counts as one case.

    Parameters
    ----------
    hits, valid : ndarray of bool, shape (clusters, cases)
        Whether it happened, and whether it could have.
    """
    hits = hits & valid
    of, count = int(valid.sum()), int(hits.sum())
    used = valid.any(axis=1)
    clusters = int(used.sum())
    if clusters < 2:
        return Rate(count, of, None)
    share = count / of
    cases, tail = float(clusters), (1 - CONFIDENCE) / 2
    if 0 < count < of:
        off = hits[used].sum(axis=1) - share * valid[used].sum(axis=1)
        variance = clusters / (clusters - 1) * float(off @ off) / of**2
        alone = share * (1 - share) / (of - 1)  # of as many cases that are independent
        cases = min(of, of * alone / variance) if variance else of
        cases *= (t.ppf(tail, of - 1) / t.ppf(tail, clusters - 1)) ** 2
    yes, no = share * cases, (1 - share) * cases
    low = float(beta.ppf(tail, yes, no + 1)) if count else 0.0
    high = float(beta.ppf(1 - tail, yes + 1, no)) if count < of else 1.0
    return Rate(count, of, (low, high))


@dataclass(frozen=True)
class Standing:
    """What came of one check at all points.

    Attributes
    ----------
    system, quantity, form : str
        The check.
    verdicts : dict
        How many points have each.
    mean, deviation : float
        Of measured less predicted over all points, in standard errors.  Where the prediction is
        right the mean is 0, and where the standard errors are right the deviation is 1.
    """

    system: str
    quantity: str
    form: str
    verdicts: dict[str, int]
    mean: float
    deviation: float


def refuted(found: xr.Dataset) -> Rate:
    """Return how often what is derived is refuted."""
    return _by_seed(found.verdict == "refuted", _derived(found))


def not_confirmed(found: xr.Dataset) -> Rate:
    """Return how often what is derived is not confirmed."""
    return _by_seed(found.verdict != "confirmed", _derived(found))


def misses(found: xr.Dataset) -> list[Misses]:
    """Return how often intervals about what is measured miss what is derived, for each width."""
    off = abs(_off(found))
    valid = off.notnull() & _derived(found)
    return [Misses(width, _by_seed(off > width, valid), 2 * norm.sf(width)) for width in WIDTHS]


def standings(found: xr.Dataset) -> list[Standing]:
    """Return what came of each check."""
    rows = []
    done, off = (found.state == "done").values.ravel(), _off(found)
    for k in range(found.sizes["check"]):
        check = found.isel(check=k)
        each = Counter(map(str, check.verdict.values.ravel()[done]))  # "" where there is none
        values = off.isel(check=k).values
        values = values[np.isfinite(values)]
        mean = float(values.mean()) if values.size else math.nan
        deviation = float(values.std(ddof=1)) if values.size > 1 else math.nan
        system, quantity, form = (str(check[name].item()) for name in LABELS)
        counts = {name: each[name] for name in get_args(Verdict)}
        rows.append(Standing(system, quantity, form, counts, mean, deviation))
    return rows


def _derived(found: xr.Dataset) -> xr.DataArray:
    return (found.state == "done") & (found.verdict != "") & (found.form == "derived")


def _off(found: xr.Dataset) -> xr.DataArray:
    """Return measured less predicted in standard errors; nan for what is not done."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (found.measured - found.predicted) / found.standard_error
    return off.where(found.state == "done")


def _by_seed(hits: xr.DataArray, valid: xr.DataArray) -> Rate:
    """Return a rate whose clusters are the seeds."""
    hits, valid = xr.broadcast(hits, valid)
    if "seed" not in hits.dims:
        hits, valid = (each.expand_dims("seed") for each in (hits, valid))
    first = ("seed", ...)
    rows = [each.transpose(*first).values.reshape(each.sizes["seed"], -1) for each in (hits, valid)]
    return rate(*rows)
