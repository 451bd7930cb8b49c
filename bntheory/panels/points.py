"""The points of a panel: students of many replicas, trained at one load."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bntheory.panels.panel import Panel, Settings

#: Learning rate of students with a scale gamma, whose own curvature is about 2.
ETA = 0.1

#: Standard deviation of the first weights under batch normalization.  The first steps overshoot by
#: far, eta/L0^2 being much above M/2, and bury the random start under what the samples say: else
#: below alpha = 1 it would stay in the error, along directions that no sample has.  eta/L0^2 is
#: what the weights go by, so that all this is the same at any N.
L0 = 0.03

#: The rate of vanilla SGD with all samples, over the one at which a linear student is unstable.
SAFE = 0.5


@dataclass(frozen=True)
class Training:
    """All that determines the points of one method at one load.

    Attributes
    ----------
    figure, id, label : str
        The figure, and the method's id and label.
    method, student, batch, zeta, eta, L0
        As in :func:`bntheory.simulation.offline.train`.
    alpha, S : float
        Load, and variance of the teacher's noise.
    epochs : tuple of int
        When the error is measured.
    neurons, replicas, seed, device
        See :class:`bntheory.panels.panel.Settings`.
    """

    figure: str
    id: str
    label: str
    method: str
    student: str
    alpha: float
    S: float
    epochs: tuple[int, ...]
    batch: int | None
    zeta: float
    eta: float
    L0: float | None
    neurons: int
    replicas: int
    seed: int
    device: str

    @property
    def cost(self) -> float:
        """How long it takes, about, in units of all of them."""
        # a step with few samples costs more for each of them
        return self.alpha * self.epochs[-1] * (1 if self.batch is None else 3)

    @property
    def settings(self) -> dict[str, Any]:
        """What is not the same for all points of a figure."""
        names = ("id", "method", "student", "S", "batch", "zeta", "eta", "L0")
        known = {name: value for name, value in asdict(self).items() if name in names}
        return known | {"epochs": list(self.epochs)}


def trainings(figure: str, panel: Panel, settings: Settings) -> Iterator[Training]:
    """Yield all trainings of a panel, those that take longest first."""
    for method in sorted(panel.methods, key=lambda method: method.batch is None):
        for alpha in sorted(panel.loads, reverse=True):
            eta, first = _rates(method.method, alpha, settings.neurons)
            yield Training(
                figure, method.id, method.label, method.method, panel.student, alpha, panel.S,
                method.epochs, method.batch, method.zeta, eta, first, settings.neurons,
                settings.replicas, settings.seed, settings.device,
            )  # fmt: skip


def _rates(method: str, alpha: float, N: int) -> tuple[float, float | None]:
    """Return eta and L0."""
    # the Hessian of the linear student is 2 X^T X/P, and the largest eigenvalue of X^T X is
    # (1 + sqrt(alpha))^2
    critical = round(alpha * N) / (1 + math.sqrt(alpha)) ** 2
    if method == "sgd":
        return SAFE * critical, None
    if method == "wn":
        # the weights go by eta/L0^2; where that is too much, they grow until it is not
        return ETA, math.sqrt(ETA / critical)
    return ETA, L0


def measure(training: Training) -> list[dict[str, Any]]:
    """Train, and return a point for each time.

    Returns
    -------
    list of dict
        As in the data file.  Where training diverged the error is None.

    Raises
    ------
    MemoryError
        If there is not enough of it.
    """
    try:
        histories = _errors(training)
    except RuntimeError as error:  # PyTorch has no other one for a processor
        if not any(word in str(error) for word in ("memory", "overflow")):
            raise
        raise MemoryError(str(error)) from None
    return [
        {
            "label": training.label,
            "settings": training.settings,
            "alpha": training.alpha,
            "epoch": epoch,
            **_average(errors),
            "replicas": training.replicas,
        }
        for epoch, errors in zip(training.epochs, histories, strict=True)
    ]


def _errors(training: Training) -> list[list[float]]:
    """Return the generalization errors of all replicas, for each time."""
    from bntheory.simulation.offline import train
    from bntheory.simulation.run import Run
    from bntheory.simulation.teacher import draw

    run = Run(training.seed, training.device)
    name = f"{training.figure} {training.alpha:g}"  # all methods see the same samples
    samples = draw(
        run, name, N=training.neurons, alpha=training.alpha, S=training.S,
        replicas=training.replicas,
    )  # fmt: skip
    history = train(
        samples, run, name, method=training.method, student=training.student, eta=training.eta,
        epochs=training.epochs[-1], batch=training.batch, zeta=training.zeta, L0=training.L0,
        times=training.epochs,
    )  # fmt: skip
    errors: list[list[float]] = history.error.tolist()
    return errors


def _average(errors: list[float]) -> dict[str, float | None]:
    """Return the mean and its standard error."""
    if not all(map(math.isfinite, errors)):
        return {"error": None, "standard_error": None}
    many = len(errors)
    mean = math.fsum(errors) / many
    variance = math.fsum((error - mean) ** 2 for error in errors) / (many - 1)
    return {"error": mean, "standard_error": math.sqrt(variance / many)}
