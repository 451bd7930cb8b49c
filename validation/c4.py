"""Gamma decay in a deep network (App. C.4): two neurons of a layer, and what couples them.

The layer above takes both through softplus of their sum.  M times what batches add to the loss is
measured on ``torch.nn.BatchNorm1d`` with two features, for independent and for correlated hidden
values; the print has the diagonal of the Hessian alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from bntheory.formulas import regularizer
from bntheory.gap import Gap, widest
from bntheory.simulation import Estimate, Run, coefficient
from bntheory.simulation.sampling import Sums, accumulate
from bntheory.verdict import Check
from validation.judging import judged

SIZES = (16, 24, 32, 48, 64, 128, 256)
ROUNDS, SAMPLES = 96, 2**16  # rounds at each size, and samples of each
MARGIN = 0.1  # of the derived coefficient
GAMMA, BETA = torch.tensor([1.0, 0.8]), torch.tensor([0.3, -0.2])
#: Scale and shift of what the teacher sees, from the student's sum.
TRUE, OTHER = (1.0, 0.0), (1.5, -0.5)

#: Names, how much of the first neuron is in the second, the teacher, and the law of h.
SYSTEMS = (
    ("independent neurons without skewness, true model", 0.0, TRUE, "symmetric"),
    ("independent neurons, true model", 0.0, TRUE, "skewed"),
    ("independent neurons, another teacher", 0.0, OTHER, "skewed"),
    ("correlated neurons, true model", 0.8, TRUE, "skewed"),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure the coefficient of 1/M for each system."""
    for system, mix, teacher, law in SYSTEMS:
        own, coupling, printed = predicted(mix, teacher, law)
        derived = own + coupling
        yield from judged(
            f"BatchNorm1d of two {system}",
            "1/M term of the loss",
            measured(run, mix, teacher, law, ROUNDS),
            MARGIN * abs(derived),
            derived,
            printed,
        )


def over_range() -> Iterator[Gap]:
    """Compare the print with all terms of order 1/M, of neurons that correlate more and more."""

    def derived(correlation: float) -> float:
        own, coupling, _ = predicted(correlation, TRUE, "symmetric")
        return own + coupling

    yield widest(
        "1/M term of the loss of two neurons without skewness, true model",
        lambda correlation: predicted(correlation, TRUE, "symmetric")[2],
        derived,
        correlation=(-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9),
    )


def measured(
    run: Run, mix: float, teacher: tuple[float, float], law: str, rounds: int
) -> Estimate:
    """Measure the coefficient of 1/M."""
    found = [_measured(run, mix, teacher, law, M, rounds) for M in SIZES]
    value, error = coefficient(
        SIZES, [each.value for each in found], [each.standard_error for each in found]
    )
    return Estimate(value, error, sum(each.samples for each in found))


def _neurons(u: Tensor, mix: float, law: str) -> Tensor:
    """Return standardized hidden values of two neurons from uniform variables, on axis 0."""
    z = (u**2 - 1 / 3) / (4 / 45) ** 0.5 if law == "skewed" else (u - 1 / 2) * 12**0.5
    return torch.stack((z[0], mix * z[0] + (1 - mix**2) ** 0.5 * z[1]))


def _label(total: Tensor, teacher: tuple[float, float]) -> Tensor:
    scale, shift = teacher
    return softplus(scale * total + shift)


def _measured(
    run: Run, mix: float, teacher: tuple[float, float], law: str, M: int, rounds: int
) -> Estimate:
    """Measure M E[l(h_hat) - l(h_bar)], with its first order as a control."""
    batches = SAMPLES // M
    layer = nn.BatchNorm1d(2 * batches, eps=1e-30, device=run.device, dtype=torch.float64)
    gamma, beta = (values.to(layer.weight)[:, None, None] for values in (GAMMA, BETA))

    @torch.no_grad()
    def chunk(generator: torch.Generator) -> Sums:
        u = torch.rand(
            (2, M, batches), generator=generator, dtype=torch.float64, device=run.device
        )
        z = _neurons(u, mix, law)
        normalized = layer(z.transpose(0, 1).reshape(M, -1)).reshape(M, 2, batches)
        start, end = ((gamma * values + beta).sum(0) for values in (z, normalized.transpose(0, 1)))
        y = _label(start, teacher)
        excess = (end - start) * (_mean_softplus(start, end) - y)
        # given z, E m = z/M and E[mean of z^2] = 1 + (z^2 - 1)/M: these have mean zero
        slope = gamma * (softplus(start) - y)
        m, square = z.mean(1, keepdim=True), z.square().mean(1, keepdim=True)
        of_mean = (slope * (m - z / M)).mean(1)
        of_square = (slope * z * (square - 1 - (z**2 - 1) / M)).mean(1)
        controls = torch.cat((of_mean, of_square, m[:, 0], square[:, 0] - 1))
        return Sums.of(M * excess.mean(0)[:, None], controls.T)

    sums = accumulate(run, f"c4 {mix} {teacher} {law} {M}", chunk, rounds)
    (value,), (error,) = sums.averages()
    return Estimate(float(value), float(error), sums.count * M)


def _mean_softplus(start: Tensor, end: Tensor) -> Tensor:
    """Return the mean of softplus between two points, by Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    total = torch.zeros_like(start)
    for node, weight in zip(nodes, weights, strict=True):
        total += weight / 2 * softplus(start + (end - start) * ((node + 1) / 2))
    return total


def predicted(
    mix: float, teacher: tuple[float, float], law: str
) -> tuple[float, float, float]:
    """Return what each neuron adds for itself and what couples them, both derived, and the print.

    All are coefficients of 1/M, by quadrature over both neurons.
    """
    nodes, weights = np.polynomial.legendre.leggauss(40)
    u = torch.as_tensor(np.stack(np.meshgrid(nodes, nodes, indexing="ij")) + 1) / 2
    weight = torch.as_tensor(np.outer(weights, weights)) / 4
    z = _neurons(u, mix, law)

    def average(values: Tensor) -> float:
        return float((weight * values).sum())

    total = (GAMMA.to(z)[:, None, None] * z + BETA.to(z)[:, None, None]).sum(0)
    slope, bend = softplus(total) - _label(total, teacher), torch.sigmoid(total)
    own = printed = 0.0
    for gamma, value in zip(GAMMA.tolist(), z, strict=True):
        rho, skewness = average(value**4) - 3, average(value**3)
        own += average(
            regularizer.own_batch_excess.torch(gamma, value, 1.0, rho, skewness, slope, bend)
        )
        information, curvature = average(bend * value**2), average(bend)
        printed += gamma**2 * float(regularizer.gamma_decay(1.0, rho, information, curvature))
    r = average(z[0] * z[1])
    joint = (
        r,
        average(z[0] ** 2 * z[1] ** 2) - 1 - 2 * r**2,
        average(z[0] * z[1] ** 2),
        average(z[0] ** 2 * z[1]),
    )
    coupling: Callable[..., Tensor] = regularizer.neuron_coupling.torch
    return own, average(coupling(*GAMMA.tolist(), *z, 1.0, *joint, bend)), printed
