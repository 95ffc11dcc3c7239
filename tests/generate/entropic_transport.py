"""Entropic transport: min <C,P> + eps KL(P | a b^T) with row sums a and column sums b, to thirty digits of the largest cost.

A damped Newton method on the concave semi-dual, f eliminated by its soft c-transform, follows the solution in double from a large
eps down to the wanted one. From there the same iteration goes on in decimal arithmetic, where every operation, exp and ln
included, is correctly rounded: the answer does not depend on the machine. `solve` ends in checks that do not trust the search.
"""
from decimal import Decimal, localcontext

import numpy as np

DIGITS = 80  # of the decimal arithmetic
STEP = Decimal(10) ** -35  # Newton's last step, in units of eps; what is left then is of the size of its square
RESIDUAL = Decimal(10) ** -50  # of the marginals, as a share of the mass
AGREEMENT = Decimal(10) ** -40  # of primal and dual, as a share of the largest term
SETTLED = -30  # answers are rounded to this power of ten of the largest cost, so that what is zero is written so


def log_sum_exp(values, axis):
    top = values.max(axis=axis, keepdims=True)
    return np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)


def _followed(cost, a, b, epsilon):
    """g in double, near the optimum at epsilon."""
    spread = max(cost.max() - cost.min(), epsilon)
    levels = [epsilon]
    while levels[-1] < spread:
        levels.append(min(2 * levels[-1], spread))
    g = np.zeros(len(b))
    for eps in reversed(levels):
        g = _newton(cost, a, b, eps, g)
    return g


def _newton(cost, a, b, eps, g, steps=60):
    """Maximises sum a f(g) + sum b g by Newton's method with halved steps, each after a Sinkhorn sweep."""
    def at(g):
        f = -eps * log_sum_exp(np.log(b) + (g - cost) / eps, 1)
        plan = a[:, None] * b * np.exp((f[:, None] + g - cost) / eps)
        return (a * f).sum() + (b * g).sum(), f, plan

    for _ in range(steps):
        _, f, _ = at(g)
        g = -eps * log_sum_exp(np.log(a)[:, None] + (f[:, None] - cost) / eps, 0)
        value, f, plan = at(g)
        columns = np.maximum(plan.sum(axis=0), 1e-9 * b)
        gradient = b - plan.sum(axis=0)
        if np.abs(gradient).sum() <= 1e-13 * b.sum():
            break
        # Scaled to a unit diagonal; the ridge bounds steps along directions that hardly any mass connects.
        scale = 1 / np.sqrt(columns)
        laplacian = np.eye(len(b)) * (1 + 1e-13) - scale[:, None] * (plan.T @ (plan / a[:, None])) * scale
        step = eps * scale * np.linalg.lstsq(laplacian, scale * gradient, rcond=1e-15)[0]
        size = 1.0
        while size > 1e-6:
            longer, _, _ = at(g + size * step)
            if longer >= value + 1e-4 * size * (gradient * step).sum():
                g = g + size * step
                break
            size /= 2
    return g


def _soft_min(costs, weights, potentials, eps):
    """-eps ln sum_k w_k exp((p_k - c_k) / eps), in decimal; and the shares of the sum."""
    exponents = [(p - c) / eps for c, p in zip(costs, potentials)]
    top = max(exponents)
    terms = [w * (e - top).exp() for w, e in zip(weights, exponents)]
    total = sum(terms)
    return -eps * (total.ln() + top), [t / total for t in terms]


def _grounded(matrix, right):
    """Solves a symmetric positive definite system by elimination."""
    n = len(right)
    rows = [row + [r] for row, r in zip(matrix, right)]
    for k in range(n):
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = rows[i][:k] + [p - factor * q for p, q in zip(rows[i][k:], rows[k][k:])]
    x = [Decimal(0)] * n
    for k in reversed(range(n)):
        x[k] = (rows[k][n] - sum(rows[k][j] * x[j] for j in range(k + 1, n))) / rows[k][k]
    return x


def _polished(cost, a, b, eps, g):
    """f, g and P in decimal; the row sums are a by construction."""
    n, m = len(a), len(b)
    last = Decimal("Infinity")
    for _ in range(30):
        f, shares = zip(*(_soft_min(cost[i], b, g, eps) for i in range(n)))
        plan = [[a[i] * s for s in shares[i]] for i in range(n)]
        if last <= STEP:
            return list(f), g, plan
        columns = [sum(plan[i][j] for i in range(n)) for j in range(m)]
        hessian = [[(columns[j] if j == k else 0) - sum(plan[i][j] * shares[i][k] for i in range(n)) for k in range(1, m)]
                   for j in range(1, m)]
        step = [Decimal(0)] + _grounded(hessian, [b[j] - columns[j] for j in range(1, m)])
        last = max(map(abs, step))
        g = [p + eps * s for p, s in zip(g, step)]
    raise AssertionError(f"no convergence: a step of {last} eps")


def _settled(values, cost, epsilon):
    largest = max(max(abs(c) for row in cost for c in row), epsilon)
    unit = Decimal(1).scaleb(largest.adjusted() + SETTLED)
    return [v.quantize(unit) + 0 for v in values]


def solve(cost, a, b, epsilon):
    """The optimum over the atoms with mass, potentials of all atoms; everything is given and returned as Decimal.

    Returns (transport cost, regularised cost, f, g) with sum a f = sum b g. An atom without mass has the soft c-transform
    of the other side's potential.
    """
    with localcontext() as context:
        context.prec = DIGITS
        rows, columns = ([k for k, w in enumerate(side) if w > 0] for side in (a, b))
        inner = [[cost[i][j] for j in columns] for i in rows]
        inner_a, inner_b = [a[i] for i in rows], [b[j] for j in columns]
        start = _followed(np.array([[float(c) for c in row] for row in inner]), np.array([float(w) for w in inner_a]),
                          np.array([float(w) for w in inner_b]), float(epsilon))
        f, g, plan = _polished(inner, inner_a, inner_b, epsilon, [Decimal(v) for v in start])
        total = sum(inner_a)
        shift = (sum(w * p for w, p in zip(inner_a, f)) - sum(w * p for w, p in zip(inner_b, g))) / (2 * total)
        f, g = [p - shift for p in f], [p + shift for p in g]
        transport, regularised = _certify(inner, inner_a, inner_b, epsilon, f, g, plan)
        every_f = [_soft_min([cost[i][j] for j in columns], inner_b, g, epsilon)[0] for i in range(len(a))]
        every_g = [_soft_min([cost[i][j] for i in rows], inner_a, f, epsilon)[0] for j in range(len(b))]
        mass_unit = Decimal(1).scaleb(total.adjusted())
        transport, regularised = (mass_unit * v for v in _settled([transport / mass_unit, regularised / mass_unit], cost, epsilon))
        return transport, regularised, _settled(every_f, cost, epsilon), _settled(every_g, cost, epsilon)


def _certify(cost, a, b, eps, f, g, plan):
    """The plan is that of the potentials, feasible, and its primal objective is their dual one: both are optimal."""
    total, transport, kl, largest = sum(a), Decimal(0), Decimal(0), Decimal(0)
    for i, w in enumerate(a):
        for j, v in enumerate(b):
            exponent = (f[i] + g[j] - cost[i][j]) / eps
            mass = w * v * exponent.exp()
            assert abs(mass - plan[i][j]) <= RESIDUAL * total
            transport += mass * cost[i][j]
            kl += mass * exponent
            largest = max(largest, abs(mass * cost[i][j]), abs(mass * eps * exponent))
    assert sum(abs(sum(row) - w) for row, w in zip(plan, a)) <= RESIDUAL * total
    assert sum(abs(sum(row[j] for row in plan) - v) for j, v in enumerate(b)) <= RESIDUAL * total
    constant = eps * (total * total - total)
    primal = transport + eps * kl + constant
    dual = sum(w * p for w, p in zip(a, f)) + sum(v * p for v, p in zip(b, g)) + constant
    assert abs(primal - dual) <= AGREEMENT * largest
    return transport, primal
