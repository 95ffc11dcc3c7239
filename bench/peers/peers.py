"""Exact transport, assignment and the line against POT and SciPy: both sides warm, one solve each in turn, medians.

Usage: peers.py BENCH_DLL RESULT.md [row ...]
"""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import numpy
import ot
import scipy

import work

HERE = os.path.dirname(os.path.abspath(__file__))
AGREEMENT = 1e-9  # relative, of the two values
SECONDS_PER_ROW = 10.0  # the slower side's share, roughly
FEWEST, MOST = 3, 15
PEERS = {"exact": "POT `emd2`, costs given", "assignment": "SciPy `linear_sum_assignment`", "line": "POT `emd2_1d`",
         "digits": "POT `emd2`, all 64 bins", "digits-support": "POT `emd2`, bins with mass"}


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

    def solve(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, value, checksum = self.read().split()
        return float(seconds), float(value), int(checksum)

    def close(self):
        """Ends the process; its peak memory in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.process.stdin.close()
        self.process.wait()
        return peak / 1024


def alternate(sides):
    """Seconds of each side's solves, one in turn, and the last answers."""
    first = [side.solve() for side in sides]
    count = int(SECONDS_PER_ROW / max(seconds for seconds, *_ in first))
    runs = [first] + [[side.solve() for side in sides] for _ in range(min(MOST, max(FEWEST, count)) - 1)]
    seconds = [[run[k][0] for run in runs] for k in range(len(sides))]
    return seconds, [answer[1:] for answer in runs[-1]]


def verdict(answers):
    (theirs, their_checksum), (ours, our_checksum) = answers
    error = 0 if ours == theirs else abs(ours - theirs) / max(abs(theirs), abs(ours))
    text = f"{error:.0e}" if error <= AGREEMENT else f"**differ by {error:.1e}**"
    if their_checksum:
        text += ", same indices" if their_checksum == our_checksum else ", **other indices**"
    return text


def measure(name, dll, folder):
    row = os.path.join(folder, name)
    work.write(name, row)
    theirs = Side([sys.executable, "-B", os.path.join(HERE, "peer_child.py"), name, row], 1)
    ours = Side(["dotnet", dll, "peers", row], 1)
    (their_seconds, our_seconds), answers = alternate([theirs, ours])
    their_peak, our_peak = theirs.close(), ours.close()
    shutil.rmtree(row)
    share = work.DIGIT_PAIRS if name.startswith("digits") else 1
    their_median, our_median = (statistics.median(seconds) / share for seconds in (their_seconds, our_seconds))
    peer = PEERS.get(name) or PEERS[name.split("-")[0]]
    line = (f"| {name} | {peer} | {their_median:.3g} | {our_median:.3g} | **{their_median / our_median:.1f}x** | "
            f"{min(their_seconds) / min(our_seconds):.1f}x | {answers[0][0]!r} | {answers[1][0]!r} | {verdict(answers)} | "
            f"{their_peak:.0f} / {our_peak:.0f} | {len(our_seconds)} |")
    print(line, flush=True)
    return line


def cpu():
    with open("/proc/cpuinfo") as info:
        fields = dict(line.split(":", 1) for line in info if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    vectors = "AVX-512" if "avx512f" in fields["flags"].split() else "AVX2" if "avx2" in fields["flags"].split() else "no AVX2"
    return f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']}), {os.cpu_count()} cores, {vectors}"


def main(dll, result, *names):
    head = f"""# Exact transport, assignment and the line against POT and SciPy

Made by `bench/peers/run.sh`, commit {subprocess.check_output(["git", "describe", "--always", "--dirty"], cwd=HERE, text=True).strip()}.
{cpu()}; {platform.system()} {platform.release().split("-")[0]}.
Python {platform.python_version()}, NumPy {numpy.__version__}, SciPy {scipy.__version__}, POT {ot.__version__}; .NET {subprocess.check_output(["dotnet", "--version"], text=True).strip()} SDK.

One thread on each side. Both sides read the same files, are warmed up for a second (at least one solve), and then solve in turn; seconds are
medians of that many solves, for the digits a pair; beside the ratio of medians stands that of the fastest solves. Our time starts from arrays: for exact transport it includes the costs, which the peer is given,
as well as validation, plan and certificate. Peak memory is the whole process, inputs and run time included. Weights are exp of a normal variable,
the cost is the squared Euclidean distance.

| row | peer | peer, s | ours, s | ratio | of the fastest | peer's value | our value | relative difference | peak MiB, peer / ours | solves |
|---|---|---|---|---|---|---|---|---|---|---|
"""
    before = os.getloadavg()[1]
    os.makedirs(os.path.dirname(os.path.abspath(result)), exist_ok=True)
    with open(result, "w", encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        file.write(head)
        for name in names or work.ROWS:
            file.write(measure(name, dll, folder) + "\n")
            file.flush()
        file.write(f"\nLoad average of the machine while this was measured: {before:.1f} at the start, {os.getloadavg()[1]:.1f} over the last minutes; "
                   "above the number of cores, read ratios only.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
