"""Exact, entropic or sliced transport or Gromov-Wasserstein against POT and SciPy: both sides warm, one request of solves each in turn, medians.

Usage: peers.py exact|entropic|gromov|sliced BENCH_DLL RESULT.md [row ...]
"""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import ot
import scipy

import work

HERE = os.path.dirname(os.path.abspath(__file__))
AGREEMENT = 1e-9  # relative, of the two values
# Entropic answers after as many sweeps from another start, or at another error below the tolerance, differ by what is left to converge.
LOOSE_AGREEMENT = {"float32": 1e-4, "float64": 1e-6, "n64": 1e-5, "entropic": 1e-5, "n1000": 1e-5}
GROMOV_AGREEMENT = 5e-3  # as of the reference cases: 20 steps are not the end, and their sweeps stop by different rules
SOLVES_PER_REQUEST = {"small-n64": 1000}
SECONDS_PER_ROW = 10.0  # the slower side's share, roughly
FEWEST, MOST = 3, 15
FEWEST_OF = {"tolerance-n1000": 2}  # the peer takes a minute
PEERS = {"exact": "POT `emd2`, costs given", "assignment": "SciPy `linear_sum_assignment`", "line": "POT `emd2_1d`",
         "digits": "POT `emd2`, all 64 bins", "digits-support": "POT `emd2`, bins with mass",
         "sinkhorn-log": "POT `sinkhorn_log`", "sinkhorn-plain": "POT `sinkhorn`", "small": "POT `sinkhorn2`",
         "digits-entropic": "POT `sinkhorn2`, one against 500", "tolerance": "POT `sinkhorn_log`",
         "gromov": "POT `entropic_gromov_wasserstein`",
         "sliced": "POT `sliced_wasserstein_distance`"}


class Side:
    """A child process that has loaded one row and is warm."""

    def __init__(self, command, threads):
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.read("ready")

    def read(self, expected=None):
        line = self.process.stdout.readline().strip()
        if not line or (expected and line != expected):
            raise SystemExit(f"{' '.join(self.process.args)} said {line!r} and ended with {self.process.wait()}")
        return line

    def solve(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        seconds, value, checksum, late, allocated = self.read().split()
        self.allocated = int(allocated)
        return float(seconds), float(value), int(checksum), float(late)

    def close(self):
        """Ends the process; its peak memory in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.process.stdin.close()
        self.process.wait()
        return peak / 1024


def alternate(sides, per_request, fewest):
    """Seconds of each side's solves, one request in turn, the last answers, and the 99th percentiles within requests."""
    start = time.perf_counter()
    first = [side.solve(per_request) for side in sides]
    count = int(SECONDS_PER_ROW / (time.perf_counter() - start) * len(sides))
    runs = [first] + [[side.solve(per_request) for side in sides] for _ in range(min(MOST, max(fewest, count)) - 1)]
    columns = [[[run[k][field] for run in runs] for k in range(len(sides))] for field in (0, 3)]
    return columns[0], [answer[1:3] for answer in runs[-1]], [statistics.median(late) for late in columns[1]]


def verdict(answers, agreement):
    (theirs, their_checksum), (ours, our_checksum) = answers
    error = 0 if ours == theirs else abs(ours - theirs) / max(abs(theirs), abs(ours))
    text = f"{error:.0e}" if error <= agreement else f"**differ by {error:.1e}**"
    if their_checksum:
        text += ", same indices" if their_checksum == our_checksum else ", **other indices**"
    return text


def measure(name, dll, folder, limits):
    row = os.path.join(folder, name)
    work.write(name, row)
    theirs = Side([sys.executable, "-B", os.path.join(HERE, "peer_child.py"), name, row], 1)
    ours = Side(["dotnet", dll, "peers", row], 1)
    (their_seconds, our_seconds), answers, late = alternate([theirs, ours], SOLVES_PER_REQUEST.get(name, 1), FEWEST_OF.get(name, FEWEST))
    their_peak, our_peak = theirs.close(), ours.close()
    shutil.rmtree(row)
    share = work.DIGIT_PAIRS if name.startswith("digits") else 1
    their_median, our_median = (statistics.median(seconds) / share for seconds in (their_seconds, our_seconds))
    kinds = name.split("-")
    peer = PEERS.get(name) or PEERS.get("-".join(kinds[:2])) or PEERS[kinds[0]]
    agreement = GROMOV_AGREEMENT if name in work.GROMOV_ROWS else LOOSE_AGREEMENT[kinds[-1]] if name in work.ENTROPIC_ROWS else AGREEMENT
    line = (f"| {name} | {peer} | {their_median:.3g} | {our_median:.3g} | **{their_median / our_median:.1f}x** | "
            f"{fastest(kinds, their_seconds, our_seconds)} | {answers[0][0]!r} | {answers[1][0]!r} | {verdict(answers, agreement)} | "
            f"{their_peak:.0f} / {our_peak:.0f} | {len(our_seconds)} |")
    if name in work.ENTROPIC_ROWS:
        least = least_seconds(kinds, limits)
        line += f" {f'{100 * least / our_median:.0f} %' if least else '-'} |"
    print(line, flush=True)
    if name not in SOLVES_PER_REQUEST:
        return line, ""
    return line, (f"\nOf {name}: 99 of 100 solves within {1e6 * late[0]:.0f} us by POT and {1e6 * late[1]:.0f} us by us, "
                  f"{late[0] / their_median:.1f} and {late[1] / our_median:.1f} times the median; {ours.allocated} bytes allocated a solve by us.\n")


def fastest(kinds, theirs, ours):
    """Of differences of two timings the least is no fastest solve."""
    return "-" if kinds[0] == "sinkhorn" else f"{min(theirs) / min(ours):.1f}x"


def least_seconds(kinds, limits):
    """The least seconds that reading E once a sweep, or its two multiply-adds an entry, leave at the limits measured in this run."""
    if kinds[0] == "sinkhorn":
        entries, dtype, sweeps = 2000 * 2000, kinds[-1], 1
    elif kinds[0] == "small":
        entries, dtype, sweeps = 64 * 64, "float64", 100
    else:
        return None
    size = {"float32": 4, "float64": 8}[dtype] * entries
    return sweeps * max(size / limits[f"read-{size}"], 2 * entries / limits[f"fma-{dtype}"])


def blas():
    """The library behind NumPy's products: Debian chooses it by a link."""
    return os.path.realpath("/etc/alternatives/libblas.so.3-x86_64-linux-gnu").split("/")[-2]


def cpu():
    with open("/proc/cpuinfo") as info:
        fields = dict(line.split(":", 1) for line in info if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    vectors = "AVX-512" if "avx512f" in fields["flags"].split() else "AVX2" if "avx2" in fields["flags"].split() else "no AVX2"
    return f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']}), {os.cpu_count()} cores, {vectors}"


EXACT_TEXT = """Both sides read the same files, are warmed up for a second (at least one solve), and then solve in turn; seconds are
medians of that many solves, for the digits a pair; beside the ratio of medians stands that of the fastest solves. Our time starts from arrays: for exact transport it includes the costs, which the peer is given,
as well as validation, plan and certificate. Peak memory is the whole process, inputs and run time included. Weights are exp of a normal variable,
the cost is the squared Euclidean distance."""

ENTROPIC_TEXT = """Both sides read the same files, are given the costs, are warmed up for a second (at least one solve), and then solve in turn; beside the
ratio of medians stands that of the fastest solves. Costs are squared Euclidean distances in the plane, of the digits those of pixels; weights are exp of a
normal variable. Seconds are medians:

- `sinkhorn-*`: of an iteration, both potentials, at eps = 0.05 mean(C): a hundredth of what 120 iterations take longer than 20; on our side from costs to plan and bracket;
- `small-n64`: of 100 iterations at eps = 0.05 mean(C), on our side into memory of the caller;
- `digits-entropic`: of a pair of 8 x 8 digits, 100 iterations at eps = 1; the peer solves one digit, its pixels with mass, against 500 in one call;
- `tolerance-n1000`: of a solve to an L1 error of 1e-6 at eps = 0.003 mean(C); the peer stops by its L2 error, and the threshold is set so that its L1 error is just below 1e-6.

The values differ by what is left to converge after as many iterations from different starts. Peak memory is the whole process, inputs and run time
included. The share of the limit is that of our time: the least time in which this core, in the same run, reads the kernel once an iteration or does
its two multiply-adds an entry, whichever takes longer."""

SLICED_TEXT = """Both sides read the same files, directions among them, are warmed up for a second (at least one solve), and then solve in turn; seconds are
medians of that many solves, from arrays to the distance, of order 2; beside the ratio of medians stands that of the fastest solves. A row's name says the points of
each cloud, their coordinates and the directions; weights are uniform, or exp of a normal variable. Peak memory is the whole process, inputs and run time included."""

GROMOV_TEXT = """Both sides read the same files, are given both matrices of inner costs, are warmed up for a second (at least one solve), and then take 20
steps of projected gradient (square loss, eps = 0.01, costs at most 1) from the product of the weights, in turn; seconds are medians of a solve; beside the ratio of
medians stands that of the fastest solves. The peer sweeps each step to its default of 1e-9 or 1000 sweeps and works in double throughout; ours ends a step's sweeps at a tenth of what
the last step moved the plan by. Our time includes validation, evidence and the value. Peak memory is the whole process, inputs and run time included."""

SUITES = {"exact": ("Exact transport, assignment and the line", EXACT_TEXT, work.ROWS, ""),
          "entropic": ("Entropic transport", ENTROPIC_TEXT, work.ENTROPIC_ROWS, " share of the limit |"),
          "gromov": ("Entropic Gromov-Wasserstein", GROMOV_TEXT, work.GROMOV_ROWS, ""),
          "sliced": ("Sliced distances", SLICED_TEXT, work.SLICED_ROWS, "")}


def main(suite, dll, result, *names):
    title, text, rows, column = SUITES[suite]
    head = f"""# {title} against POT and SciPy

Made by `bench/peers/run.sh {suite}`, commit {subprocess.check_output(["git", "describe", "--always", "--dirty"], cwd=HERE, text=True).strip()}.
{cpu()}; {platform.system()} {platform.release().split("-")[0]}.
Python {platform.python_version()}, NumPy {numpy.__version__}, SciPy {scipy.__version__}, POT {ot.__version__}, {blas()}; .NET {subprocess.check_output(["dotnet", "--version"], text=True).strip()} SDK.

One thread on each side. {text}

| row | peer | peer, s | ours, s | ratio | of the fastest | peer's value | our value | relative difference | peak MiB, peer / ours | solves |{column}
|---|---|---|---|---|---|---|---|---|---|---|{"---|" if column else ""}
"""
    before = os.getloadavg()[1]
    limits = dict(line.split() for line in subprocess.check_output(["dotnet", dll, "limits"], text=True).splitlines()) if column else {}
    limits = {name: float(rate) for name, rate in limits.items()}
    os.makedirs(os.path.dirname(os.path.abspath(result)), exist_ok=True)
    with open(result, "w", encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        file.write(head)
        notes = ""
        for name in names or rows:
            line, note = measure(name, dll, folder, limits)
            file.write(line + "\n")
            file.flush()
            notes += note
        if limits:
            notes += "\nLimits of this core: " + ", ".join(f"{name} {rate / 1e9:.3g} G/s" for name, rate in limits.items()) + ".\n"
        file.write(notes)
        file.write(f"\nLoad average of the machine while this was measured: {before:.1f} at the start, {os.getloadavg()[1]:.1f} over the last minutes; "
                   "above the number of cores, read ratios only.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
