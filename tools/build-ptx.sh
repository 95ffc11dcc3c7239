#!/usr/bin/env bash
# tools/build-ptx.sh [--to FOLDER] [--cubins FOLDER] [FAMILY ...]: kernels/*.cu to PTX, and what ptxas says of registers and spills.
# A family is a file kernels/FAMILY.cu; it becomes FAMILY.compute_75.ptx and one file for each of its lines in kernels/ptx/variants.txt.
# The first line of each has a hash of what it was made from, which a test compares. Deterministic: the same sources give the same bytes.
# nvcc is $OT_CUDA_PREFIX/bin/nvcc, artifacts/cuda-12.4/bin/nvcc (tools/cuda-toolchain.sh makes it), or the one on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
to=kernels/ptx cubins=
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=$2; shift 2 ;;
    --cubins) cubins=$2; shift 2 ;;
    *) break ;;
  esac
done
families=("$@")
[ $# -gt 0 ] || mapfile -t families < <(cd kernels && ls *.cu | sed 's/\.cu$//')

flags="-std=c++17 -O3 --fmad=true"
devices="sm_75 sm_80 sm_86 sm_89 sm_90a"
for candidate in "${OT_CUDA_PREFIX:-}/bin" artifacts/cuda-12.4/bin; do
  [ -x "$candidate/nvcc" ] && { tools=$(realpath "$candidate"); break; }
done
[ -n "${tools:-}" ] || tools=$(dirname "$(command -v nvcc)") || { echo "no nvcc: tools/cuda-toolchain.sh gets the pinned one" >&2; exit 3; }
host=$(command -v g++-12 || command -v g++)
mkdir -p "$to" ${cubins:+"$cubins"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

hash_of() { # family, architecture: the family, all it may include, and the flags, without carriage returns
  { cat "kernels/$1.cu" kernels/common/*.cuh; printf '%s %s' "$flags" "$2"; } | tr -d '\r' | sha256sum | cut -d ' ' -f 1
}

build() { # family, architecture
  local ptx="$work/$1.$2.ptx"
  # Relative names and no comments of the compiler: nothing of this machine gets in.
  (cd kernels && "$tools/nvcc" -ccbin "$host" $flags -arch="$2" -ptx -I . -o "$ptx" "$1.cu")
  {
    echo "// OtEngine $1 $2 sources sha256:$(hash_of "$1" "$2")"
    grep -v '^//' "$ptx"
  } >"$to/$1.$2.ptx"
  for device in $devices; do
    [ "${device//[!0-9]/}" -ge "${2//[!0-9]/}" ] || continue
    "$tools/ptxas" -arch="$device" -v -o "$work/$1.$2.$device.cubin" "$to/$1.$2.ptx" 2>&1 |
      awk -v family="$1" -v arch="$2" -v device="$device" '
        /Compiling entry function/ { split($0, q, "\047"); entry = q[2] }
        /bytes stack frame/ { stack = $1; spill = $5 + $9 }
        /Used [0-9]+ registers/ {
          match($0, /Used [0-9]+ registers/); registers = substr($0, RSTART + 5, RLENGTH - 15)
          shared = 0
          if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART, RLENGTH - 11)
          printf "%s,%s,%s,%s,%d,%d,%d,%d\n", family, arch, device, entry, registers, spill, stack, shared
        }'
    [ -z "$cubins" ] || cp "$work/$1.$2.$device.cubin" "$cubins/$1.$device.cubin"
  done | LC_ALL=C sort >"$work/$1.$2.csv"
}
export -f build hash_of
export flags devices tools host to cubins work

for family in "${families[@]}"; do
  echo "$family compute_75"
  awk -v family="$family" '$1 == family { print $1, $2 }' kernels/ptx/variants.txt
done | xargs -P 2 -L 1 bash -euo pipefail -c 'build "$0" "$1"'

# The table keeps the rows of families that were not built.
table="$to/registers.csv"
{
  echo "family,ptx,device,entry,registers,spilled_bytes,stack_bytes,shared_bytes"
  {
    cat "$work"/*.csv
    [ ! -f "$table" ] || awk -F, -v built=" ${families[*]} " 'NR > 1 && index(built, " " $1 " ") == 0' "$table"
  } | LC_ALL=C sort
} >"$work/table"
mv "$work/table" "$table"
awk -F, 'NR > 1 && $6 + 0 > 0 { print "spills: " $0; bad = 1 } END { exit bad }' "$table"
