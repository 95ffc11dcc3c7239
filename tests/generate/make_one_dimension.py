"""tests/data/line.json and tests/data/circle.json: W_p^p for p = 1, 1.5, 2, 3. See README.md."""
import os
import sys
from fractions import Fraction

import numpy as np
import ot

import exact_transport
import one_dimension
import writing
from exact_families import composition, with_zeros
from randomness import SplitMix64

SEED = 20260103
AGREEMENT = 1e-9  # of POT's double precision with the exact value, relative to the largest cost times the mass
LINE_EXPONENT, CIRCLE_EXPONENT = -10, -12
TURN = 1 << -CIRCLE_EXPONENT


def random_masses(rng, n, m):
    return composition(rng, 1 << 16, n), composition(rng, 1 << 16, m), -16


def masses_with_zeros(rng, n, m):
    a, b, exponent = random_masses(rng, n, m)
    return with_zeros(rng, a, 40), with_zeros(rng, b, 40), exponent


def uniform_masses(rng, n, m):
    return [m] * n, [n] * m, 0


def uneven_masses(rng, n, m):
    """From 2^0 to 2^40."""
    a = [rng.integer(1 << k, 2 << k) for k in rng.integers(n, 0, 39)]
    b = [rng.integer(1 << k, 2 << k) for k in rng.integers(m, 0, 39)]
    short = a if sum(a) < sum(b) else b
    short[rng.integer(0, len(short) - 1)] += abs(sum(a) - sum(b))
    return a, b, -40


LINE_KINDS = ["random", "duplicates", "far", "sorted", "same"]
CIRCLE_KINDS = ["random", "duplicates", "cut", "antipodal", "grids"]
MASSES = [random_masses, masses_with_zeros, uniform_masses, uneven_masses]


def line_points(rng, kind, n, m):
    if kind == "duplicates":
        pool = rng.integers(rng.integer(1, 6), -9, 9)
        return [rng.choice(pool) for _ in range(n)], [rng.choice(pool) for _ in range(m)]
    if kind == "far":
        return rng.integers(n, 1 << 30, (1 << 30) + 4000), rng.integers(m, 1 << 30, (1 << 30) + 4000)
    if kind == "sorted":
        return sorted(rng.integers(n, -4000, 4000)), sorted(rng.integers(m, -4000, 4000), reverse=True)
    if kind == "same":
        x = rng.integers(n, -4000, 4000)
        return x, rng.shuffled(x)
    return [rng.bell(1000) for _ in range(n)], [rng.bell(1000) + 300 for _ in range(m)]


def circle_points(rng, kind, n, m):
    if kind == "duplicates":
        pool = rng.integers(rng.integer(1, 6), 0, TURN - 1)
        return [rng.choice(pool) for _ in range(n)], [rng.choice(pool) for _ in range(m)]
    if kind == "cut":  # both measures sit around the point 0 = 1
        return [rng.bell(60) % TURN for _ in range(n)], [rng.bell(60) % TURN for _ in range(m)]
    if kind == "antipodal":
        x = rng.integers(n, 0, TURN - 1)
        return x, [(rng.choice(x) + TURN // 2) % TURN for _ in range(m)]
    if kind == "grids":  # two regular polygons: many shifts tie
        return [i * TURN // n for i in range(n)], [(j * TURN // m + 5) % TURN for j in range(m)]
    return rng.integers(n, 0, TURN - 1), rng.integers(m, 0, TURN - 1)


def line_distance(s, t):
    return abs(s - t)


def circle_distance(s, t):
    return min(abs(s - t), TURN - abs(s - t))


def transport_agrees(problem, whole, power, distance):
    """The transport problem with the same cost, in whole numbers, has that value; so has POT's network simplex."""
    x, y, a, b = (problem[k] for k in ("x", "y", "a", "b"))
    cost = [[power(distance(s, t)) for t in y] for s in x]
    exact, *_ = exact_transport.solve(cost, a, b)
    assert exact == whole
    total, top = sum(a), max(map(max, cost)) or 1
    rows, columns = [i for i, w in enumerate(a) if w], [j for j, w in enumerate(b) if w]
    matrix = np.array([[float(Fraction(cost[i][j], top)) for j in columns] for i in rows])
    pot = ot.emd2(np.array([a[i] / total for i in rows]), np.array([b[j] / total for j in columns]), matrix,
                  numItermax=10_000_000)
    assert abs(float(pot) - float(Fraction(whole, top * total))) <= AGREEMENT, (problem["name"], pot, whole)


def pot_line_agrees(problem, value, p):
    """POT's one-dimensional solver has that value."""
    x, y = (np.ldexp(np.array(problem[k], dtype=float), LINE_EXPONENT) for k in ("x", "y"))
    a, b = (np.ldexp(np.array(problem[k], dtype=float), problem["weights_exponent"]) for k in ("a", "b"))
    total = a.sum()
    pot = ot.emd2_1d(x, y, a / total, b / total, metric="minkowski", p=p) * total
    assert abs(float(pot) - value) <= AGREEMENT * np.abs(x[:, None] - y).max() ** p * total, (problem["name"], pot, value)


def problems(rng, kinds, points, top, count):
    for index in range(count):
        kind = kinds[index % len(kinds)]
        n, m = rng.integer(1, top), rng.integer(1, top)
        if kind == "same":
            m = n
        x, y = points(rng, kind, n, m)
        a, b, exponent = MASSES[(index // len(kinds)) % len(MASSES)](rng, n, m)
        yield {"name": f"{kind}-{index // len(kinds)}", "x": x, "y": y, "weights_exponent": exponent, "a": a, "b": b}


def solved(problem, points_exponent, formula, distance):
    """The problem with its values by p, each verified as a transport problem."""
    values = {}
    for name, power in one_dimension.POWERS.items():
        whole = formula(problem["x"], problem["y"], problem["a"], problem["b"], power)
        transport_agrees(problem, whole, power, distance)
        exponent = float(name) * points_exponent - one_dimension.BITS + problem["weights_exponent"]
        assert exponent == int(exponent)
        values[name] = writing.number(whole * Fraction(2) ** int(exponent))
    return problem | {"points_exponent": points_exponent, "values": values}


def on_circle(x, y, a, b, power):
    return one_dimension.circle(x, y, a, b, power, TURN)


def main(folder):
    rng = SplitMix64(SEED)
    lines = [solved(problem, LINE_EXPONENT, one_dimension.line, line_distance)
             for problem in problems(rng, LINE_KINDS, line_points, 40, 100)]
    for problem in lines:
        for name, value in problem["values"].items():
            pot_line_agrees(problem, value, float(name))
    circles = [solved(problem, CIRCLE_EXPONENT, on_circle, circle_distance)
               for problem in problems(rng, CIRCLE_KINDS, circle_points, 20, 100)]
    writing.write(os.path.join(folder, "line.json"), "W_p^p on the line by p, not divided by the mass.", SEED, lines)
    writing.write(os.path.join(folder, "circle.json"), "W_p^p on the circle of length 1 by p, not divided by the mass.",
                  SEED, circles)


if __name__ == "__main__":
    main(sys.argv[1])
