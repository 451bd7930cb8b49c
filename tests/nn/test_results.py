"""How the result is looked at: table, HTML, plot, data frame, another batch size."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from small import build, convolutional, in_batches, samples, squared_error
from torch import nn

from bntheory.nn import MeasuredDecay, gamma_decay

SCALED = ("zeta", "from_", "loss_")


@pytest.fixture(scope="module")
def decay() -> MeasuredDecay:
    model = nn.Sequential(build(convolutional), nn.BatchNorm1d(2)).double()
    return gamma_decay(model, in_batches(*samples(9, 1, 4, 4), 4), squared_error)


def test_sums(decay: MeasuredDecay) -> None:
    units, layers, total = decay.units, decay.layers, decay.total
    parts = [units[f"from_{name}"] for name in ("mean", "std", "skewness", "membership")]
    close = dict(rtol=1e-10)
    xr.testing.assert_allclose(units["zeta"], parts[0] + parts[1], **close)
    xr.testing.assert_allclose(units["zeta_own_batch"], sum(parts), **close)
    for form, name in (("zeta", "loss_increase"), ("zeta_own_batch", "loss_increase_own_batch")):
        losses = units["gamma"] ** 2 * units[form]
        xr.testing.assert_allclose(units[name], losses, **close)
        for layer in layers["layer"].values:
            inside = units.sel(layer=layer)
            assert float(layers[name].sel(layer=layer)) == pytest.approx(float(inside[name].sum()))
            quotient = inside[name].sum() / (inside["gamma"] ** 2).sum()
            assert float(layers[form].sel(layer=layer)) == pytest.approx(float(quotient))
        assert float(total[name]) == pytest.approx(float(losses.sum()))
        assert getattr(decay.loss_increase, form) == float(total[name])
    assert list(layers["channels"].values) == [3, 3, 2]
    assert (units["independent_entries"] == 4 / units["V_m"]).all()


def test_errors_of_sums_know_of_correlations(decay: MeasuredDecay) -> None:
    """They lie between those of independent and of fully correlated channels."""
    for name in ("loss_increase", "loss_increase_own_batch"):
        errors = decay.units[f"{name}_standard_error"]
        assert (errors > 0).all()
        assert 0 < float(decay.total[f"{name}_standard_error"]) < float(errors.sum())


def test_another_batch_size(decay: MeasuredDecay) -> None:
    other = decay.at(40)
    assert other.batch_size == 40 and decay.batch_size == 4
    for old, new in zip(
        (decay.units, decay.layers, decay.total),
        (other.units, other.layers, other.total),
        strict=True,
    ):
        assert old.attrs == new.attrs and list(old) == list(new)
        for name in map(str, old):
            factor = 0.1 if name.startswith(SCALED) else 10 if name == "independent_entries" else 1
            np.testing.assert_allclose(new[name], factor * old[name], rtol=1e-14)
            assert new[name].attrs == old[name].attrs
    assert other.loss_increase.zeta == pytest.approx(0.1 * decay.loss_increase.zeta)
    for wrong, kind in ((1, ValueError), (8.0, TypeError)):
        with pytest.raises(kind, match="^batch_size = "):
            decay.at(wrong)


def test_the_batch_size_is_only_a_factor(decay: MeasuredDecay) -> None:
    model = nn.Sequential(build(convolutional), nn.BatchNorm1d(2)).double()
    loader = in_batches(*samples(9, 1, 4, 4), 4)
    asked = gamma_decay(model, loader, squared_error, batch_size=40)
    xr.testing.assert_allclose(asked.units, decay.at(40).units, rtol=1e-12)


def test_text(decay: MeasuredDecay) -> None:
    lines = str(decay).splitlines()
    assert "M = 4" in lines[0] and lines[1].startswith("9 samples; loss under population")
    rows = lines[3:10]
    assert len({len(row) for row in rows}) == 1 and len(rows[0]) <= 100
    assert [row.split()[0] for row in rows if "-" * 9 not in row] == [
        "layer", "0.1", "0.4", "1", "all"
    ]  # fmt: skip
    assert f"{decay.loss_increase.zeta_own_batch:.3g} ±" in rows[-1]
    assert "MeasuredDecay(batch_size=4, layers=3, channels=8, loss_increase=(" in repr(decay)


def test_html(decay: MeasuredDecay) -> None:
    html = decay._repr_html_()
    assert html.count("<tr>") == html.count("</tr>") == 5
    cells = [row.split("</td><td>") for row in html.split("<tr><td>")[1:]]
    assert {len(row) for row in cells} == {8}
    assert f"{decay.loss_increase.zeta:.3g} ±" in html


def test_names_of_layers_are_escaped() -> None:
    model = nn.Sequential()
    model.add_module("<b>", nn.BatchNorm1d(3))
    decay = gamma_decay(model.double(), [samples(4, 3, outputs=3)], squared_error)
    assert "<b>" in str(decay) and "&lt;b&gt;" in decay._repr_html_()


def test_plot(decay: MeasuredDecay, tmp_path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    axes = decay.plot()
    heights = [patch.get_height() for patch in axes.patches]
    expected = [*decay.layers["zeta"].values, *decay.layers["zeta_own_batch"].values]
    assert heights == pytest.approx(expected)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "0.4", "1"]
    assert decay.plot(axes) is axes
    axes.figure.savefig(tmp_path / "zeta.png")
    matplotlib.pyplot.close(axes.figure)


def test_data_frame_and_data_set(decay: MeasuredDecay) -> None:
    frame = decay.to_dataframe()
    assert frame.index.names == ["layer", "channel"] and len(frame) == 8
    value = decay.to_xarray()["zeta"].sel(layer="0.4", channel=1)
    assert frame.loc[("0.4", 1), "zeta"] == float(value)
    assert decay.units["zeta"].attrs["source"] == "Luo et al. 2019, App. C.4"
    for data in (decay.units, decay.layers, decay.total):
        assert all({"long_name", "units"} <= set(data[name].attrs) for name in data)
        assert data.attrs["samples"] == 9 and data.attrs["statistics"] == "data"


def test_frozen_and_pickled(decay: MeasuredDecay) -> None:
    with pytest.raises(FrozenInstanceError):
        decay.batch_size = 3  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(decay))
    assert again.units.identical(decay.units) and again.batch_size == 4


def test_one_sample_has_no_error() -> None:
    model = nn.Sequential(nn.Conv1d(1, 2, 2), nn.BatchNorm1d(2), nn.Flatten(), nn.Linear(6, 2))
    decay = gamma_decay(model.double(), [samples(1, 1, 4)], squared_error, batch_size=2)
    assert np.isnan(decay.total["loss_increase_standard_error"])
    assert np.isfinite(decay.loss_increase).all() and "nan" not in str(decay)
