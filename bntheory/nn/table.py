"""The gamma decay of a model as a table, one line for each layer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from bntheory.nn.labels import ERROR

if TYPE_CHECKING:
    from bntheory.nn.result import MeasuredDecay

HEADINGS = (
    "layer", "channels", "rho", "M/V_m", "zeta", "all terms", "gamma^2 zeta", "all terms",
)  # fmt: skip
NOTES = (
    "zeta: the paper's, App. C.4; all terms: with skewness and the sample's part in its own batch.",
    "gamma^2 zeta, summed over channels, is added to the loss, but for what channels add together.",
    "rho, M/V_m: medians over channels; zeta: the sum of gamma^2 zeta over that of gamma^2.",
)


def text(decay: MeasuredDecay) -> str:
    """Return the table as aligned text."""
    rows = [HEADINGS, *_rows(decay)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        padded = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([name.ljust(widths[0]), *padded]))
    rule = "-" * len(lines[0])
    table = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    return "\n".join([*_title(decay), "", *table, "", *NOTES])


def html(decay: MeasuredDecay) -> str:
    """Return the table as a fragment of HTML."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(decay)
    )
    caption = "<br>".join(map(escape, _title(decay)))
    notes = "<br>".join(map(escape, NOTES))
    return (
        f'<div class="bntheory"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{notes}</p></div>"
    )


def _title(decay: MeasuredDecay) -> tuple[str, str]:
    loss = float(decay.total["population_loss"])
    return (
        f"Gamma decay at batch size M = {decay.batch_size}: "
        "what batch normalization adds to the loss, to order 1/M",
        f"{decay.units.attrs['samples']} samples; loss under population normalization {loss:.5g}",
    )


def _rows(decay: MeasuredDecay) -> Iterator[tuple[str, ...]]:
    """Give the cells of each layer, and of the model."""
    for name in decay.layers["layer"].values:
        layer, units = decay.layers.sel(layer=name), decay.units.sel(layer=name)
        yield (
            str(name),
            str(int(layer["channels"])),
            f"{_median(units['excess_kurtosis']):.2f}",
            f"{_median(units['independent_entries']):.4g}",
            f"{float(layer['zeta']):.3g}",
            f"{float(layer['zeta_own_batch']):.3g}",
            *_losses(layer),
        )
    channels = str(decay.units.sizes["unit"])
    yield ("all layers", channels, "", "", "", "", *_losses(decay.total))


def _losses(sums: xr.Dataset) -> Iterator[str]:
    for name in ("loss_increase", "loss_increase_own_batch"):
        error = float(sums[name + ERROR])
        shown = "" if np.isnan(error) else f" ± {error:.1g}"
        yield f"{float(sums[name]):.3g}{shown}"


def _median(values: xr.DataArray) -> float:
    known = values.values[~np.isnan(values.values)]
    return float(np.median(known)) if known.size else np.nan
