"""gamma^2 against the batch size, BN in one layer (Sec. 5, Figure 2e,f).

What batch normalization does is the difference to population normalization in a training that is
the same otherwise: with the same batches, rates and first weights.  What the theory predicts is the
difference that a gamma decay for the same M makes to it.  To order 1/M both go as 1/M.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from bntheory.experiments.checks import Checked, decide
from bntheory.experiments.figure import Figure, Panel
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results
from bntheory.verdict import Form

#: A slope is predicted if it is off by less than this part of itself.
MARGIN = 0.25

#: Where the normalization is in the network, by the index of its convolution.
PLACES = {0: "1", 1: "4", 2: "7", 3: "10"}
COLORS = {0: "#0072B2", 1: "#56B4E9", 2: "#E69F00", 3: "#D55E00"}
FORMS: dict[Literal["own-batch", "paper"], tuple[Form, str]] = {
    "own-batch": ("derived", "-"),
    "paper": ("printed", "--"),
}


def halved(recipe: Recipe) -> Recipe:
    """Return the recipe with half as many epochs: there are many networks."""
    return replace(recipe, epochs=recipe.epochs // 2)


def methods(recipe: Recipe) -> tuple[Method, ...]:
    """Return BN, and PN without decay and with either form, for each layer and M."""
    found = []
    for layer in recipe.layers:
        for M in recipe.batches:
            where = f"convolution {layer + 1}, M = {M}"
            color = COLORS[layer]
            found += [
                Method(_id("bn", layer, M), f"BN, {where}", M, color, layer=layer),
                Method(_id("pn", layer, M), f"PN, {where}", M, color, norm="pn", layer=layer),
                *(
                    Method(
                        _id(form, layer, M), f"PN + {form} decay, {where}", M, color, norm="pn",
                        decay=form, layer=layer,
                    )
                    for form in FORMS
                ),
            ]  # fmt: skip
    return tuple(found)


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what grows with M, and which form of the decay predicts what BN does."""
    found = []
    growth = np.log(recipe.batches)
    growth = (growth - growth.mean()) / (growth - growth.mean()).var() / len(growth)
    for layer in recipe.layers:
        name = f"behind convolution {layer + 1}"
        gamma = _values(results, "bn", layer, recipe.batches, _gamma(layer))
        loss = _values(results, "bn", layer, recipe.batches, "validation")
        found += [
            decide(f"gamma^2 grows with M, {name}.", "printed", gamma @ growth),
            decide(f"The validation loss grows with M, {name}.", "printed", loss @ growth),
        ]
        slope = _slope(results, "bn", layer, recipe.batches, _gamma(layer))
        predicted = {
            form: _slope(results, form, layer, recipe.batches, _gamma(layer)) for form in FORMS
        }
        for form, (kind, _) in FORMS.items():
            margin = MARGIN * max(abs(float(predicted[form].mean())), 1e-12)
            found.append(
                decide(
                    f"The slope of gamma^2 in 1/M is that of the {form} decay, {name}.",
                    kind, slope - predicted[form], margin,
                )
            )  # fmt: skip
        found.append(_nearer(f"gamma^2, {name}", slope, predicted))
        gap, gaps = (
            _slope(results, "bn", layer, recipe.batches, "gap"),
            {form: _slope(results, form, layer, recipe.batches, "gap") for form in FORMS},
        )
        found.append(_nearer(f"the gap of validation to training, {name}", gap, gaps))
    return found


def _nearer(what: str, slope: np.ndarray, predicted: Mapping[Any, np.ndarray]) -> Checked:
    away = {form: abs(slope - value) for form, value in predicted.items()}
    return decide(
        f"The own-batch decay predicts the slope better than the paper's does: {what}.", "derived",
        away["paper"] - away["own-batch"],
    )  # fmt: skip


def _id(kind: str, layer: int, M: int) -> str:
    return f"{kind}-layer{layer + 1}-{M}"


def _gamma(layer: int) -> str:
    return f"gamma_squared.{PLACES[layer]}"


def _values(
    results: Results, kind: str, layer: int, batches: Sequence[int], quantity: str
) -> np.ndarray:
    """Return a quantity at the end, of shape (seeds, batches)."""
    return np.stack([results.final(_id(kind, layer, M), quantity) for M in batches], axis=1)


def _slope(
    results: Results, kind: str, layer: int, batches: Sequence[int], quantity: str
) -> np.ndarray:
    """Return the coefficient of 1/M in the difference to PN, for each seed, by least squares."""
    inverse = 1 / np.array(batches)
    difference = _values(results, kind, layer, batches, quantity) - _values(
        results, "pn", layer, batches, quantity
    )
    slope: np.ndarray = difference @ inverse / (inverse @ inverse)
    return slope


def draw(results: Results, recipe: Recipe, axes: Any) -> None:
    """Draw gamma^2 and the validation loss against M: BN as points, PN with decay as lines."""
    for panel, quantity in zip(axes, ("gamma^2", "validation"), strict=True):
        for layer in recipe.layers:
            name = _gamma(layer) if quantity == "gamma^2" else quantity
            look = {"color": COLORS[layer], "linewidth": 1.2}
            for kind, line in (*((form, line) for form, (_, line) in FORMS.items()), ("pn", ":")):
                values = _values(results, kind, layer, recipe.batches, name)
                panel.plot(recipe.batches, values.mean(0), line, **look)
            values = _values(results, "bn", layer, recipe.batches, name)
            error = values.std(0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
            panel.errorbar(
                recipe.batches, values.mean(0), error, fmt="o", markersize=4.5, capsize=2,
                label=f"convolution {layer + 1}", **look,
            )  # fmt: skip
        panel.set_xscale("log", base=2)
        panel.set_xticks(recipe.batches, [str(M) for M in recipe.batches])
        panel.set_xlabel("batch size M")
    for label, line in (("own-batch decay", "-"), ("paper's decay", "--"), ("PN alone", ":")):
        axes[0].plot([], [], line, color="0.3", label=label)


FIGURE = Figure(
    "convnet",
    methods,
    checks,
    (
        Panel("(e) mean of gamma^2 behind one convolution", "gamma^2", {}),
        Panel("(f) validation loss", "loss", {}),
    ),
    draw,
    halved,
    evaluations=1,
)
