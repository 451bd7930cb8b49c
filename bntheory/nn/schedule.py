"""What is done every few steps of a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bntheory.nn.arguments import whole_number


@dataclass
class Schedule:
    """Does something in front of every few steps, beginning with the first.

    Parameters
    ----------
    every : int
        How many steps there are from one time to the next.
    action : callable
        Without arguments, for instance a refresh of populations or of a gamma decay.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import PopulationNorm1d, Schedule, refresh_population
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), PopulationNorm1d(3))
    >>> sample = torch.randn(1000, 4)
    >>> schedule = Schedule(10, lambda: refresh_population(model, sample))
    >>> for _ in range(20):
    ...     schedule.step()  # and a step of the training
    >>> schedule.state_dict()
    {'steps': 20}
    """

    every: int
    action: Callable[[], Any]

    def __post_init__(self) -> None:
        self.every = whole_number("every", self.every, 1)
        self._steps = 0

    def step(self) -> None:
        """Do it if it is time."""
        if self._steps % self.every == 0:
            self.action()
        self._steps += 1

    def state_dict(self) -> dict[str, Any]:
        """Return what it goes on from."""
        return {"steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._steps = whole_number("steps", state["steps"], 0)
