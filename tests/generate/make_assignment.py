"""tests/data/assignment.json: 500 linear assignment problems with SciPy's row and column indices. See README.md."""
import sys

import numpy as np
from scipy.optimize import linear_sum_assignment

import exact_transport
import writing
from randomness import SplitMix64

SEED = 20260102


def shape(rng, kind, high=32):
    n, m = rng.integer(1, high), rng.integer(1, high)
    if kind == "square":
        return n, n
    low, top = min(n, m), max(n, m) + (n == m)
    return (low, top) if kind == "wide" else (top, low)


def table(rng, kind, low, high, size=32):
    n, m = shape(rng, kind, size)
    return [rng.integers(m, low, high) for _ in range(n)]


def forbid(rng, cost, percent):
    return [[None if rng.chance(percent) else c for c in row] for row in cost]


def plain(rng, kind):
    return {"cost": table(rng, kind, 0, 9999)}


def many_ties(rng, kind):
    return {"cost": table(rng, kind, 0, rng.choice([1, 2, 5, 9]))}


def constant(rng, kind):
    c = rng.integer(-3, 3)
    return {"cost": table(rng, kind, c, c)}


def negative(rng, kind):
    return {"cost": table(rng, kind, -999, rng.choice([-1, 999]))}


def maximised(rng, kind):
    return {"maximize": True, "cost": table(rng, kind, -50, rng.choice([50, 5000]))}


def forbidden(rng, kind):
    return {"cost": forbid(rng, table(rng, kind, -9, 99), rng.choice([10, 30, 60]))}


def forbidden_maximised(rng, kind):
    return {"maximize": True, "cost": forbid(rng, table(rng, kind, -9, 99), rng.choice([10, 30]))}


def fractions(rng, kind):
    return {"exponent": -20, "cost": table(rng, kind, -(1 << 20), 1 << 20)}


def large(rng, kind):
    """Costs near 2^44, where a sum of 32 still is exact, that differ in the last digits."""
    return {"cost": table(rng, kind, 1 << 44, (1 << 44) + 50)}


def products(rng, kind):
    """(i + 1)(j + 1), the family on which augmenting paths are longest."""
    n, m = shape(rng, kind, 25)
    return {"cost": [[(i + 1) * (j + 1) for j in range(m)] for i in range(n)]}


def grid_distances(rng, kind):
    """Squared distances of points on a small grid: many ties, structured."""
    n, m = shape(rng, kind)
    x = [rng.integers(2, 0, 7) for _ in range(n)]
    y = [rng.integers(2, 0, 7) for _ in range(m)]
    return {"cost": [[sum((s - t) ** 2 for s, t in zip(p, q)) for q in y] for p in x]}


def tiny(rng, kind):
    return {"cost": table(rng, kind, 0, 3, 3)}


def infeasible(rng, kind):
    """One line of the shorter side, or one block of it, has too few partners."""
    cost = table(rng, kind, 0, 99)
    lines = cost if len(cost) <= len(cost[0]) else [list(c) for c in zip(*cost)]
    count = rng.integer(1, min(3, len(lines)))
    for line in lines[:count]:
        line[count - 1:] = [None] * (len(line) - count + 1)
    return {"cost": lines if lines is cost else [list(c) for c in zip(*lines)]}


# family: how many square, wide and tall
FAMILIES = {plain: (20, 15, 15), many_ties: (35, 25, 25), constant: (10, 10, 10), negative: (15, 15, 15),
            maximised: (15, 15, 15), forbidden: (20, 15, 15), forbidden_maximised: (12, 8, 8), fractions: (15, 10, 10),
            large: (10, 5, 5), products: (10, 5, 5), grid_distances: (17, 15, 15), tiny: (10, 10, 10),
            infeasible: (4, 4, 4)}
EMPTY = [(0, 0), (0, 3), (3, 0)]
assert sum(map(sum, FAMILIES.values())) + len(EMPTY) == 500


def exact_value(cost, maximize):
    """The optimal total by whole-number transport, None if every assignment uses a forbidden pair."""
    if not cost or not cost[0]:
        return 0
    if len(cost) > len(cost[0]):
        cost = [list(c) for c in zip(*cost)]
    n, m = len(cost), len(cost[0])
    sign = -1 if maximize else 1
    huge = 1 + 2 * sum(abs(c) for row in cost for c in row if c is not None)
    whole = [[huge if c is None else sign * c for c in row] for row in cost] + [[0] * m]
    value, *_ = exact_transport.solve(whole, [1] * n + [m - n], [1] * m)
    return None if value > huge // 2 else sign * value


def answer(problem, n, m):
    cost, maximize = problem["cost"], problem.get("maximize", False)
    array = np.array([[(-np.inf if maximize else np.inf) if c is None else float(c) for c in row] for row in cost],
                     dtype=float).reshape(n, m)
    array = np.ldexp(array, problem.get("exponent", 0))
    value = exact_value(cost, maximize)
    try:
        rows, columns = linear_sum_assignment(array, maximize=maximize)
    except ValueError as error:
        assert "infeasible" in str(error) and value is None, (problem, error)
        return {"feasible": False}
    assert value is not None and sum(cost[i][j] for i, j in zip(rows, columns)) == value
    return {"feasible": True, "rows": rows.tolist(), "columns": columns.tolist(),
            "value": writing.number(value * 2.0 ** problem.get("exponent", 0))}


def main(path):
    rng = SplitMix64(SEED)
    lines = [{"name": f"empty-{n}-{m}", "rows_count": n, "columns_count": m, "cost": [[]] * n, **answer({"cost": []}, n, m)}
             for n, m in EMPTY]
    todo = [(draw, kind) for draw, counts in FAMILIES.items()
            for kind, count in zip(("square", "wide", "tall"), counts) for _ in range(count)]
    seen = {}
    for draw, kind in todo:
        problem = draw(rng, kind)
        n, m = len(problem["cost"]), len(problem["cost"][0])
        name = f"{draw.__name__.replace('_', '-')}-{kind}"
        seen[name] = seen.get(name, -1) + 1
        lines.append({"name": f"{name}-{seen[name]}", "rows_count": n, "columns_count": m, **problem, **answer(problem, n, m)})
    print(sum(not p["feasible"] for p in lines), "infeasible")
    writing.write(path, "Linear assignment: indices as SciPy gives them; null is a forbidden pair.",
                  SEED, lines)


if __name__ == "__main__":
    main(sys.argv[1])
