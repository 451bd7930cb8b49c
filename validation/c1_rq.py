"""The second-order term R^q, and the two Fisher informations of gamma (App. C.1).

M E[A''(h_bar) (h_hat - h_bar)^2]/2 is measured on ``torch.nn.BatchNorm1d``.  The mean of the
squared slope of the loss in gamma is measured for y drawn from the model, where it has to be the
mean of A'' z^2, and for the y of a teacher without noise, where it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import LAWS, Estimate, Law, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation import members
from validation.judging import judged
from validation.models import LINEAR, LOGISTIC, POISSON, SOFTPLUS, Model

SIZES = (4, 8, 16, 32, 64, 128, 256, 512)
SAMPLES = 2**20  # at each size
DRAWS = 2**21
MARGIN = 0.05  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure R^q for each law of h and each model, and I(gamma) for Gaussian h."""
    models = (LINEAR, SOFTPLUS, LOGISTIC)
    for name in ("gaussian", "exponential", "mixture"):
        law = LAWS[name]
        layer = Layer(law, SIZES[0], LINEAR.gamma, LINEAR.beta)
        measured = limit(run, layer, [_second_order(model) for model in models], SIZES, SAMPLES)
        for model, found in zip(models, measured, strict=True):
            derived = _own_batch(model, law)
            yield from judged(
                f"BatchNorm1d on {name} h, {model.name}",
                "M R^q",
                found,
                MARGIN * derived,
                derived,
                model.theorem1(law),
            )
    yield from _informations(run)


def over_range() -> Iterator[Gap]:
    """Compare the print with a batch of Gaussian h at every size."""
    law = LAWS["gaussian"]
    for model in (LINEAR, SOFTPLUS, LOGISTIC):
        second_order, printed = _second_order(model).value, model.theorem1(law)
        yield widest(
            f"R^q, gaussian h, {model.name}",
            lambda M, printed=printed: printed / M,
            lambda M, model=model, second_order=second_order: members.average(
                int(M), lambda t, z: second_order(model.h_bar(t), z)
            ),
            M=PAPER_BATCHES,
        )


def _second_order(model: Model) -> Loss:
    def value(u: Tensor, z: Tensor) -> Tensor:
        h = model.h_bar(z)
        return model.curvature(h) * (u - h) ** 2 / 2

    return Loss(model.label, value, lambda u, z: torch.zeros_like(z))


def _own_batch(model: Model, law: Law) -> float:
    def term(h: Tensor, z: Tensor) -> Tensor:
        spread = regularizer.own_batch_spread(z, 1.0, law.kurtosis, law.skewness)
        return model.curvature(h) * model.gamma**2 * torch.as_tensor(spread) / 2

    return model.average(law, term)


def _informations(run: Run) -> Iterator[Check]:
    """Measure the squared slope in gamma, by autograd on the loss of each sample."""
    law, generator = LAWS["gaussian"], run.generator("c1-rq")
    draws: dict[str, Callable[..., Tensor]] = {
        "identity": torch.normal,
        "logistic": torch.bernoulli,
        "Poisson": torch.poisson,
    }
    for model in (LINEAR, LOGISTIC, POISSON):
        z = law.sample(generator, (DRAWS,))
        mean = model.mean(model.h_bar(z))
        curved = _curved(model, law)
        for what, y in (
            ("y drawn from the model", draws[model.name](mean, generator=generator)),
            ("a true teacher without noise", mean),
        ):
            squared = ((mean - y) * z).square()
            found = Estimate(float(squared.mean()), float(squared.std() / DRAWS**0.5), DRAWS)
            yield from judged(
                f"{model.name}, {what}",
                "mean squared slope in gamma",
                found,
                MARGIN * curved,
                derived=None if y is mean else curved,
                printed=curved,
            )


def _curved(model: Model, law: Law) -> float:
    return model.average(law, lambda h, z: model.curvature(h) * z**2)
