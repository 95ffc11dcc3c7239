"""One JSON object a file, one problem a line, numbers in their shortest form that reads back to the same double."""
import json
from fractions import Fraction


def number(value):
    """The double nearest to an exact value; a whole number below 2^53 is written without a point."""
    value = float(Fraction(value))
    return int(value) if value == int(value) and abs(value) < 1 << 53 else value


def write(path, what, seed, problems):
    head = json.dumps({"what": what, "seed": seed})[:-1]
    lines = ",\n".join(json.dumps(p, separators=(",", ":")) for p in problems)
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write(f'{head}, "cases": [\n{lines}\n]}}\n')
    print(f"{path}: {len(problems)} cases")
