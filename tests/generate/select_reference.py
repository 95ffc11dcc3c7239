"""tests/data/reference-cases.json: the cases of some families from a larger file of the same format. See README.md."""
import json
import sys

FAMILIES = ("exact", "assignment", "line", "circle", "sinkhorn", "sliced", "gw-entropic")


def main(source, path):
    with open(source, encoding="utf-8") as file:
        whole = json.load(file)
    chosen = [case for case in whole["cases"] if case["family"] in FAMILIES]
    head = json.dumps({"generator": whole["generator"], "seed": whole["seed"]})[:-1]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in chosen)
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write(f'{head}, "cases": [\n{lines}\n]}}\n')
    print(f"{path}: {len(chosen)} cases")


if __name__ == "__main__":
    main(*sys.argv[1:])
