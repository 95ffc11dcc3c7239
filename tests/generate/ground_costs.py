"""Ground costs between points with whole-number coordinates, as whole numbers times 2^-BITS of the coordinates' unit^q.

Sums of powers are exact. Roots are truncated after BITS binary digits, 2^-180 of the unit, so a value computed from
them is right to the last bit of a double.
"""
from math import isqrt

BITS = 180


def integer_root(value, k):
    """The largest r with r^k <= value (Newton from above)."""
    if value < 2:
        return value
    r = 1 << -(-value.bit_length() // k)
    while True:
        s = ((k - 1) * r + value // r ** (k - 1)) // k
        if s >= r:
            return r
        r = s


def power_three_halves(d):
    return isqrt(abs(d) ** 3 << 2 * BITS)


def cosine(x, y):
    dot = sum(s * t for s, t in zip(x, y))
    norms = sum(s * s for s in x) * sum(t * t for t in y)
    cos = isqrt((dot * dot << 2 * BITS) // norms)
    return (1 << BITS) - (cos if dot >= 0 else -cos)


def pnorm(p, q):
    """The p-norm to the q, for the pairs (p, q) whose cost is a root of a whole number."""
    if (p, q) == (1.5, 1.5):
        return lambda x, y: sum(power_three_halves(s - t) for s, t in zip(x, y))
    if (p, q) == (3, 3):
        return lambda x, y: sum(abs(s - t) ** 3 for s, t in zip(x, y)) << BITS
    if (p, q) == (3, 1):
        return lambda x, y: integer_root(sum(abs(s - t) ** 3 for s, t in zip(x, y)) << 3 * BITS, 3)
    if (p, q) == (4, 2):
        return lambda x, y: isqrt(sum((s - t) ** 4 for s, t in zip(x, y)) << 2 * BITS)
    raise ValueError((p, q))


COSTS = {
    "sqeuclidean": (lambda x, y: sum((s - t) ** 2 for s, t in zip(x, y)) << BITS, 2),
    "euclidean": (lambda x, y: isqrt(sum((s - t) ** 2 for s, t in zip(x, y)) << 2 * BITS), 1),
    "cityblock": (lambda x, y: sum(abs(s - t) for s, t in zip(x, y)) << BITS, 1),
    "chebyshev": (lambda x, y: max(abs(s - t) for s, t in zip(x, y)) << BITS, 1),
    "cosine": (cosine, 0),
}


def matrix(kind, x, y, exponent, p=None, q=None):
    """C as whole numbers and the exponent e with c_ij = C_ij 2^e, for points x 2^exponent and y 2^exponent."""
    cost, power = (pnorm(p, q), q) if kind == "pnorm" else COSTS[kind]
    shift = power * exponent
    assert shift == int(shift), "choose an exponent whose q-fold is whole"
    return [[cost(s, t) for t in y] for s in x], int(shift) - BITS
