"""The gamma decay of a linear student to order 1/M (App. C.3): 3/(4 M), 1/(4 M), 1/(2 M).

As an addition to the loss of an aligned student they are measured on ``torch.nn.BatchNorm1d`` and
on its deviation alone; as a decay, a pull on gamma, in the gradient.  For a true linear model a
batch pulls half as much.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import LAWS, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation.judging import judged

SIZES = (8, 16, 32, 64, 128, 256, 512)
SAMPLES = 2**20  # at each size
MARGIN = 0.03


def validate(run: Run) -> Iterator[Check]:
    """Measure the loss and its pull on gamma at gamma = 1, beta = 0."""
    law = LAWS["gaussian"]
    for kind, what, suffix in (
        ("bn", "BatchNorm1d", ""),
        ("std", "its deviation alone", "_no_bias"),
    ):
        layer = Layer(law, SIZES[0], kind=kind)
        loss, pull = limit(run, layer, [_half_error(), _half_pull()], SIZES, SAMPLES)
        printed = float(getattr(regularizer, f"gamma_decay_linear{suffix}")(1.0))
        derived = float(regularizer.own_batch_decay_linear(1.0, law.kurtosis))
        for quantity, right, found in (
            ("M E[half the squared error]", printed, loss),
            ("M times the decay", derived, pull),
        ):
            system = f"linear student, {what} on gaussian h"
            yield from judged(system, quantity, found, MARGIN * right, right, printed)


def over_range() -> Iterator[Gap]:
    """Compare 3/(4 M) with the exact formula, and as a decay with that of a batch."""
    for what, right in (
        ("gamma decay of the noise model", regularizer.gamma_decay_linear_exact),
        ("decay that a batch makes", lambda M: regularizer.own_batch_decay_linear(M, 0.0)),
    ):
        yield widest(
            what,
            lambda M: float(regularizer.gamma_decay_linear(M)),
            lambda M, right=right: float(right(M)),
            M=PAPER_BATCHES,
        )


def _half_error() -> Loss:
    return Loss("error", lambda u, z: (z - u) ** 2 / 2, lambda u, z: u - z)


def _half_pull() -> Loss:
    """Return the slope of half the squared error in gamma, over 2 gamma."""

    def value(u: Tensor, z: Tensor) -> Tensor:
        return (u - z) * u / 2

    return Loss("pull", value, lambda u, z: u - z / 2)
