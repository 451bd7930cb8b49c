"""A generated function that knows the expression it was generated from.

The modules of :mod:`bntheory.formulas` hold plain NumPy functions under the decorator
:func:`formula`, which adds what a user expects of a formula: it broadcasts, it is ``nan`` outside
its domain, and it carries its SymPy expression, its LaTeX, its place in the paper, and the same
formula for torch tensors and for mpmath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial, update_wrapper
from importlib import import_module
from typing import Any

import numpy as np

#: How many elements are evaluated at a time: the intermediate results stay in the cache.
BLOCK = 8192

Domain = tuple[float, float, bool]

#: Where an argument has to lie: lower end, upper end, and whether the lower end is left out.
DOMAINS: dict[str, Domain] = {
    "gamma": (0.0, np.inf, True),
    "R": (-1.0, 1.0, False),
    "L": (0.0, np.inf, True),
    "L0": (0.0, np.inf, True),
    "eta": (0.0, np.inf, False),
    "zeta": (0.0, np.inf, False),
    "misalignment": (0.0, 2.0, False),
    "slope": (0.0, np.inf, False),
    "M": (1.0, np.inf, False),
    "rho": (-2.0, np.inf, False),
    "correlation": (-1.0, 1.0, False),
    **dict.fromkeys(("alpha", "q", "chi", "beta"), (0.0, np.inf, True)),
    "angle": (0.0, np.pi / 2, False),
    **dict.fromkeys(("S", "ridge"), (0.0, np.inf, False)),
    "a": (1.0, np.inf, False),
    **dict.fromkeys(("gamma1", "gamma2"), (0.0, np.inf, True)),
    **dict.fromkeys(
        (
            *("z", "z1", "z2", "skewness", "cokurtosis", "coskewness_12", "coskewness_21"),
            *("fisher_information", "mean_curvature", "hessian_12"),
            *("loss_slope", "loss_curvature", "loss_third", "loss_fourth"),
        ),
        (-np.inf, np.inf, False),
    ),
}


class Formula:
    """A generated function.

    Call it with numbers or arrays; the arguments broadcast, the result is float64 (a tuple of
    arrays for several quantities), and ``nan`` where an argument is outside the domain.

    Attributes
    ----------
    expr : sympy.Expr or sympy.Tuple
        The derived expression; loads SymPy on first use.
    latex : str
        The same as LaTeX.
    source : str
        The place in the paper that it stands for.
    torch, mp, math : callable
        The same formula for torch tensors, for mpmath numbers at the working precision, and for
        Python floats.
    plain : callable
        The generated NumPy function itself, which checks and shapes nothing.
    """

    __name__: str

    def __init__(
        self,
        function: Callable[..., Any],
        source: str,
        expr: str,
        backend: Callable[[str], Callable[..., Any]] | None = None,
        domain: Mapping[str, Domain] | None = None,
    ) -> None:
        update_wrapper(self, function)
        self.plain = function
        self._made = backend
        self._text = expr
        self.source = source
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        self._domains = [(domain or {}).get(name, DOMAINS[name]) for name in names]

    @cached_property
    def __signature__(self) -> Any:
        from inspect import signature

        return signature(self.plain)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate; the arguments broadcast."""
        if kwargs:
            args = self.__signature__.bind(*args, **kwargs).args
        elif len(args) != len(self._domains):
            self.__signature__.bind(*args)  # raises the TypeError that Python would raise
        arrays = [np.asarray(a, dtype=np.float64) for a in args]
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
        if 0 in shape or all(a.size <= BLOCK for a in arrays):
            result = self._values(arrays)
            return _each(lambda value: _filled(value, shape), result)
        return self._by_blocks(arrays, shape)

    def _values(self, arrays: list[np.ndarray]) -> Any:
        """Return the values, nan where an argument is outside its domain."""
        with np.errstate(divide="ignore", invalid="ignore"):  # outside, and in unused branches
            result = self.plain(*arrays)
        for array, (low, high, left_open) in zip(arrays, self._domains, strict=True):
            if _inside(array, low, high, left_open):
                continue
            inside = (array > low if left_open else array >= low) & (array <= high)
            result = _each(partial(np.where, ~inside, np.nan), result)  # nan is not inside
        return result

    def _by_blocks(self, arrays: list[np.ndarray], shape: tuple[int, ...]) -> Any:
        """Return the values of large arrays."""
        flat = [a if a.ndim == 0 else np.broadcast_to(a, shape).reshape(-1) for a in arrays]
        size = max(a.size for a in flat)
        whole: list[np.ndarray] = []
        for start in range(0, size, BLOCK):
            block = slice(start, start + BLOCK)
            result = self._values([a if a.ndim == 0 else a[block] for a in flat])
            whole = whole or [np.empty(size) for _ in _leaves(result)]
            for target, value in zip(whole, _leaves(result), strict=True):
                target[block] = value
        filled = iter(whole)
        return _each(lambda _: next(filled).reshape(shape), result)

    @cached_property
    def expr(self) -> Any:
        """The derived expression."""
        from sympy import sympify

        from bntheory.notation import SYMBOLS

        return sympify(self._text, locals=SYMBOLS)

    @cached_property
    def latex(self) -> str:
        """The derived expression as LaTeX, in the paper's letters."""
        from sympy import Symbol, latex

        from bntheory.notation import QUANTITIES

        names = {q.symbol: q.latex for q in QUANTITIES if isinstance(q.symbol, Symbol)}
        return str(latex(self.expr, symbol_names=names))

    @cached_property
    def torch(self) -> Callable[..., Any]:
        """The same formula for torch tensors; their dtype and device are kept."""
        return self._backend("torch")

    @cached_property
    def mp(self) -> Callable[..., Any]:
        """The same formula for mpmath numbers, at mpmath's working precision."""
        return self._backend("mpmath")

    @cached_property
    def math(self) -> Callable[..., Any]:
        """The same formula for Python floats, without the overhead of arrays."""
        return self._backend("math")

    def _backend(self, name: str) -> Callable[..., Any]:
        if self._made is not None:
            return self._made(name)
        subject = self.__module__.rpartition(".")[2]
        module = import_module(f"bntheory.formulas.backends.{name}.{subject}")
        function: Callable[..., Any] = getattr(module, self.__name__)
        return function

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __repr__(self) -> str:
        return f"<formula {self.__name__}{self.__signature__}: {self.source}>"

    def __reduce__(self) -> Any:
        return _find, (self.__module__, self.__name__)


def _find(module: str, name: str) -> Formula:
    found: Formula = getattr(import_module(module), name)
    return found


def _inside(array: np.ndarray, low: float, high: float, left_open: bool) -> bool:
    """Whether all elements are known to be inside; nan is not."""
    if not array.size:
        return True
    smallest = np.minimum.reduce(array, axis=None)
    above = smallest > low if left_open else smallest >= low
    return bool(above and (high == np.inf or np.maximum.reduce(array, axis=None) <= high))


def _filled(value: Any, shape: tuple[int, ...]) -> Any:
    """Return an array of its own, or a number, of a shape."""
    whole = np.empty(shape)
    whole[...] = value
    return whole[()]


def _each(function: Callable[[Any], Any], result: Any) -> Any:
    """Apply a function to each entry of nested tuples."""
    if isinstance(result, tuple):
        return tuple(_each(function, entry) for entry in result)
    return function(result)


def _leaves(result: Any) -> Iterator[Any]:
    """Yield the entries of nested tuples."""
    if isinstance(result, tuple):
        for entry in result:
            yield from _leaves(entry)
    else:
        yield result


def formula(source: str, expr: str, **domain: Domain) -> Callable[[Callable[..., Any]], Formula]:
    """Make a :class:`Formula` of a generated function; ``domain`` is what is not usual in it."""

    def decorate(function: Callable[..., Any]) -> Formula:
        return Formula(function, source, expr, domain=domain)

    return decorate
