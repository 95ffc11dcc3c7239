"""The peer's side of one row: says `ready` when warm, then answers each line, a number of solves, with `seconds value checksum p99 bytes`."""
import sys
import time
import warnings

import work

WARM_SECONDS = 1.0


def timed(call):
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer


def per_unit(call, off, units):
    less = timed(off)[0] if off else 0.0
    seconds, (value, checksum) = timed(call)
    return (seconds - less) / units, float(value), checksum


def main(name, folder):
    warnings.simplefilter("ignore")  # that so many iterations are not convergence
    row = work.peer(name, folder)
    warm_until = time.perf_counter() + WARM_SECONDS
    timed(row[0])
    while time.perf_counter() < warm_until:
        timed(row[0])
    print("ready", flush=True)
    for line in sys.stdin:
        runs = sorted(per_unit(*row) for _ in range(int(line)))
        seconds, value, checksum = runs[len(runs) // 2]
        print(f"{seconds!r} {value!r} {checksum} {runs[99 * len(runs) // 100][0]!r} 0", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
