"""Random numbers of a counter: the same source for every device.

Philox 4x32-10 (Salmon et al., SC 2011) mixes a key and a counter of 128 bits into 128 random bits.
Nothing is kept from one call to the next, so that a replica's numbers are the same however many
replicas there are and in which order they work.  Normals are those of Box and Muller, chi-squares
those of Marsaglia and Tsang (ACM TOMS 26, 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from bntheory.simulation.functions import compiler

_WORD, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_STEPS = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10


class Generator(NamedTuple):
    """Functions of a key and a counter, all of them 64-bit words; compiled.

    Attributes
    ----------
    words : (key, high, low) -> two words
    pair : (key, high, low) -> two normals, in double precision
    four : (key, high, low) -> four normals, in the precision asked for
        In double precision they use up the counters ``high`` and ``high + 1``.
    chi_square : (degrees, key, high, low) -> float, low
        With the first counter that was not used.
    """

    words: Callable[..., Any]
    pair: Callable[..., Any]
    four: Callable[..., Any]
    chi_square: Callable[..., Any]


def key_of(seed: int) -> np.uint64:
    """Return the key of a seed, any number from 0."""
    return np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]


@cache
def generator(real: type = np.float64, device: str = "cpu") -> Generator:
    """Return the functions, compiled for a device.

    Parameters
    ----------
    real : {numpy.float64, numpy.float32}
        The precision of ``four``.
    device : {"cpu", "cuda"}
        Where they are called.
    """
    compiled = compiler(device)
    wide, narrow = _circle(np.float64, 53, device), _circle(np.float32, 24, device)

    @compiled
    def words(key: Any, high: Any, low: Any) -> Any:
        a, b, c, d = low & _WORD, low >> _HALF, high & _WORD, high >> _HALF
        one, two = key & _WORD, key >> _HALF
        for _ in range(_ROUNDS):
            left, right = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
            a, b = (right >> _HALF) ^ b ^ one, right & _WORD
            c, d = (left >> _HALF) ^ d ^ two, left & _WORD
            one, two = (one + _STEPS[0]) & _WORD, (two + _STEPS[1]) & _WORD
        return a | (b << _HALF), c | (d << _HALF)

    @compiled
    def pair(key: Any, high: Any, low: Any) -> Any:
        length, angle = words(key, high, low)
        uniform = (np.float64(length) + 0.5) * 2.0**-64
        radius = math.sqrt(-2.0 * math.log(uniform))
        x, y = wide(angle >> np.uint64(11))
        return radius * x, radius * y

    @compiled
    def small(word: Any) -> Any:
        uniform = np.float32(np.uint32(word & _WORD)) * np.float32(2.0**-32) + np.float32(2.0**-33)
        radius = math.sqrt(np.float32(-2.0) * math.log(uniform))
        x, y = narrow(word >> np.uint64(40))
        return radius * x, radius * y

    if real is np.float32:

        @compiled
        def four(key: Any, high: Any, low: Any) -> Any:
            one, two = words(key, high, low)
            x, y = small(one)
            z, t = small(two)
            return x, y, z, t
    else:

        @compiled
        def four(key: Any, high: Any, low: Any) -> Any:
            x, y = pair(key, high, low)
            z, t = pair(key, high + np.uint64(1), low)
            return x, y, z, t

    @compiled
    def chi_square(degrees: Any, key: Any, high: Any, low: Any) -> Any:
        if degrees == 0:
            return 0.0, low
        if degrees == 1:
            z, _ = pair(key, high, low)
            return z * z, low + np.uint64(1)
        shape = 0.5 * degrees - 1.0 / 3.0
        spread = 1.0 / math.sqrt(9.0 * shape)
        while True:
            z, _ = pair(key, high, low)
            word, _ = words(key, high, low + np.uint64(1))
            low += np.uint64(2)
            v = 1.0 + spread * z
            if v > 0.0:
                v = v * v * v
                uniform = (np.float64(word) + 0.5) * 2.0**-64
                if math.log(uniform) < 0.5 * z * z + shape * (1.0 - v + math.log(v)):
                    return 2.0 * shape * v, low

    return Generator(words, pair, four, chi_square)


@cache
def _circle(real: Any, bits: int, device: str) -> Callable[..., Any]:
    """Return cosine and sine of 2 pi k/2^bits, for whole k: their series about quarter turns."""
    terms = 9 if bits > 24 else 6  # what is left out is below the rounding, at an eighth of a turn
    series = [(-1) ** (n // 2) * math.tau**n / math.factorial(n) for n in range(2 * terms)]
    even, odd = (tuple(map(real, series[first::2][::-1])) for first in (0, 1))
    whole = np.int64 if bits > 24 else np.int32
    unit, fourth, eighth = real(2.0**-bits), np.uint64(bits - 2), np.uint64(2 ** (bits - 3))

    @compiler(device)
    def circle(k: Any) -> Any:
        turns = (k + eighth) >> fourth
        off = real(whole(k) - whole(turns << fourth)) * unit
        square = off * off
        x, y = even[0], odd[0]
        for coefficient in even[1:]:
            x = x * square + coefficient
        for coefficient in odd[1:]:
            y = y * square + coefficient
        y *= off
        if turns & np.uint64(1):
            x, y = -y, x
        if turns & np.uint64(2):
            x, y = -x, -y
        return x, y

    return circle
