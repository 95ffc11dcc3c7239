"""The peer's side of one row: says `ready` when warm, then answers each line of input with `seconds value checksum`."""
import sys
import time

import work

WARM_SECONDS = 1.0


def timed(call):
    start = time.perf_counter()
    value, checksum = call()
    return time.perf_counter() - start, float(value), checksum


def main(name, folder):
    call = work.peer(name, folder)
    warm_until = time.perf_counter() + WARM_SECONDS
    timed(call)
    while time.perf_counter() < warm_until:
        timed(call)
    print("ready", flush=True)
    for _ in sys.stdin:
        seconds, value, checksum = timed(call)
        print(f"{seconds!r} {value!r} {checksum}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
