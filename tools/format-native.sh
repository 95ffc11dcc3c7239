#!/usr/bin/env bash
# tools/format-native.sh [--check]: formats kernels/ and native/ by .clang-format; with --check only says which files would change.
# Made for clang-format 14; another version may differ in small ways, so --check with another passes with a remark. Exit status 3: there is none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "no clang-format" >&2; exit 3; }
version=$("$tool" --version)
mapfile -t files < <(find kernels native -name '*.cu' -o -name '*.cuh' -o -name '*.cpp' -o -name '*.h' | LC_ALL=C sort)
if [ "${1:-}" != --check ]; then
  "$tool" -i "${files[@]}"
elif [[ $version != *" version 14."* ]]; then
  echo "not compared: ${version#* } is not version 14"
else
  "$tool" --dry-run --Werror "${files[@]}" 2>&1 | sed -nE 's/^([^:]+):.*-Wclang-format-violations.*/\1/p' | LC_ALL=C sort -u |
    { ! grep . || { echo "tools/format-native.sh would change these" >&2; exit 1; }; }
fi
