"""Generalization error of a linear student (Sec. 4.1, Figure 1a)."""

from __future__ import annotations

from bntheory.panels.panel import Claim, Curve, Method, Panel

M, S = 32, 0.25
TIMES = (10, 100, 1000)

BLUE, GREEN, RED = "#0072B2", "#009E73", "#D55E00"

PANEL = Panel(
    student="linear",
    S=S,
    loads=(0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
    curves=(
        Curve("sgd-curve", "vanilla SGD", "sgd-linear", {"S": S}, BLUE),
        Curve(
            "ridge",
            "ridge ζ = 1/(2M), the paper's",
            "wn-linear",
            {"S": S, "ridge": 1 / (2 * M)},
            GREEN,
        ),
        Curve(
            "ridge-as-written",
            "ridge αζ, the loss as written",
            "wn-linear",
            {"S": S, "zeta": 1 / (2 * M)},
            GREEN,
            ":",
            1.1,
        ),
        Curve("best", "ridge 0.25, the best", "wn-linear", {"S": S, "ridge": S}, RED),
        Curve(
            "batches",
            "least expected loss of batches",
            "bn-linear",
            {"S": S, "M": M},
            "0.2",
            "--",
            1.2,
        ),
    ),
    methods=(
        Method("sgd", "vanilla SGD", "sgd", (2000,), "o", BLUE, ("white",)),
        Method("wn", "WN + gamma decay", "wn", (2000,), "^", GREEN, ("white",), zeta=1 / (2 * M)),
        Method(
            "bn",
            f"BN, M = {M}",
            "bn-std",
            TIMES,
            "s",
            "black",
            ("white", "0.6", "black"),
            batch=M,
        ),
    ),
    claims=(
        Claim("Vanilla SGD ends on its curve.", "printed", "sgd@2000", "on", "sgd-curve"),
        Claim("WN + gamma decay lies on the ridge 1/(2M).", "printed", "wn@2000", "on", "ridge"),
        Claim(
            "WN + gamma decay lies on the ridge alpha/(2M).",
            "derived",
            "wn@2000",
            "on",
            "ridge-as-written",
        ),
        *(
            Claim(
                f"BN lies on the ridge 1/(2M), after {time} epochs.",
                "printed",
                f"bn@{time}",
                "on",
                "ridge",
            )
            for time in TIMES
        ),
        Claim(
            "BN lies on the least expected loss of batches, after 1000 epochs.",
            "derived",
            "bn@1000",
            "on",
            "batches",
        ),
        Claim("The ridge 0.25 is below the ridge 1/(2M).", "printed", "best", "below", "ridge"),
        Claim("The ridge 1/(2M) is below vanilla SGD.", "printed", "ridge", "below", "sgd-curve"),
    ),
    replicas=32,
    x=(0.0, 3.1),
    y=(0.0, 1.6),
    poles=(1.0,),
)
