"""Peers of rows of ot bench in torch, on the inputs that `ot bench --inputs FILE.npz` wrote.

python3 torch_peers.py FILE.npz RESULT.json [--device cuda|cpu] [--sweeps N] [--seconds S]

batch: N sweeps of Sinkhorn in the log domain on all problems of the batch at once. points: alternating updates in the log domain, a chunk of
rows or columns at a time and no matrix stored: seconds a sweep, and of as many as take both marginal errors below 1e-3, for S seconds at most.
sort: projections of both clouds and torch.sort along each direction. Each part stands for itself: one that fails says why, and RESULT.json is
written anew after each, so that a time limit keeps what is done.
"""
import argparse
import ast
import json
import os
import struct
import time
import zipfile

import torch

TOLERANCE = 1e-3
CHUNK_BYTES = 1 << 30
TYPES = {"<f8": torch.float64, "<f4": torch.float32}


def read(archive, name):
    """One array of an .npz: numpy need not be there."""
    data = archive.read(name + ".npy")
    (length,) = struct.unpack_from("<H", data, 8)
    header = ast.literal_eval(data[10 : 10 + length].decode().split("#")[0].strip())
    return torch.frombuffer(bytearray(data[10 + length :]), dtype=TYPES[header["descr"]]).reshape(header["shape"])


def finish(device):
    if device == "cuda":
        torch.cuda.synchronize()


def median_seconds(device, repeats, work):
    """After a warm-up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        finish(device)
        times.append(time.perf_counter() - start)
    return sorted(times[1:])[repeats // 2]


def batch(archive, device, options):
    x, y, a, b = (read(archive, name) for name in "xyab")
    costs = ((x[:, :, None, :] - y[:, None, :, :]) ** 2).sum(3).float().to(device)
    log_a, log_b = (w.log().float().to(device) for w in (a, b))
    epsilon = 0.05 * costs.mean((1, 2))[:, None]

    def sweep(f, g):
        f = -epsilon * torch.logsumexp((g[:, None, :] - costs) / epsilon[:, :, None] + log_b, 2)
        g = -epsilon * torch.logsumexp((f[:, :, None] - costs) / epsilon[:, :, None] + log_a[:, None], 1)
        return f, g

    found = []

    def solve():
        f = torch.zeros(costs.shape[:2], device=device)
        g = torch.zeros((costs.shape[0], costs.shape[2]), device=device)
        for _ in range(options.sweeps):
            f, g = sweep(f, g)
        found[:] = f, g

    seconds = median_seconds(device, 5, solve)
    f, g = found
    rows = torch.exp((f[:, :, None] + g[:, None, :] - costs) / epsilon[:, :, None] + log_b).sum(2)
    error = (log_a.exp() * (rows - 1).abs()).sum(1).max().item()
    return {"problems": costs.shape[0], "side": costs.shape[1], "sweeps": options.sweeps, "seconds": seconds, "largest_marginal_error": error}


def points(archive, device, options):
    x, y, a, b = (read(archive, "points_" + name).float().to(device) for name in "xyab")
    (epsilon,) = read(archive, "points_epsilon").tolist()
    centre = (x.mean(0) + y.mean(0)) / 2
    scale = (2 / epsilon) ** 0.5
    x, y = (x - centre) * scale, (y - centre) * scale
    half_x, half_y = (x**2).sum(1) / 2, (y**2).sum(1) / 2
    log_a, log_b = a.log(), b.log()
    chunk = max(1, CHUNK_BYTES // (4 * max(len(x), len(y))))

    # Potentials over eps: minus the logarithm of sums of exp(h_j - C_ij / eps), by chunks of i; C_ij / eps = half_i + half_j - x_i . y_j.
    def transform(own, half_own, other, half_other, h):
        parts = [
            torch.logsumexp(torch.addmm((h - half_other)[None, :], own[first : first + chunk], other.T), 1) for first in range(0, len(own), chunk)
        ]
        return half_own - torch.cat(parts)

    def sweep(g):
        f = transform(x, half_x, y, half_y, g + log_b)
        return f, transform(y, half_y, x, half_x, f + log_a)

    g = torch.zeros(len(y), device=device)
    seconds_of_sweep = median_seconds(device, 3, lambda: sweep(g))
    start = time.perf_counter()
    sweeps, error = 0, float("inf")
    while error > TOLERANCE and time.perf_counter() - start < options.seconds:
        for _ in range(10):
            f, g = sweep(g)
        sweeps += 10
        # After an update of g its own marginal is right.
        error = (a * (torch.exp(f - transform(x, half_x, y, half_y, g + log_b)) - 1).abs()).sum().item()
    finish(device)
    taken = time.perf_counter() - start
    return {
        "points": [len(x), len(y)],
        "dimension": x.shape[1],
        "seconds_of_sweep": seconds_of_sweep,
        "sweeps": sweeps,
        "seconds": taken if error <= TOLERANCE else None,
        "seconds_tried": taken,
        "marginal_error": error,
    }


def sort(archive, device, options):
    x, y = (read(archive, "sliced_" + name).float().to(device) for name in "xy")
    count = int(read(archive, "sliced_directions").item())
    directions = torch.nn.functional.normalize(torch.randn((count, x.shape[1]), generator=torch.Generator().manual_seed(1)), dim=1).to(device)
    projected = [directions @ x.T, directions @ y.T]

    def sort_both(clouds):
        for cloud in clouds:
            torch.sort(cloud, 1)

    return {
        "directions": count,
        "points": [len(x), len(y)],
        "seconds_of_sort": median_seconds(device, 3, lambda: sort_both(projected)),
        "seconds": median_seconds(device, 3, lambda: sort_both([directions @ x.T, directions @ y.T])),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("inputs")
    parser.add_argument("result")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--sweeps", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    # A peer of the precision Strict: no TF32.
    torch.backends.cuda.matmul.allow_tf32 = False
    answer = {"torch": torch.__version__, "device": torch.cuda.get_device_name() if options.device == "cuda" else "cpu"}
    with zipfile.ZipFile(options.inputs) as archive:
        for part in (batch, sort, points):
            try:
                answer[part.__name__] = part(archive, options.device, options)
            except Exception as failure:  # out of memory, a missing array, a driver that gave up: the others may do
                answer[part.__name__] = {"reason": f"{type(failure).__name__}: {failure}"[:300]}
            with open(options.result + ".part", "w", encoding="utf-8") as file:
                json.dump(answer, file)
                file.write("\n")
            os.replace(options.result + ".part", options.result)


main()
