"""Other layers in place of batch normalization, in a user's own model."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from bntheory.nn.arguments import usable_model
from bntheory.nn.conversion import Converting


def replace_batchnorm(
    model: torch.nn.Module, with_: type[Converting] | Callable[[_BatchNorm], torch.nn.Module]
) -> torch.nn.Module:
    """Put other layers in place of all layers of batch normalization.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place, but for a model that is itself batch normalization.
    with_ : class or callable
        A class of this package: ``PopulationNorm``, ``MeanOnlyBatchNorm``,
        ``VarianceOnlyBatchNorm``, ``BatchNormDropout``, or one of their 1d and 2d kinds where the
        model has no others.  Or whatever makes a layer from the one that it replaces, as do
        ``PopulationNorm.to_batchnorm``, ``torch.nn.Identity``, or a function.

    Returns
    -------
    torch.nn.Module
        The model.  Parameters that both layers have are the same objects as before, so that an
        optimizer goes on with them; buffers are copied.

    Raises
    ------
    TypeError
        If the model is no module, or a layer cannot be replaced by that class.
    ValueError
        If there is nothing to replace.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import PopulationNorm, replace_batchnorm
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    >>> replace_batchnorm(model, with_=PopulationNorm)
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): PopulationNorm1d(3, eps=1e-05, affine=True, moving=True, momentum=0.0, guard=None)
    )
    """
    usable_model(model)
    if not callable(with_):
        raise TypeError(f"with_ is of type {type(with_).__name__} and cannot be called")
    make: Callable[..., torch.nn.Module] = with_
    if isinstance(with_, type) and issubclass(with_, Converting):
        make = with_.from_batchnorm
    # a layer that the model has in two places is replaced by one that it has in both
    made = {
        layer: _module(make(layer)) for layer in model.modules() if isinstance(layer, _BatchNorm)
    }
    if not made:
        raise ValueError(f"the model, of type {type(model).__name__}, has no batch normalization")
    for parent in list(model.modules()):
        for name, child in parent._modules.items():
            if isinstance(child, _BatchNorm):
                parent._modules[name] = made[child]
    return made[model] if isinstance(model, _BatchNorm) else model


def _module(made: object) -> torch.nn.Module:
    if not isinstance(made, torch.nn.Module):
        raise TypeError(f"with_ returns type {type(made).__name__}, no torch.nn.Module")
    return made
