"""The families of balanced transport problems. Each function draws one problem, as a dictionary of whole numbers.

A problem has weights `a`, `b` times 2^weights_exponent and either a `matrix` times 2^cost_exponent, or points `x`, `y`
times 2^points_exponent and the name of a ground cost. Entries of a matrix may also be doubles, taken as they are.
"""


def composition(rng, total, parts):
    """Positive whole numbers that sum to total."""
    cuts = set()
    while len(cuts) < parts - 1:
        cuts.add(rng.integer(1, total - 1))
    edges = [0, *sorted(cuts), total]
    return [q - p for p, q in zip(edges, edges[1:])]


def weights(rng, n, m, exponent=-16):
    return {"weights_exponent": exponent, "a": composition(rng, 1 << 16, n), "b": composition(rng, 1 << 16, m)}


def uniform(n, m, exponent=0):
    return {"weights_exponent": exponent, "a": [m] * n, "b": [n] * m}


def sizes(rng, low=2, high=40):
    n = rng.integer(low, high)
    m = rng.integer(low, high)
    return n, m if m != n else max(low, m - 1)


def table(rng, n, m, low, high, exponent=0):
    return {"cost_exponent": exponent, "matrix": [rng.integers(m, low, high) for _ in range(n)]}


def cloud(rng, count, dimension, width=256):
    return [[rng.bell(width) or 1 for _ in range(dimension)] for _ in range(count)]


def clouds(rng, kind, n, m, dimension, exponent=-8, **parameters):
    return {"cost": kind, **parameters, "points_exponent": exponent,
            "x": cloud(rng, n, dimension), "y": cloud(rng, m, dimension)}


def with_zeros(rng, mass, percent):
    """Moves the mass of some atoms to a neighbour, which keeps the total."""
    mass = list(mass)
    for i in range(len(mass)):
        if rng.chance(percent):
            target = rng.integer(0, len(mass) - 1)
            if target != i:
                mass[target], mass[i] = mass[target] + mass[i], 0
    return mass


def random_matrix(rng):
    n, m = sizes(rng)
    return table(rng, n, m, 0, 9999, -10) | weights(rng, n, m)


def square_matrix(rng):
    n = rng.integer(1, 40)
    return table(rng, n, n, 0, 9999, -10) | weights(rng, n, n)


def zero_weights(rng):
    n, m = sizes(rng, 3)
    w = weights(rng, n, m)
    w["a"], w["b"] = with_zeros(rng, w["a"], 40), with_zeros(rng, w["b"], 40)
    return table(rng, n, m, 0, 999) | w


def zero_weights_cloud(rng):
    n, m = sizes(rng, 3)
    w = weights(rng, n, m)
    w["a"], w["b"] = with_zeros(rng, w["a"], 40), with_zeros(rng, w["b"], 40)
    return clouds(rng, rng.choice(["sqeuclidean", "euclidean", "cityblock"]), n, m, rng.integer(1, 3)) | w


def equal_points(rng):
    n, m = sizes(rng, 4)
    pool = cloud(rng, rng.integer(1, 5), 2, 4)
    kind = rng.choice(["sqeuclidean", "euclidean", "cityblock", "chebyshev"])
    return {"cost": kind, "points_exponent": -1, "x": [rng.choice(pool) for _ in range(n)],
            "y": [rng.choice(pool) for _ in range(m)]} | weights(rng, n, m)


def small_masses(rng):
    """Masses 1, 2 and 3: subset sums tie almost everywhere, so nearly every basis is degenerate."""
    n, m = sizes(rng, 4)
    a, b = rng.integers(n, 1, 3), rng.integers(m, 1, 3)
    while sum(a) != sum(b):
        short = a if sum(a) < sum(b) else b
        short[rng.integer(0, len(short) - 1)] += 1
    return table(rng, n, m, 0, 99) | {"weights_exponent": -5, "a": a, "b": b}


def uniform_square(rng):
    n = rng.integer(2, 40)
    return table(rng, n, n, 0, 999) | uniform(n, n)


def uniform_rectangular(rng):
    n, m = sizes(rng)
    return clouds(rng, "sqeuclidean", n, m, 2) | uniform(n, m)


def tied_costs(rng):
    n, m = sizes(rng)
    return table(rng, n, m, 0, 2) | weights(rng, n, m)


def equal_costs(rng):
    n, m = sizes(rng, 1)
    c = rng.choice([0, 1, 7, 12345])
    return {"cost_exponent": -3, "matrix": [[c] * m for _ in range(n)]} | weights(rng, n, m)


def twelve_orders(rng):
    """Weights from 2^0 to 2^40 in one problem."""
    n, m = sizes(rng, 4)
    a = [rng.integer(1 << k, 2 << k) for k in rng.integers(n, 0, 39)]
    b = [rng.integer(1 << k, 2 << k) for k in rng.integers(m, 0, 39)]
    short = a if sum(a) < sum(b) else b
    short[rng.integer(0, len(short) - 1)] += abs(sum(a) - sum(b))
    return table(rng, n, m, 0, 9999) | {"weights_exponent": -40, "a": a, "b": b}


def negative_costs(rng):
    n, m = sizes(rng)
    return table(rng, n, m, -5000, rng.choice([-1, 0, 5000])) | weights(rng, n, m)


def blocked(rng, huge, feasible):
    n, m = sizes(rng, 4)
    k, l = rng.integer(1, n - 1), rng.integer(1, m - 1)
    a, b = composition(rng, 1 << 16, n), composition(rng, 1 << 16, m)
    if feasible:
        a = composition(rng, 1 << 15, k) + composition(rng, 1 << 15, n - k)
        b = composition(rng, 1 << 15, l) + composition(rng, 1 << 15, m - l)
    cost = [[rng.integer(0, 999) if (i < k) == (j < l) else huge for j in range(m)] for i in range(n)]
    return {"cost_exponent": 0, "matrix": cost, "weights_exponent": -16, "a": a, "b": b}


def blocks_apart(rng):
    """Huge costs off the blocks that no optimal plan pays, 2^100 or 1e32."""
    return blocked(rng, rng.choice([float(1 << 100), 1e32, 2.5e31]), feasible=True)


def blocks_crossed(rng):
    """Blocks of unequal mass: the huge cost must be paid, on as little mass as can be."""
    return blocked(rng, rng.choice([float(1 << 100), 1e32]), feasible=False)


def same_measure(rng):
    n = rng.integer(1, 40)
    x = cloud(rng, n, rng.integer(1, 4))
    mass = with_zeros(rng, composition(rng, 1 << 16, n), rng.choice([0, 30]))
    kind = rng.choice(["sqeuclidean", "euclidean", "cityblock", "chebyshev"])
    return {"cost": kind, "points_exponent": -8, "x": x, "y": x, "weights_exponent": -16, "a": mass, "b": mass}


def same_weights(rng):
    n = rng.integer(2, 40)
    mass = composition(rng, 1 << 16, n)
    return table(rng, n, n, 0, 999) | {"weights_exponent": -16, "a": mass, "b": list(mass)}


def single_atom(rng):
    n = rng.choice([1, rng.integer(1, 40)])
    m = 1 if n > 1 else rng.integer(1, 40)
    if rng.chance(50):
        return clouds(rng, "sqeuclidean", n, m, 3) | weights(rng, n, m)
    return table(rng, n, m, -99, 99, -4) | weights(rng, n, m)


def planted_permutation(rng):
    """Costs r_i + s_j plus a positive excess off one permutation, which is then the only optimal plan."""
    n = rng.integer(2, 40)
    r, s, sigma = rng.integers(n, 0, 500), rng.integers(n, 0, 500), rng.shuffled(range(n))
    cost = [[r[i] + s[j] + (0 if sigma[i] == j else rng.integer(1, 300)) for j in range(n)] for i in range(n)]
    return {"cost_exponent": 0, "matrix": cost} | uniform(n, n)


def on_a_line(rng):
    n, m = sizes(rng)
    return clouds(rng, rng.choice(["sqeuclidean", "cityblock", "euclidean"]), n, m, 1) | weights(rng, n, m)


def sqeuclidean(rng):
    n, m = sizes(rng)
    return clouds(rng, "sqeuclidean", n, m, rng.integer(1, 9)) | weights(rng, n, m)


def euclidean(rng):
    n, m = sizes(rng)
    return clouds(rng, "euclidean", n, m, rng.integer(1, 9)) | weights(rng, n, m)


def cityblock(rng):
    n, m = sizes(rng)
    return clouds(rng, "cityblock", n, m, rng.integer(1, 9)) | weights(rng, n, m)


def chebyshev(rng):
    n, m = sizes(rng)
    return clouds(rng, "chebyshev", n, m, rng.integer(1, 9)) | weights(rng, n, m)


def cosine(rng):
    n, m = sizes(rng)
    return clouds(rng, "cosine", n, m, rng.integer(2, 9)) | weights(rng, n, m)


def pnorm(rng):
    n, m = sizes(rng, 2, 30)
    p, q = rng.choice([(1.5, 1.5), (3, 3), (3, 1), (4, 2)])
    return clouds(rng, "pnorm", n, m, rng.integer(1, 5), p=p, q=q) | weights(rng, n, m)


def images(rng):
    """Histograms of counts on a 6 x 6 grid, a third of the pixels empty."""
    grid = [[i, j] for i in range(6) for j in range(6)]
    a = [0 if rng.chance(35) else rng.integer(1, 16) for _ in grid]
    b = [0 if rng.chance(35) else rng.integer(1, 16) for _ in grid]
    sum_a, sum_b = sum(a), sum(b)
    kind = rng.choice(["sqeuclidean", "euclidean", "cityblock"])
    return {"cost": kind, "points_exponent": 0, "x": grid, "y": grid, "weights_exponent": -16,
            "a": [w * sum_b for w in a], "b": [w * sum_a for w in b]}


def separable_costs(rng):
    """C_ij = r_i + s_j: every plan is optimal."""
    n, m = sizes(rng)
    r, s = rng.integers(n, -500, 500), rng.integers(m, -500, 500)
    return {"cost_exponent": -2, "matrix": [[p + q for q in s] for p in r]} | weights(rng, n, m)


def wide_costs(rng):
    """Costs from 2^-30 to 2^30 in one matrix."""
    n, m = sizes(rng)
    cost = [[1 << k for k in rng.integers(m, 0, 60)] for _ in range(n)]
    return {"cost_exponent": -30, "matrix": [[float(c) for c in row] for row in cost]} | weights(rng, n, m)


def north_west_ties(rng):
    """A Monge matrix and equal partial sums: the north-west corner rule is optimal and degenerate at every step."""
    n = rng.integer(2, 40)
    mass = composition(rng, 1 << 16, n)
    cost = [[(i - j) * (i - j) for j in range(n)] for i in range(n)]
    return {"cost_exponent": 0, "matrix": cost, "weights_exponent": -16, "a": mass, "b": list(mass)}


def one_heavy_atom(rng):
    """One atom holds all but 2^-30 of the mass."""
    n, m = sizes(rng, 3)
    a, b = rng.integers(n, 1, 9), rng.integers(m, 1, 9)
    a[rng.integer(0, n - 1)] += (1 << 36) - sum(a)
    b[rng.integer(0, m - 1)] += (1 << 36) - sum(b)
    return clouds(rng, "euclidean", n, m, 2) | {"weights_exponent": -36, "a": a, "b": b}


def translated(rng):
    """y = x + t with the same weights: the translation is optimal for any convex cost of the difference."""
    n, d = rng.integer(2, 40), rng.integer(1, 4)
    x, t = cloud(rng, n, d), [rng.bell(256) for _ in range(d)]
    mass = composition(rng, 1 << 16, n)
    return {"cost": rng.choice(["sqeuclidean", "euclidean"]), "points_exponent": -8, "x": x,
            "y": [[s + r for s, r in zip(row, t)] for row in x], "weights_exponent": -16, "a": mass, "b": list(mass)}


def far_from_origin(rng):
    """Points whose common offset is 2^12 times their spread: an expanded square loses half of its digits."""
    n, m = sizes(rng)
    problem = clouds(rng, "sqeuclidean", n, m, rng.integer(1, 4))
    for side in ("x", "y"):
        problem[side] = [[c + (1 << 20) for c in row] for row in problem[side]]
    return problem | weights(rng, n, m)


FAMILIES = {
    random_matrix: 20, square_matrix: 15, zero_weights: 25, zero_weights_cloud: 20, equal_points: 20,
    small_masses: 20, uniform_square: 15, uniform_rectangular: 15, tied_costs: 20, equal_costs: 15,
    twelve_orders: 25, negative_costs: 15, blocks_apart: 15, blocks_crossed: 15, same_measure: 15,
    same_weights: 10, single_atom: 15, planted_permutation: 15, on_a_line: 15, sqeuclidean: 15,
    euclidean: 15, cityblock: 10, chebyshev: 10, cosine: 20, pnorm: 15,
    images: 20, separable_costs: 10, wide_costs: 15, north_west_ties: 10, one_heavy_atom: 10,
    translated: 10, far_from_origin: 15,
}
assert sum(FAMILIES.values()) == 500
