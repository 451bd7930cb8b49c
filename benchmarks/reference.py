"""What a competent user would write by hand, to compare with."""

from __future__ import annotations

import math

import numpy as np

PI = math.pi


def I1(gamma, R):
    """Eq. (13), written out for arrays."""
    root = 2 * np.sqrt(1 - R**2)
    return gamma * (np.pi * R + root + 2 * R * np.arcsin(R)) / (4 * np.pi) - gamma**2 / 2


def I2(gamma, R):
    """Eq. (15) with pi for the printed pi R."""
    root, angle = np.sqrt(1 - R**2), np.arcsin(R)
    cross = gamma * (np.pi * R + 2 * root + 2 * R * angle) / (2 * np.pi)
    return gamma**2 / 2 + (np.pi + 2 * R * root + 2 * angle) / (4 * np.pi) - cross


def I3(gamma, R):
    """Eq. (14)."""
    root = np.sqrt(1 - R**2)
    return (np.pi + 2 * R * root + 2 * np.arcsin(R)) / (4 * np.pi) - gamma * R / 2


def bn_rates(gamma, R, L, eta, zeta):
    """Eq. (10)."""
    i1, i2, i3 = I1(gamma, R), I2(gamma, R), I3(gamma, R)
    return (
        eta * i1 / gamma - eta * zeta * gamma,
        eta * gamma / L**2 * i3
        - eta * R / L**2 * i1
        - eta**2 * gamma**2 * R / (2 * L**4) * i2,
        eta**2 * gamma**2 / (2 * L**3) * i2,
    )


def scalar_rates(gamma, R, L, eta, zeta):
    """Eq. (10) for Python floats, with what is shared computed once."""
    root, angle = math.sqrt(1 - R * R), math.asin(R)
    cross = gamma * (PI * R + 2 * root + 2 * R * angle) / (4 * PI)
    square = (PI + 2 * R * root + 2 * angle) / (4 * PI)
    i1 = cross - gamma * gamma / 2
    i2 = gamma * gamma / 2 + square - 2 * cross
    i3 = square - gamma * R / 2
    pull, noise = eta / (L * L), (eta * gamma) ** 2 / (2 * L**3) * i2
    return (
        eta * i1 / gamma - eta * zeta * gamma,
        pull * (gamma * i3 - R * i1) - R / L * noise,
        noise,
    )
