"""tests/data/exact.json: 500 balanced transport problems and their optimal values. See README.md."""
import sys
from fractions import Fraction

import numpy as np
import ot
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

import exact_transport
import ground_costs
import writing
from exact_families import FAMILIES
from randomness import SplitMix64

SEED = 20260101
AGREEMENT = 1e-9  # of the peers with the exact value, relative to its magnitude
# Where costs span 18 orders, both peers' tolerances are relative to the largest cost, and so is the agreement asked for.
RELATIVE_TO_LARGEST_COST = {"wide-costs"}
# The peers cannot see costs of 1 beside 1e32. What no optimal plan pays is capped for them; the cap is above the cost of
# any cycle of other arcs, so the optimal plans stay the same.
CAPPED = {"blocks-apart"}
CAP = 2 * 40 * 1000


def whole_matrix(problem):
    """C as Python integers and the exponent of their unit."""
    if "matrix" not in problem:
        return ground_costs.matrix(problem["cost"], problem["x"], problem["y"], problem["points_exponent"],
                                   problem.get("p"), problem.get("q"))
    entries = [[Fraction(c) for c in row] for row in problem["matrix"]]
    denominator = max((c.denominator for row in entries for c in row), default=1)
    bits = denominator.bit_length() - 1
    assert denominator == 1 << bits
    return [[int(c * denominator) for c in row] for row in entries], problem["cost_exponent"] - bits


def highs(cost, a, b):
    """HiGHS's dual simplex; without presolve where presolve takes a mass of 1e-10 for an infeasibility."""
    n, m = cost.shape
    k = np.arange(n * m)
    rows = coo_matrix((np.ones(2 * n * m), (np.r_[k // m, n + k % m], np.r_[k, k])), shape=(n + m, n * m)).tocsr()
    for presolve in (True, False):
        answer = linprog(cost.ravel(), A_eq=rows[:-1], b_eq=np.r_[a, b][:-1], method="highs-ds",
                         options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10,
                                  "presolve": presolve})
        if answer.status == 0:
            return answer.fun
    raise AssertionError(answer.message)


def peers(whole, a, b):
    """POT's and HiGHS's value over the support, on costs scaled to max|C| = 1 and masses scaled to a total of 1."""
    rows = [i for i, w in enumerate(a) if w]
    cols = [j for j, w in enumerate(b) if w]
    top = max(abs(whole[i][j]) for i in rows for j in cols) or 1
    total = sum(a)
    cost = np.array([[float(Fraction(whole[i][j], top)) for j in cols] for i in rows])
    mass_a = np.array([float(Fraction(a[i], total)) for i in rows])
    mass_b = np.array([float(Fraction(b[j], total)) for j in cols])
    plan = ot.emd(mass_a, mass_b, cost, numItermax=10_000_000)
    return {"POT": float((plan * cost).sum()), "HiGHS": highs(cost, mass_a, mass_b)}, top * total


def check(name, family, whole, a, b, value, magnitude):
    if family in CAPPED:
        whole = [[min(c, CAP) for c in row] for row in whole]
    found, unit = peers(whole, a, b)
    allowed = AGREEMENT * (1 if family in RELATIVE_TO_LARGEST_COST else float(Fraction(magnitude, unit)))
    for peer, peer_value in found.items():
        error = abs(peer_value - float(Fraction(value, unit)))
        assert error <= allowed, (name, peer, error, allowed)


def main(path):
    rng = SplitMix64(SEED)
    lines = []
    for draw, count in FAMILIES.items():
        family = draw.__name__.replace("_", "-")
        for index in range(count):
            problem = draw(rng)
            whole, exponent = whole_matrix(problem)
            a, b = problem["a"], problem["b"]
            assert all(w >= 0 for w in a + b) and sum(a) < 1 << 53
            value, plan, _, _ = exact_transport.solve(whole, a, b)
            magnitude = sum(abs(whole[i][j]) * mass for (i, j), mass in plan.items())
            check(f"{family}-{index}", family, whole, a, b, value, magnitude)
            unit = Fraction(2) ** (exponent + problem["weights_exponent"])
            lines.append({"name": f"{family}-{index}", "family": family, **problem,
                          "value": writing.number(value * unit), "magnitude": writing.number(magnitude * unit)})
    writing.write(path, "Balanced transport: value is min <C,P>, magnitude is sum |C_ij| P_ij of one optimal plan.",
                  SEED, lines)


if __name__ == "__main__":
    main(sys.argv[1])
