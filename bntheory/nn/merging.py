"""A frozen batch normalization inside the kernel in front of it, and out again (App. B.2)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import fuse_conv_bn_weights, fuse_linear_bn_weights
from torch.nn.utils.parametrize import is_parametrized
from torch.utils._pytree import tree_leaves

from bntheory.nn.arguments import usable_model
from bntheory.nn.normalization import find_layers
from bntheory.nn.state import evaluating

KERNELS = (nn.Linear, nn.Conv1d, nn.Conv2d)

#: How far a merged model may be from what it was, over the largest output; or 100 roundings.  A GPU
#: multiplies single precision with 10 bits, and what this is to find is of order 1.
TOLERANCE = 2e-2


class MergedNorm(nn.Module):
    """Where batch normalization was that is now in the kernel in front: returns its input.

    Its buffers hold what :func:`unmerge` puts back.

    Attributes
    ----------
    kernel : str
        The name of the kernel in the model.
    had_bias : bool
        Whether the kernel had a bias of its own.
    """

    gamma: Tensor
    beta: Tensor
    mean: Tensor
    var: Tensor

    def __init__(self, norm: Any, kernel: str, had_bias: bool) -> None:
        super().__init__()
        self.kernel, self.had_bias = kernel, had_bias
        self._kind, self._eps, self._momentum = type(norm), norm.eps, norm.momentum
        gamma = torch.ones_like(norm.running_mean) if norm.weight is None else norm.weight
        beta = torch.zeros_like(gamma) if norm.bias is None else norm.bias
        self.affine = norm.affine
        for name, value in {
            "gamma": gamma, "beta": beta, "mean": norm.running_mean, "var": norm.running_var,
        }.items():  # fmt: skip
            self.register_buffer(name, value.detach().clone())

    def forward(self, input: Tensor) -> Tensor:
        """Return the input."""
        return input

    def extra_repr(self) -> str:
        """Return what it was, and where it is now."""
        return f"{self._kind.__name__} in {self.kernel}"

    @property
    def std(self) -> Tensor:
        """The deviation that was divided by."""
        return (self.var + self._eps).sqrt()

    def norm(self) -> _BatchNorm:
        """Return the batch normalization that it was."""
        made: Any = self._kind(
            len(self.mean), eps=self._eps, affine=self.affine, device=self.mean.device,
            dtype=self.mean.dtype,
        )  # fmt: skip
        made.momentum = self._momentum
        with torch.no_grad():
            made.running_mean.copy_(self.mean)
            made.running_var.copy_(self.var)
            if self.affine:
                made.weight.copy_(self.gamma)
                made.bias.copy_(self.beta)
        return made.train(self.training)


def merge(model: nn.Module, inputs: Tensor) -> nn.Module:
    """Put each batch normalization, as it is in evaluation mode, into the kernel in front of it.

    The kernel becomes gamma w/sigma, and its bias beta + gamma (b - mu)/sigma, where mu and sigma
    are the running averages (Luo et al. 2019, App. B.2).  What is left is a model without
    normalization that computes, in either mode, what the other one does in evaluation mode.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.  Each layer of batch normalization takes the output of a kernel,
        ``Linear``, ``Conv1d`` or ``Conv2d``, and nothing else does.
    inputs : Tensor
        A few samples, with which it is seen which kernel is in front of which layer, and that the
        outputs stay what they were.

    Returns
    -------
    torch.nn.Module
        The model, with :class:`MergedNorm` in place of batch normalization.  Kernels and their
        biases are the same objects as before, so that an optimizer goes on with them; where there
        was no bias there is one now, which it does not know.

    Raises
    ------
    ValueError
        If a layer has no kernel in front of it or no running averages, if there are no inputs or
        the outputs are not finite, or if these change; the model is left as it was.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import merge, unmerge
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    >>> merge(model, torch.randn(2, 4))
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): MergedNorm(BatchNorm1d in 0)
    )
    >>> isinstance(unmerge(model)[1], torch.nn.BatchNorm1d)
    True
    """
    usable_model(model)
    with evaluating(model), torch.no_grad():
        pairs, before = _pairs(model, inputs)
    names = {module: name for name, module in model.named_modules()}
    kept = {}
    for norm, kernel in pairs.items():
        kept[kernel] = kernel.bias, kernel.weight.detach().clone(), _copied(kernel.bias)
        merged = MergedNorm(norm, names[kernel], kernel.bias is not None).train(norm.training)
        _put(model, names[norm], merged)
        fuse = fuse_linear_bn_weights if isinstance(kernel, nn.Linear) else fuse_conv_bn_weights
        weight, bias = fuse(
            kernel.weight, kernel.bias, merged.mean, merged.var, norm.eps, merged.gamma, merged.beta
        )
        _set(kernel, weight, bias)
    with evaluating(model), torch.no_grad():
        after = model(inputs)
    if not _same(before, after):
        for norm, kernel in reversed(pairs.items()):
            kernel.bias, *values = kept[kernel]
            _set(kernel, *values)
            _put(model, names[norm], norm)
        raise ValueError(
            "the outputs change when batch normalization is merged: a kernel in front of it, or "
            "its output, is used elsewhere, too, or its features are not the channels"
        )
    return model


def unmerge(model: nn.Module) -> nn.Module:
    """Take each batch normalization out of its kernel again.

    The layer has the gamma and the running averages that it had, and the kernel is divided by
    gamma/sigma; what training has added since then stays.  A kernel that had no bias of its own
    has none again, and beta is what its bias makes it.

    Parameters
    ----------
    model : torch.nn.Module
        As :func:`merge` has left it, possibly trained since; changed in place.

    Returns
    -------
    torch.nn.Module
        The model, which computes in evaluation mode what it did before.

    Raises
    ------
    ValueError
        If nothing is merged in it, or if a gamma is zero.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import merge, unmerge
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    >>> type(unmerge(merge(model, torch.randn(2, 4)))[1]).__name__
    'BatchNorm1d'
    """
    found = [(n, m) for n, m in model.named_modules() if isinstance(m, MergedNorm)]
    if not found:
        raise ValueError(f"the model, of type {type(model).__name__}, has no merged normalization")
    for name, merged in found:
        if not merged.gamma.all():
            channel = int((merged.gamma == 0).nonzero()[0])
            raise ValueError(
                f"gamma = 0 in channel {channel} of {name!r}: its kernel cannot be told"
            )
        if not (merged.had_bias or merged.affine):
            raise ValueError(
                f"{name!r} has no beta and its kernel had no bias: there is no place for what the "
                "bias has become"
            )
    for name, merged in found:
        kernel: Any = model.get_submodule(merged.kernel)
        norm = merged.norm()
        with torch.no_grad():
            scale = merged.gamma / merged.std
            kernel.weight.div_(scale.reshape(-1, *[1] * (kernel.weight.ndim - 1)))
            if merged.had_bias:
                kernel.bias.sub_(merged.beta).div_(scale).add_(merged.mean)
            else:
                norm.bias.copy_(kernel.bias + scale * merged.mean)
                kernel.bias = None
        _put(model, name, norm)
    return model


def _pairs(model: nn.Module, inputs: Tensor) -> tuple[dict[_BatchNorm, Any], Any]:
    """Return the kernel in front of each layer, and the output."""
    made: dict[int, tuple[nn.Module, Tensor]] = {}
    pairs: dict[_BatchNorm, Any] = {}
    handles = []

    def after_kernel(module: nn.Module, args: Any, output: Tensor) -> None:
        made[id(output)] = module, output  # the tensor is kept, so that its id is its own

    def before_norm(module: _BatchNorm, args: tuple[Tensor]) -> None:
        pairs[module] = made.get(id(args[0]), (None, None))[0]

    try:
        for module in model.modules():
            if isinstance(module, KERNELS):
                handles.append(module.register_forward_hook(after_kernel))
            elif isinstance(module, _BatchNorm):
                handles.append(module.register_forward_pre_hook(before_norm))
        output = model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    outputs = [leaf for leaf in tree_leaves(output) if isinstance(leaf, Tensor)]
    if not all(leaf.numel() and leaf.isfinite().all() for leaf in outputs):
        raise ValueError("the outputs of the model for these inputs are none, or not finite")
    for layer in find_layers(model):
        norm, name = layer.module, layer.name
        kernel = pairs.get(norm)
        if norm.running_mean is None:
            raise ValueError(f"layer {name!r} has no running averages")
        if kernel is None or len(kernel.weight) != norm.num_features:
            raise ValueError(f"layer {name!r} does not take the output of a kernel")
        if is_parametrized(kernel):
            raise ValueError(f"the kernel in front of layer {name!r} is parametrized")
    if len(set(pairs.values())) < len(pairs):
        raise ValueError("a kernel is in front of two layers of batch normalization")
    return pairs, output


def _same(before: Any, after: Any) -> bool:
    for old, new in zip(tree_leaves(before), tree_leaves(after), strict=True):
        if isinstance(old, Tensor) and old.is_floating_point():
            allowed = max(TOLERANCE, 100 * torch.finfo(old.dtype).eps)
            if not torch.allclose(new, old, rtol=0.0, atol=allowed * float(old.abs().max())):
                return False
    return True


def _copied(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias.detach().clone()


@torch.no_grad()
def _set(kernel: Any, weight: Tensor, bias: Tensor | None) -> None:
    """Give a kernel other values, in the parameters that it has."""
    kernel.weight.copy_(weight)
    if bias is not None and kernel.bias is None:
        kernel.bias = nn.Parameter(bias.detach(), requires_grad=kernel.weight.requires_grad)
    elif bias is not None:
        kernel.bias.copy_(bias)


def _put(model: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    model.get_submodule(parent)._modules[own] = layer
