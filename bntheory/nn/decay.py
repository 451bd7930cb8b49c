"""Gamma decay as a regularizer: a term of the loss, or a pull on the gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from bntheory.nn import arguments
from bntheory.nn.gamma_decay import gamma_decay
from bntheory.nn.normalization import find_layers
from bntheory.nn.refreshing import unwrapped
from bntheory.nn.result import MeasuredDecay

FORMS = ("paper", "own-batch", "constant")


class GammaDecay(nn.Module):
    r"""The gamma decay that stands for batches of M samples, channel by channel.

    It goes with :class:`bntheory.nn.PopulationNorm`, or with batch normalization at a batch size so
    large that it makes little decay of its own.  The coefficients are measured on data by
    :meth:`refresh`, and are constants between one refresh and the next.

    Parameters
    ----------
    model : torch.nn.Module
        With layers of batch or population normalization; those that have a gamma are decayed.  The
        model is not kept.
    form : {"own-batch", "paper", "constant"}, default "own-batch"
        ``paper``: :math:`\sum\zeta_i\gamma_i^2` with :math:`\zeta_i` of Luo et al. 2019, App. C.4
        (Theorem 1 for one layer).  ``own-batch``: what batch normalization really adds to the
        loss, to order 1/M; the value and the slope in each gamma are as measured.  ``constant``:
        :math:`\zeta\sum\gamma_i^2`, for comparison.
    batch_size : int, optional
        M, at least 2; for ``paper`` and ``own-batch``.
    zeta : float, optional
        For ``constant``.

    Attributes
    ----------
    quadratic, linear : Tensor
        The term is the sum over all channels of quadratic gamma^2 + linear gamma.
    offset : Tensor
        And of this; it makes the value that of the added loss.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import GammaDecay, PopulationNorm1d, Schedule, refresh_population
    >>> _ = torch.manual_seed(0)
    >>> model = torch.nn.Sequential(
    ...     torch.nn.Linear(4, 3), PopulationNorm1d(3), torch.nn.Tanh(), torch.nn.Linear(3, 1)
    ... )
    >>> x, y = torch.randn(256, 4), torch.randn(256, 1)
    >>> criterion = torch.nn.functional.mse_loss
    >>> decay = GammaDecay(model, batch_size=16)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> population = Schedule(1, lambda: refresh_population(model, x))
    >>> strength = Schedule(10, lambda: decay.refresh(model, [(x, y)], criterion))
    >>> for batch in torch.arange(256).split(64):
    ...     population.step()
    ...     strength.step()
    ...     loss = criterion(model(x[batch]), y[batch]) + decay(model)
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    >>> bool(decay(model) > 0)
    True
    """

    quadratic: Tensor
    linear: Tensor
    offset: Tensor

    def __init__(
        self,
        model: nn.Module,
        form: Literal["own-batch", "paper", "constant"] = "own-batch",
        *,
        batch_size: int | None = None,
        zeta: float | None = None,
    ) -> None:
        super().__init__()
        arguments.usable_model(model)
        if form not in FORMS:
            raise ValueError(f"form = {form!r} is none of {', '.join(FORMS)}")
        if (zeta is None) == (form == "constant"):
            raise ValueError(
                "the form 'constant' needs zeta" if zeta is None else f"zeta is not for {form!r}"
            )
        if zeta is not None and not 0 <= zeta < math.inf:
            raise ValueError(f"zeta = {zeta:g} is outside its domain, 0 <= zeta < oo")
        if form == "constant" and batch_size is not None:
            raise ValueError("batch_size is not for 'constant'")
        if form != "constant":
            if batch_size is None:
                raise ValueError(f"the form {form!r} needs batch_size")
            batch_size = arguments.whole_number("batch_size", batch_size, 2)
        self.form, self.batch_size = form, batch_size
        gammas = {
            layer.name: layer.module.weight
            for layer in find_layers(unwrapped(model))
            if layer.module.weight is not None
        }
        if not gammas:
            raise ValueError("no layer of the model has a gamma")
        self.layers = tuple(gammas)
        together = torch.cat([gamma.detach() for gamma in gammas.values()])
        value = 0.0 if zeta is None else float(zeta)
        self.register_buffer("quadratic", torch.full_like(together, value))
        self.register_buffer("linear", torch.zeros_like(together))
        self.register_buffer("offset", torch.zeros_like(together[:1]).squeeze(0))

    def forward(self, model: nn.Module) -> Tensor:
        """Return the term to be added to the loss of the model."""
        gamma = torch.cat(self._gammas(model))
        term: Tensor = ((self.quadratic * gamma + self.linear) * gamma).sum() + self.offset
        return term

    def attach(self, model: nn.Module) -> Handles:
        """Add the slope of the term to the gradients of the gammas, in each backward pass.

        Where gradients are added up over several passes, the slope is, too: use the term, once.
        Copies of the model, by ``deepcopy`` or pickle, have no decay until it is attached to them.
        A gamma that does not learn is left out.

        Returns
        -------
        Handles
            Whose ``remove`` ends it.
        """
        handles, start = [], 0
        for gamma in self._gammas(model):
            channels = slice(start, start + len(gamma))
            if gamma.requires_grad:
                handles.append(gamma.register_hook(partial(self._with_slope, gamma, channels)))
            start = channels.stop
        return Handles(handles)

    def refresh(
        self,
        model: nn.Module,
        loader: Iterable[tuple[Tensor, Any]],
        loss: Callable[[Any, Any], Tensor],
        **options: Any,
    ) -> MeasuredDecay | None:
        """Measure the coefficients.

        Parameters
        ----------
        model, loader, loss
            As in :func:`bntheory.nn.gamma_decay`; some hundreds of samples do, as errors of single
            channels average out over channels and over time.  In distributed training each process
            is given the same.
        **options
            Further arguments of that function: few ``probes`` do, and ``statistics="running"`` is
            quicker, and right where populations have just been refreshed.

        Returns
        -------
        MeasuredDecay or None
            What was measured; nothing for the constant form.
        """
        if self.form == "constant":
            return None
        own_batch = self.form == "own-batch"
        self._gammas(model)  # complains about another model
        model = unwrapped(model)
        measured = gamma_decay(
            model, loader, loss, batch_size=self.batch_size, pulls=own_batch, **options
        )
        units = measured.units.sel(unit=measured.units["layer"].isin(self.layers))
        with torch.no_grad():
            zeta = torch.from_numpy(units["zeta"].values.copy()).to(self.quadratic)
            self.quadratic.copy_(zeta)
            if own_batch:
                gamma = torch.cat(self._gammas(model))
                pull = torch.from_numpy(units["pull"].values.copy()).to(self.linear)
                self.linear.copy_(pull - 2 * zeta * gamma)
                added = float(units["loss_increase_own_batch"].sum())
                self.offset.zero_()
                self.offset.add_(added - self(model))
        return measured

    def extra_repr(self) -> str:
        """Return the arguments, as torch shows them."""
        M = "" if self.batch_size is None else f", batch_size={self.batch_size}"
        return f"{self.form!r}{M}, layers={len(self.layers)}, channels={len(self.quadratic)}"

    def _gammas(self, model: nn.Module) -> list[Tensor]:
        arguments.usable_model(model)
        gammas = {
            layer.name: layer.module.weight
            for layer in find_layers(unwrapped(model))
            if layer.module.weight is not None
        }
        missing = [name for name in self.layers if name not in gammas]
        if missing:
            raise ValueError(f"the decay is that of another model: this has no {missing[0]!r}")
        found: list[Tensor] = [gammas[name] for name in self.layers]
        if sum(map(len, found)) != len(self.quadratic):
            raise ValueError("the decay is that of another model: its layers have other widths")
        return found

    def _with_slope(self, gamma: Tensor, channels: slice, gradient: Tensor) -> Tensor:
        slope = 2 * self.quadratic[channels] * gamma.detach() + self.linear[channels]
        return gradient + slope


class Handles:
    """Hooks that can be removed."""

    def __init__(self, handles: Sequence[Any]) -> None:
        self._handles = handles

    def remove(self) -> None:
        """Remove them."""
        for handle in self._handles:
            handle.remove()
