"""The work both sides do, by row: its inputs, and the peer's call. A row's folder holds its arrays as .npy files."""
import os

import numpy as np

SEED = 20260105
DIGIT_PAIRS = 2000


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


ROWS = {f"exact-n{n}-d{d}": exact(n, d) for d in (2, 64) for n in (200, 1000, 2000, 5000)}
ROWS |= {f"assignment-n{n}-{kind}": assignment(n, kind) for n in (500, 2000) for kind in ("uniform", "ties", "geometric")}
ROWS |= {"digits": digits, "digits-support": digits, "line-n1000000": line(1_000_000)}


def write(name, folder):
    os.makedirs(folder)
    rng = np.random.default_rng([SEED, list(ROWS).index(name)])
    for key, array in ROWS[name](rng).items():
        np.save(os.path.join(folder, key + ".npy"), array)


def peer(name, folder):
    """A call without arguments that solves the row and returns its value and a checksum of its indices, if it has any."""
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
