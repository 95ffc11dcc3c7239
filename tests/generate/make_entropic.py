"""tests/data/entropic.json: entropic transport problems, their values and their potentials. See README.md."""
import sys
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import ot

import entropic_transport
import exact_families
import exact_transport
import ground_costs
import writing
from exact_families import clouds, sizes, table, weights, with_zeros
from randomness import SplitMix64

SEED = 20260105
RATIOS = ["0.001", "0.01", "0.1", "1", "10"]  # eps over the median of |C|
AGREEMENT = 1e-9  # of POT with the values, relative to the largest |C|, where POT converges
POT_SWEEPS, POT_ERROR = 20_000, 1e-12
POT_AT_LEAST = 35  # of the problems must be such that POT converges


def small(draw):
    """Draws until the decimal arithmetic is done soon."""
    def drawn(rng):
        while True:
            problem = draw(rng)
            if len(problem["a"]) * len(problem["b"]) <= 600:
                return problem
    drawn.__name__ = draw.__name__
    return drawn


def metric_cloud(rng):
    n, m = sizes(rng, 3, 24)
    w = weights(rng, n, m)
    w["a"] = with_zeros(rng, w["a"], 20)
    return clouds(rng, rng.choice(["cityblock", "chebyshev", "euclidean"]), n, m, rng.integer(1, 9)) | w


def flat_grid(rng):
    return grid(rng, [rng.integer(3, 5), rng.integer(3, 5)])


def solid_grid(rng):
    return grid(rng, rng.shuffled([2, 3, rng.integer(2, 4)]))


def grid(rng, shape):
    """Histograms with empty cells on a regular grid, rows last axis fastest, spacings not equal."""
    spacings = [rng.integer(1, 3) for _ in shape]
    points = [[]]
    for count, spacing in zip(shape, spacings):
        points = [p + [k * spacing] for p in points for k in range(count)]
    a, b = ([0 if rng.chance(25) else rng.integer(1, 99) for _ in points] for _ in range(2))
    a[0], b[-1] = a[0] or 1, b[-1] or 1
    kind = rng.choice(["sqeuclidean", "cityblock"])
    return {"shape": shape, "spacings": spacings, "cost": kind, "points_exponent": 0, "x": points, "y": points,
            "weights_exponent": -16, "a": [w * sum(b) for w in a], "b": [w * sum(a) for w in b]}


FAMILIES = [
    exact_families.random_matrix, exact_families.zero_weights, exact_families.zero_weights_cloud, exact_families.sqeuclidean,
    metric_cloud, exact_families.cosine, exact_families.pnorm, exact_families.twelve_orders, exact_families.negative_costs,
    exact_families.equal_points, exact_families.single_atom, exact_families.far_from_origin, flat_grid, solid_grid,
]


def whole_matrix(problem):
    """C as Python integers and the exponent of their unit."""
    if "matrix" in problem:
        return problem["matrix"], problem["cost_exponent"]
    return ground_costs.matrix(problem["cost"], problem["x"], problem["y"], problem["points_exponent"],
                               problem.get("p"), problem.get("q"))


def decimals(whole, exponent):
    with localcontext() as context:
        context.prec = entropic_transport.DIGITS
        unit = Decimal(2) ** exponent
        return [Decimal(v) * unit for v in whole]


def pot_agrees(name, cost, a, b, epsilon, value):
    """True if POT's log-domain Sinkhorn converges; it must then have the value. Masses scaled to a total of 1."""
    rows, columns = a > 0, b > 0
    scaled_a, scaled_b, inner = a[rows] / a.sum(), b[columns] / b.sum(), cost[np.ix_(rows, columns)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = ot.sinkhorn(scaled_a, scaled_b, inner, epsilon, method="sinkhorn_log", numItermax=POT_SWEEPS, stopThr=POT_ERROR / 10)
    error = np.abs(plan.sum(axis=0) - scaled_b).sum() + np.abs(plan.sum(axis=1) - scaled_a).sum()
    if not error <= POT_ERROR:
        return False
    found = (plan * inner).sum()
    assert abs(found - value / a.sum()) <= AGREEMENT * np.abs(inner).max(), (name, found, value / a.sum())
    return True


def main(path):
    rng = SplitMix64(SEED)
    lines, agreed = [], 0
    for family in FAMILIES:
        for ratio in RATIOS:
            name = f"{family.__name__.replace('_', '-')}-{ratio}"
            problem = small(family)(rng)
            whole, exponent = whole_matrix(problem)
            a, b = problem["a"], problem["b"]
            flat = sorted(abs(c) for row in whole for c in row)
            median = Fraction(flat[len(flat) // 2]) * Fraction(2) ** exponent
            epsilon = float(median * Fraction(ratio)) or float(Fraction(ratio))
            cost = [decimals(row, exponent) for row in whole]
            masses = [decimals(side, problem["weights_exponent"]) for side in (a, b)]
            transport, regularised, f, g = entropic_transport.solve(cost, *masses, Decimal(epsilon))
            exact, *_ = exact_transport.solve(whole, a, b)
            exact *= Fraction(2) ** (exponent + problem["weights_exponent"])
            assert exact <= Fraction(transport) or abs(exact - Fraction(transport)) <= Fraction(1, 10 ** 30) * abs(exact)
            agreed += pot_agrees(name, *(np.array(v, dtype=float) for v in (cost, *masses)), epsilon, float(transport))
            lines.append({"name": name, "ratio": float(ratio), **problem, "epsilon": epsilon, "transport_cost": float(transport),
                          "regularized_cost": float(regularised), "exact_cost": writing.number(exact),
                          "f": [float(p) for p in f], "g": [float(p) for p in g]})
    assert agreed >= POT_AT_LEAST, agreed
    print(f"POT converges on {agreed} of {len(lines)} problems and agrees")
    writing.write(path, "min <C,P> + epsilon KL(P | a b^T): <C,P>, the whole objective, min <C,P> without entropy, and potentials "
                  "with sum a f = sum b g.", SEED, lines)


if __name__ == "__main__":
    main(sys.argv[1])
