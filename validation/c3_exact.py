"""The exact gamma decay of a linear student with Gaussian h (App. C.3).

Half of the squared error of an aligned student, E (h_hat - h_bar)^2/2, is measured where the sample
is normalized by the statistics of *another* batch, which is what the formula speaks of, and where
it is a member of its batch, as in training.  There it is 1 - E[sigma_B] exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

import derivations
from bntheory.formulas import regularizer
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.notation import SYMBOLS
from bntheory.simulation import LAWS, Batch, Layer, Run, settled, statistics
from bntheory.verdict import Check
from validation.judging import judged

SIZES = (8, 16, 64)
MARGIN = 0.02  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure both at each batch size; the print has no contribution of mu_B."""
    std = derivations.derive("c3-moments")["std"].subs(SYMBOLS["sigma_P"], 1)
    for M in SIZES:
        whole = float(regularizer.gamma_decay_linear_exact(M))
        printed = float(regularizer.gamma_decay_linear_exact_no_bias(M))
        member = float(1 - std.subs(SYMBOLS["M"], M))
        layer, margin = Layer(LAWS["gaussian"], M), MARGIN * member
        functions = [_of_another, _of_another_without_mean, _of_a_member]
        found = statistics(
            run, layer, functions, settled([whole, printed, member], [margin, margin, margin])
        )
        for system, estimate, right, print_ in (
            ("statistics of another batch", found[0], whole, None),
            ("sigma_B of another batch alone", found[1], printed, printed),
            ("a member of its batch", found[2], member, whole),
        ):
            yield from judged(
                f"BatchNorm1d on gaussian h, {system}, M = {M}",
                "half the squared error",
                estimate,
                margin,
                right,
                print_,
                M=M,
            )


def over_range() -> Iterator[Gap]:
    """Compare the print, and the same with mu_B, with what a batch does to its member."""
    std = derivations.derive("c3-moments")["std"].subs(SYMBOLS["sigma_P"], 1)

    def member(M: float) -> float:
        return float(1 - std.subs(SYMBOLS["M"], int(M)))

    for what, formula in (
        ("as printed", regularizer.gamma_decay_linear_exact_no_bias),
        ("with mu_B", regularizer.gamma_decay_linear_exact),
    ):
        yield widest(
            f"half the squared error of a member of its batch, {what}",
            lambda M, formula=formula: float(formula(M)),
            member,
            M=PAPER_BATCHES,
        )


def _of_another(batch: Batch) -> Tensor:
    """Each batch with the statistics of the one before: z averages to 0, z^2 to 1."""
    z, mean, std = batch.z, batch.mean.roll(1), batch.std.roll(1)
    return ((z - mean) / std - z).square().mean(0) / 2


def _of_another_without_mean(batch: Batch) -> Tensor:
    z, std = batch.z, batch.std.roll(1)
    return (z / std - z).square().mean(0) / 2


def _of_a_member(batch: Batch) -> Tensor:
    return (batch.h_hat - batch.z).square().mean(0) / 2
