"""tests/data/transforms.json: plans, barycentric maps and hard c-transforms at new points. See README.md."""
import sys
from fractions import Fraction

import numpy as np
import ot

import exact_transport
import ground_costs
import writing
from exact_families import cloud, clouds, weights, with_zeros
from randomness import SplitMix64

SEED = 20260104
AGREEMENT = 1e-9  # of POT's plan with the exact one, relative to the mass
CASES = [("sqeuclidean", 7, 11, 2), ("sqeuclidean", 13, 8, 3), ("euclidean", 12, 9, 2), ("cityblock", 9, 10, 5),
         ("chebyshev", 8, 15, 3), ("cosine", 10, 9, 4), ("sqeuclidean", 1, 5, 1), ("sqeuclidean", 17, 1, 2)]
UNIT = Fraction(1, 1 << 8)


def draw(rng, kind, n, m, dimension):
    """A problem with atoms without mass whose optimal plan is unique; the plan as {(i, j): mass}."""
    while True:
        problem = clouds(rng, kind, n, m, dimension) | weights(rng, n, m)
        problem["a"], problem["b"] = with_zeros(rng, problem["a"], 25), with_zeros(rng, problem["b"], 25)
        cost, _ = ground_costs.matrix(kind, problem["x"], problem["y"], -8)
        _, plan, u, v = exact_transport.solve(cost, problem["a"], problem["b"])
        if exact_transport.plan_is_unique(cost, problem["a"], problem["b"], u, v):
            return problem, cost, plan


def pot_agrees(problem, cost, plan):
    rows, columns = ([i for i, w in enumerate(problem[k]) if w] for k in ("a", "b"))
    total, top = sum(problem["a"]), max(map(max, cost))
    found = ot.emd(np.array([problem["a"][i] / total for i in rows]), np.array([problem["b"][j] / total for j in columns]),
                   np.array([[float(Fraction(cost[i][j], top)) for j in columns] for i in rows]))
    exact = np.array([[plan.get((i, j), 0) / total for j in columns] for i in rows])
    assert np.abs(found - exact).max() <= AGREEMENT


def barycentric(problem, plan, i):
    if problem["a"][i] == 0:
        return None
    return [writing.number(sum(Fraction(mass * problem["y"][j][k]) for (r, j), mass in plan.items() if r == i)
                           * UNIT / problem["a"][i]) for k in range(len(problem["y"][0]))]


def main(path):
    rng = SplitMix64(SEED)
    lines = []
    for kind, n, m, dimension in CASES:
        problem, cost, plan = draw(rng, kind, n, m, dimension)
        pot_agrees(problem, cost, plan)
        g = rng.integers(m, -300, 300)
        points = cloud(rng, 6, dimension, 512)
        at_points, exponent = ground_costs.matrix(kind, points, problem["y"], -8)
        unit = Fraction(2) ** exponent
        transform = [min(row[j] * unit - g[j] * UNIT for j in range(m) if problem["b"][j]) for row in at_points]
        mass_unit = Fraction(2) ** problem["weights_exponent"]
        lines.append({"name": f"{kind}-{n}-{m}", **problem,
                      "plan": [[i, j, writing.number(mass * mass_unit)] for (i, j), mass in sorted(plan.items())],
                      "barycentric": [barycentric(problem, plan, i) for i in range(n)],
                      "g": g, "g_exponent": -8, "new_points": points,
                      "c_transform": [writing.number(value) for value in transform]})
    writing.write(path, "The unique optimal plan, its barycentric map (null where a row has no mass), and "
                  "min_j c(z, y_j) - g_j over the support of b at new points z.", SEED, lines)


if __name__ == "__main__":
    main(sys.argv[1])
