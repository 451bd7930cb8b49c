"""Layers made from torch's batch normalization, with its parameters and running averages."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase

L = TypeVar("L", bound=nn.Module)


class Converting(_NormBase):
    """A layer that can take the place of batch normalization.

    A class without ``BATCH_NORM`` stands for those derived from it that have one.
    """

    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    #: What the layer takes the place of.
    BATCH_NORM: ClassVar[type[_BatchNorm]]

    def _check_input_dim(self, input: Tensor) -> None:
        self.BATCH_NORM._check_input_dim(self, input)
        if input.shape[1] != self.num_features:
            raise ValueError(
                f"the input has shape {tuple(input.shape)}: {input.shape[1]} channels and not "
                f"{self.num_features}"
            )

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        raise NotImplementedError

    @classmethod
    def from_batchnorm(cls, layer: _BatchNorm, **options: Any) -> Self:
        """Return such a layer with the parameters, running averages and mode of another one.

        Parameters
        ----------
        layer : torch.nn.BatchNorm1d or torch.nn.BatchNorm2d
            With the number of dimensions that the class has; the base class takes either.
        **options
            Further arguments of the class.

        Raises
        ------
        TypeError
            If the layer is of another kind.
        """
        kinds = [cls] if hasattr(cls, "BATCH_NORM") else cls.__subclasses__()
        given = type(layer).__name__
        twin: Any = getattr(layer, "to_batchnorm", None)
        if twin is not None:  # a population's momentum, 0, is none of running averages
            layer = twin()
        for kind in kinds:
            if isinstance(layer, kind.BATCH_NORM):
                tensors = (*layer.parameters(), *layer.buffers())
                place = {"device": tensors[0].device, "dtype": tensors[0].dtype} if tensors else {}
                made = kind(layer.num_features, **{**cls.options(layer), **place, **options})
                return cls.carry_over(layer, made)
        fitting = " or ".join(kind.BATCH_NORM.__name__ for kind in kinds)
        raise TypeError(f"layer is of type {given}; {cls.__name__} takes {fitting}")

    @staticmethod
    def carry_over(old: nn.Module, new: L) -> L:
        """Give a layer the parameters themselves, and copies of the buffers, of another."""
        for name, parameter in old._parameters.items():
            if parameter is not None and new._parameters.get(name) is not None:
                new._parameters[name] = parameter
        with torch.no_grad():
            for name, buffer in old._buffers.items():
                mine = new._buffers.get(name)
                if buffer is not None and mine is not None:
                    mine.copy_(buffer)
        return new.train(old.training)
