"""Batches of infinite size: a series in 1/M, fitted to what is measured at finite M."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bntheory.simulation.batches import Layer
from bntheory.simulation.estimators import SAMPLES, Loss, excess_loss
from bntheory.simulation.run import Run
from bntheory.simulation.sampling import Estimate

#: Batch sizes that pin down the limit and the next powers of 1/M.
SIZES = (4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512)

#: A fit is rejected where a chi-square as large as its own is less probable than this.
DOUBT = 0.001

#: How many more powers are fitted than chi-square asks for.
MORE = 3


def coefficient(
    Ms: Sequence[float], values: Sequence[float], standard_errors: Sequence[float]
) -> tuple[float, float]:
    """Extrapolate values measured at batches of M samples to M -> infinity.

    Powers of 1/M are fitted by least squares, weighted by the standard errors: to all points, to
    all but the one at the smallest M, and so on.  Chi-square says for each of these sets how few
    powers will do.  A series that is cut where the cut just cannot be seen is still off by a
    standard error or two, so the result is that of a fit with three more powers, which doubles the
    error or so.  Of the sets, the one with the smallest standard error counts.

    The series of a law with large cumulants diverges, and there a part of the cut is left: up to
    0.8 standard errors, in what was measured of exponential and Student's h.

    Parameters
    ----------
    Ms : sequence of float
        Batch sizes.
    values, standard_errors : sequence of float
        Independent measurements.  Errors below 1e-9 of the largest value are taken for that.

    Returns
    -------
    value, standard_error : float
        The limit; its error is infinite where no fit is good enough or a value is not finite.

    Raises
    ------
    ValueError
        If a standard error is negative.
    """
    order = np.argsort(Ms)
    M, y, error = (np.asarray(array, dtype=float)[order] for array in (Ms, values, standard_errors))
    if np.any(error < 0):
        raise ValueError(f"standard_errors = {list(standard_errors)} has a negative one")
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(error))):
        return math.nan, math.inf
    error = np.maximum(error, 1e-9 * np.abs(y).max() or 1e-300)
    fits = [_fit(M[drop:], y[drop:], error[drop:]) for drop in range(len(M))]
    return min(fits, key=lambda fit: fit[1])


def _fit(M: np.ndarray, y: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """Fit the fewest powers that will do, and some more."""
    from scipy.stats import chi2

    for powers in range(1, len(M) - MORE + 1):
        _, residual = _least_squares(M, y, error, powers)
        if chi2.sf(residual, len(M) - powers) > DOUBT:
            return _least_squares(M, y, error, powers + MORE)[0]
    return float(y[-1]), math.inf


def _least_squares(
    M: np.ndarray, y: np.ndarray, error: np.ndarray, powers: int
) -> tuple[tuple[float, float], float]:
    """Return the limit with its standard error, and chi-square."""
    series = (M[0] / M[:, None]) ** np.arange(powers) / error[:, None]
    inverse = np.linalg.pinv(series)
    parts = inverse @ (y / error)
    residual = y / error - series @ parts
    return (float(parts[0]), float(np.linalg.norm(inverse[0]))), float(residual @ residual)


def limit(
    run: Run,
    layer: Layer,
    losses: Sequence[Loss],
    sizes: Sequence[int] = SIZES,
    samples: int = SAMPLES,
) -> tuple[Estimate, ...]:
    """Measure the limit of M E[l(h_hat) - l(h_bar)] as batches grow.

    Parameters
    ----------
    run : Run
        The seed and the device.
    layer : Layer
        What is measured, but for its M.
    losses : sequence of Loss
        All are measured on the same samples.
    sizes : sequence of int
        The batch sizes that are measured.
    samples : int
        At each size.

    Returns
    -------
    tuple of Estimate
        One for each loss.
    """
    measured = [excess_loss(run, replace(layer, M=M), losses, samples=samples) for M in sizes]
    drawn = sum(at_size[0].samples for at_size in measured)
    limits = []
    for series in zip(*measured, strict=True):
        values = [estimate.value for estimate in series]
        errors = [estimate.standard_error for estimate in series]
        limits.append(Estimate(*coefficient(sizes, values, errors), drawn))
    return tuple(limits)
