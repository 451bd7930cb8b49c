"""Generalization error of a ReLU student of a linear teacher (Sec. 4.1, Figure 1b)."""

from __future__ import annotations

from bntheory.learning_curves import capacity
from bntheory.panels.panel import Claim, Curve, Method, Panel

M, S = 16, 0.25
ZETA = 1 / (4 * M)
TIMES = (10, 100, 1000)

BLUE, SKY, GREEN, RED, ORANGE = "#0072B2", "#56B4E9", "#009E73", "#D55E00", "#E69F00"
PURPLE = "#B0407F"

PANEL = Panel(
    student="relu",
    S=S,
    loads=(0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0),
    curves=(
        Curve("paper", "vanilla SGD, the paper's", "sgd-relu", {"S": S}, BLUE),
        Curve("paper-noiseless", "without noise, the paper's", "sgd-relu", {"S": 0.0}, RED),
        Curve(
            "rs",
            "vanilla SGD, replica symmetry",
            "rs-relu",
            {"S": S, "ridge": 0.0},
            SKY,
            width=2.2,
        ),
        Curve(
            "rs-noiseless",
            "without noise, replica symmetry",
            "rs-relu",
            {"S": 0.0, "ridge": 0.0},
            ORANGE,
        ),
        Curve(
            "rs-decay",
            "decay ζ = 1/(4M), replica symmetry",
            "rs-relu",
            {"S": S, "zeta": ZETA},
            GREEN,
        ),
    ),
    methods=(
        Method("sgd", "vanilla SGD", "sgd", (2000,), "o", BLUE, ("white",)),
        Method("wn", "WN + gamma decay", "wn", (2000,), "^", GREEN, ("white",), zeta=ZETA),
        Method(
            "bn", f"BN, M = {M}", "bn-std", TIMES, "s", "black", ("white", "0.6", "black"), batch=M
        ),
        Method(
            "bn-mean",
            f"BN with mean, M = {M}",
            "bn",
            TIMES[1:],
            "D",
            PURPLE,
            ("white", PURPLE),
            batch=M,
        ),
    ),
    claims=(
        Claim("Vanilla SGD lies on the paper's curve.", "printed", "sgd@2000", "on", "paper"),
        Claim("Vanilla SGD lies on replica symmetry.", "derived", "sgd@2000", "on", "rs"),
        Claim("WN + gamma decay lies on replica symmetry.", "derived", "wn@2000", "on", "rs-decay"),
        *(
            Claim(
                f"BN lies on WN + gamma decay, after {time} epochs.",
                "printed",
                f"bn@{time}",
                "on",
                "wn@2000",
            )
            for time in TIMES
        ),
        *(
            Claim(
                f"BN with mu_B lies on WN + gamma decay, after {time} epochs.",
                "printed",
                f"bn-mean@{time}",
                "on",
                "wn@2000",
            )
            for time in TIMES[1:]
        ),
        Claim("WN + gamma decay is below vanilla SGD.", "printed", "wn@2000", "below", "sgd@2000"),
        Claim(
            "Without noise vanilla SGD is below WN + gamma decay.",
            "printed",
            "paper-noiseless",
            "below",
            "wn@2000",
        ),
    ),
    replicas=16,
    x=(0.0, 4.1),
    y=(0.4, 2.0),
    poles=(2.0,),
    marks={f"capacity {capacity(S):.2f}": capacity(S)},
    notes=("dashed: replica symmetry unstable",),
)
