"""The work both sides do, by row: its inputs, and the peer's call. A row's folder holds its arrays as .npy files."""
import os

import numpy as np

SEED = 20260105
DIGIT_PAIRS = 2000
DIGIT_SOURCES = 4  # of the entropic pairs: POT's vectorised solver takes one source and many targets
TOLERANCE_STOP = 6e-8  # the L2 error at which POT stops; the L1 error of row tolerance-n1000 is then just below 1e-6
FEW, MANY = 20, 120  # iterations of the two calls whose difference is the time of 100


def weights(rng, n):
    """Strongly uneven, all positive, total 1."""
    w = np.exp(rng.standard_normal(n))
    return w / w.sum()


def exact(n, d):
    def make(rng):
        return {"x": rng.standard_normal((n, d)), "y": rng.standard_normal((n, d)) + 0.5,
                "a": weights(rng, n), "b": weights(rng, n)}
    return make


def assignment(n, kind):
    def make(rng):
        if kind == "uniform":
            return {"cost": rng.random((n, n))}
        if kind == "ties":
            return {"cost": rng.integers(0, n, (n, n)).astype(float)}
        x, y = rng.random((n, 2)), rng.random((n, 2))
        return {"cost": ((x[:, None, :] - y) ** 2).sum(axis=2)}
    return make


def digits(rng):
    """Histograms of unit mass, squared distances between pixels, and a sample of the pairs."""
    path = os.path.join(os.path.dirname(__file__), "../../samples/data/digits.csv")
    pixels = np.loadtxt(path, delimiter=",")[:, :64]
    grid = np.array([[i, j] for i in range(8) for j in range(8)], dtype=float)
    return {"histograms": pixels / pixels.sum(axis=1, keepdims=True),
            "cost": ((grid[:, None, :] - grid) ** 2).sum(axis=2),
            "pairs": rng.integers(0, len(pixels), (DIGIT_PAIRS, 2)).astype(float)}


def line(n):
    def make(rng):
        return {"x": rng.standard_normal(n), "y": 2 * rng.standard_normal(n) + 1, "a": weights(rng, n), "b": weights(rng, n)}
    return make


def sliced(n, d, directions, weighted):
    """Two clouds and unit vectors drawn evenly."""
    def make(rng):
        axes = rng.standard_normal((directions, d))
        data = exact(n, d)(rng) | {"directions": axes / np.linalg.norm(axes, axis=1, keepdims=True)}
        return data if weighted else {key: data[key] for key in ("x", "y", "directions")}
    return make


def sinkhorn(n, dtype):
    """Costs are given to both sides; eps is a twentieth of their mean."""
    def make(rng):
        data = exact(n, 2)(rng)
        cost = ((data["x"][:, None, :] - data["y"]) ** 2).sum(axis=2)
        return {"cost": cost.astype(dtype), "a": data["a"].astype(dtype), "b": data["b"].astype(dtype), "epsilon": np.array([0.05 * cost.mean()])}
    return make


def tolerance(n):
    """eps is 0.003 of the mean cost."""
    def make(rng):
        data = sinkhorn(n, "float64")(rng)
        return data | {"epsilon": np.array([0.003 * data["cost"].mean()])}
    return make


def entropic_digits(rng):
    """The pairs of a few digits with many others."""
    data = digits(rng)
    sources = rng.choice(len(data["histograms"]), DIGIT_SOURCES, replace=False)
    targets = rng.choice(len(data["histograms"]), DIGIT_PAIRS // DIGIT_SOURCES, replace=False)
    return data | {"pairs": np.array([[i, j] for i in sources for j in targets], dtype=float)}


def gromov(n, dtype):
    """Distances within two clouds in the plane and in space, scaled to at most 1; both sides take 20 steps from the product of the weights."""
    def make(rng):
        x, y = rng.standard_normal((n, 2)), rng.standard_normal((n, 3))
        c1, c2 = (np.sqrt(((z[:, None, :] - z) ** 2).sum(axis=2)) for z in (x, y))
        return {"c1": (c1 / c1.max()).astype(dtype), "c2": (c2 / c2.max()).astype(dtype), "a": weights(rng, n).astype(dtype), "b": weights(rng, n).astype(dtype)}
    return make


ROWS = {f"exact-n{n}-d{d}": exact(n, d) for d in (2, 64) for n in (200, 1000, 2000, 5000)}
ROWS |= {f"assignment-n{n}-{kind}": assignment(n, kind) for n in (500, 2000) for kind in ("uniform", "ties", "geometric")}
ROWS |= {"digits": digits, "digits-support": digits, "line-n1000000": line(1_000_000)}
ENTROPIC_ROWS = {f"sinkhorn-{peer}-n2000-{dtype}": sinkhorn(2000, dtype) for peer in ("log", "plain") for dtype in ("float32", "float64")}
ENTROPIC_ROWS |= {"small-n64": sinkhorn(64, "float64"), "digits-entropic": entropic_digits, "tolerance-n1000": tolerance(1000)}
SLICED_ROWS = {f"sliced-{kind}-n{n}-d{d}-l{directions}": sliced(n, d, directions, kind == "weighted")
               for n, d, directions in ((10_000, 16, 200), (100, 4, 1000), (1_000_000, 2, 2)) for kind in ("uniform", "weighted")}

GROMOV_STEPS = 20
GROMOV_EPSILON = 0.01
GROMOV_ROWS = {f"gromov-n{n}-{dtype}": gromov(n, dtype) for n in (100, 500) for dtype in ("float32", "float64")}


def write(name, folder):
    os.makedirs(folder)
    rows = next(rows for rows in (ROWS, ENTROPIC_ROWS, GROMOV_ROWS, SLICED_ROWS) if name in rows)
    rng = np.random.default_rng([SEED, list(rows).index(name)])
    for key, array in rows[name](rng).items():
        np.save(os.path.join(folder, key + ".npy"), array)


def peer(name, folder):
    """
    A call without arguments that solves the row and returns its value and a checksum of its indices, if it has any; of a row that is timed
    by the iteration, also a call of fewer iterations, whose time is taken off, and by how many they differ.
    """
    if name in GROMOV_ROWS:
        return gromov_peer(folder), None, 1
    if name in ENTROPIC_ROWS:
        return entropic_peer(name, folder)
    return (sliced_peer if name in SLICED_ROWS else exact_peer)(name, folder), None, 1


def sliced_peer(name, folder):
    import ot

    data = {file[:-4]: np.load(os.path.join(folder, file)) for file in os.listdir(folder)}
    axes = np.ascontiguousarray(data["directions"].T)
    # POT 0.8 divides by the number of projections it was told, also of those that are given.
    return lambda: (float(ot.sliced_wasserstein_distance(data["x"], data["y"], data.get("a"), data.get("b"), n_projections=axes.shape[1], projections=axes)), 0)


def gromov_peer(folder):
    """Always in double: in single precision its sweeps never meet their threshold and all run to their limit of 1000."""
    import ot

    data = {file[:-4]: np.load(os.path.join(folder, file)).astype(float) for file in os.listdir(folder)}
    a, b = data["a"] / data["a"].sum(), data["b"] / data["b"].sum()

    def steps():
        _, log = ot.gromov.entropic_gromov_wasserstein(data["c1"], data["c2"], a, b, "square_loss", GROMOV_EPSILON, max_iter=GROMOV_STEPS, tol=0, log=True)
        return log["gw_dist"], 0
    return steps


def entropic_peer(name, folder):
    import ot

    data = {file[:-4]: np.load(os.path.join(folder, file)) for file in os.listdir(folder)}
    kind = name.split("-")[0]
    if kind == "digits":
        histograms, cost, pairs = data["histograms"], data["cost"], data["pairs"].astype(int)
        batches = []
        for i in dict.fromkeys(pairs[:, 0]):
            ink = np.flatnonzero(histograms[i])  # POT divides by the weights of the source
            batches.append((histograms[i, ink], np.ascontiguousarray(histograms[pairs[pairs[:, 0] == i, 1]].T), np.ascontiguousarray(cost[ink])))

        def all_pairs():
            return sum(ot.sinkhorn2(a, b, m, 1.0, numItermax=100, stopThr=0).sum() for a, b, m in batches), 0
        return all_pairs, None, 1

    a, b, cost, epsilon = data["a"], data["b"], data["cost"], float(data["epsilon"][0])
    if kind == "small":
        return lambda: (ot.sinkhorn2(a, b, cost, epsilon, numItermax=100, stopThr=0), 0), None, 1
    if kind == "tolerance":
        def to_tolerance():
            plan = ot.bregman.sinkhorn_log(a, b, cost, epsilon, numItermax=1_000_000, stopThr=TOLERANCE_STOP)
            error = np.abs(plan.sum(axis=0) - b).sum()
            if not 0.5e-6 < error <= 1e-6:
                raise SystemExit(f"TOLERANCE_STOP leaves an error of {error}")
            return (plan * cost).sum(), 0
        return to_tolerance, None, 1

    solve = ot.bregman.sinkhorn_log if name.split("-")[1] == "log" else ot.bregman.sinkhorn_knopp

    def iterate(count):
        return lambda: ((solve(a, b, cost, epsilon, numItermax=count, stopThr=0).astype(float) * cost).sum(), 0)
    return iterate(MANY), iterate(FEW), MANY - FEW


def exact_peer(name, folder):
    import ot
    from scipy.optimize import linear_sum_assignment

    data = {file[:-4]: np.load(os.path.join(folder, file)) for file in os.listdir(folder)}
    kind = name.split("-")[0]
    if kind == "exact":
        matrix = ot.dist(data["x"], data["y"])  # not timed, though our side computes its costs within the time
        return lambda: (ot.emd2(data["a"], data["b"], matrix, numItermax=100_000_000), 0)
    if kind == "assignment":
        def assign():
            rows, columns = linear_sum_assignment(data["cost"])
            return data["cost"][rows, columns].sum(), int(((rows + 1) * (columns + 1)).sum())
        return assign
    if kind == "line":
        return lambda: (ot.emd2_1d(data["x"], data["y"], data["a"], data["b"], metric="sqeuclidean"), 0)

    histograms, cost, pairs = data["histograms"], data["cost"], data["pairs"].astype(int)
    if name == "digits":
        return lambda: (sum(ot.emd2(histograms[i], histograms[j], cost) for i, j in pairs), 0)

    def support_only():
        total = 0.0
        for i, j in pairs:
            rows, columns = np.flatnonzero(histograms[i]), np.flatnonzero(histograms[j])
            total += ot.emd2(histograms[i, rows], histograms[j, columns], np.ascontiguousarray(cost[np.ix_(rows, columns)]))
        return total, 0
    return support_only
