"""A neuron with larger output is decayed more (Sec. 2.1): what the batch mean adds to the loss.

M times what the batch mean alone adds to the loss of a true softplus model is measured at several
shifts beta of the output.  The printed prediction is half of gamma^2 times the mean sigmoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bntheory.simulation import LAWS, Law, Layer, Run, limit
from bntheory.verdict import Check
from validation.judging import judged
from validation.models import SOFTPLUS, Model

SHIFTS = (-2.0, 0.0, 2.0)
SIZES = (8, 16, 32, 64, 128, 256)
SAMPLES = 2**20  # at each size
MARGIN = 0.03  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure it at each shift, for two laws of h."""
    for name in ("gaussian", "exponential"):
        law = LAWS[name]
        for beta in SHIFTS:
            model = replace(SOFTPLUS, beta=beta, teacher=(SOFTPLUS.gamma, beta))
            layer = Layer(law, SIZES[0], model.gamma, beta, "mean")
            (found,) = limit(run, layer, [model.loss()], SIZES, SAMPLES)
            printed = model.gamma**2 * _mean_curvature(model, law) / 2
            yield from judged(
                f"batch mean alone on {name} h, softplus, true model, beta = {beta:g}",
                "1/M term of the loss", found, MARGIN * printed, printed, printed, beta=beta,
            )  # fmt: skip


def _mean_curvature(model: Model, law: Law) -> float:
    return model.average(law, lambda h, z: model.curvature(h))
