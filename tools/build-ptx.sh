#!/usr/bin/env bash
# tools/build-ptx.sh [--check | --to FOLDER] [--cubins FOLDER] [FAMILY ...]: kernels/*.cu to PTX, and what ptxas says of registers and spills.
#
# A family is a file kernels/FAMILY.cu; it becomes kernels/ptx/FAMILY.ARCHITECTURE.ptx, and rows of kernels/ptx/registers.csv. Without
# families, all. kernels/ptx/build.txt says with which compiler, flags and architectures. Deterministic: the same sources, the same bytes.
#   --check   builds elsewhere and compares with kernels/ptx
#   --to      builds into FOLDER, with any nvcc from 12 on (the engine embeds it with dotnet build -p:OtPtx=FOLDER)
#   --cubins  also makes FAMILY.DEVICE.cubin in FOLDER
# nvcc is the one in $OT_CUDA_PREFIX/bin or artifacts/cuda-12.4/bin (tools/cuda-toolchain.sh puts it there), or on the PATH.
# Exit status 1: an entry spills, or uses local memory without a reason, or PTX differs; 3: no compiler that will do.
set -euo pipefail
export LC_ALL=C
here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
to=kernels/ptx cubins='' check=''
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=yes; shift ;;
    --to) to=$(cd "$here" && realpath -m "$2"); shift 2 ;;
    --cubins) cubins=$(cd "$here" && realpath -m "$2"); shift 2 ;;
    -*) echo "unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "$check" ] || to=$work/fresh

setting() { sed -n "s/^$1 //p" kernels/ptx/build.txt; }
compiler=$(setting compiler) flags=$(setting flags) devices=$(setting device)

tools=
for candidate in ${OT_CUDA_PREFIX:+"$OT_CUDA_PREFIX/bin"} artifacts/cuda-12.4/bin; do
  [ -n "$tools" ] || [ ! -x "$candidate/nvcc" ] || tools=$(realpath "$candidate")
done
[ -n "$tools" ] || ! command -v nvcc >/dev/null || tools=$(dirname "$(command -v nvcc)")
[ -n "$tools" ] || { echo "no nvcc: tools/cuda-toolchain.sh gets the pinned one" >&2; exit 3; }
version=$("$tools/nvcc" --version | sed -nE 's/.* V([0-9.]+)$/\1/p')
[ "${version%%.*}" -ge 12 ] || { echo "nvcc $version is too old: 12.0 is the least" >&2; exit 3; }
if [ "$version" != "$compiler" ] && { [ -n "$check" ] || [ "$to" -ef kernels/ptx ]; }; then
  echo "nvcc $version is not $compiler, which alone makes kernels/ptx; use --to FOLDER, or tools/cuda-toolchain.sh" >&2
  exit 3
fi
host=$(command -v g++-12 || command -v g++) || { echo "no g++" >&2; exit 3; }

all=()
for source in kernels/*.cu; do
  all+=("$(basename "$source" .cu)")
done
families=("$@")
[ $# -gt 0 ] || families=("${all[@]}")
for family in "${families[@]}"; do
  [ -f "kernels/$family.cu" ] || { echo "no kernels/$family.cu" >&2; exit 2; }
done
mkdir -p "$to" ${cubins:+"$cubins"}

number() { local digits=${1//[!0-9]/}; echo "$digits"; }
# Whether a device runs PTX of an architecture; those ending in a letter are for that device alone.
runs() { if [[ $2 == *[a-z] ]]; then [ "${1#sm_}" = "${2#compute_}" ]; else [ "$(number "$1")" -ge "$(number "$2")" ]; fi; }
architectures() { setting baseline; setting "variant $1"; }
# Of a family, all it may include, and the flags; without carriage returns.
hash_of() { { cat "kernels/$1.cu" kernels/common/*.cuh; printf '%s %s' "$flags" "$2"; } | tr -d '\r' | sha256sum | cut -d ' ' -f 1; }

build() { # family, architecture
  local ptx=$work/$1.$2.ptx hash device
  hash=$(hash_of "$1" "$2")
  # Relative names, and without the compiler's comments: nothing of this machine gets in.
  (cd kernels && "$tools/nvcc" -ccbin "$host" $flags -arch="$2" -ptx -I . -o "$ptx" "$1.cu")
  { echo "// OtEngine $1 $2 sources sha256:$hash"; grep -v '^//' "$ptx"; } >"$to/$1.$2.ptx"
  for device in $devices; do
    runs "$device" "$2" || continue
    "$tools/ptxas" -arch="$device" -v -o "$work/$1.$2.$device.cubin" "$to/$1.$2.ptx" >"$work/$1.$2.$device.said" 2>&1 || { cat "$work/$1.$2.$device.said" >&2; exit 1; }
    # Functions that an entry calls report before or after it: what they spill counts for the entry.
    awk -v family="$1" -v arch="$2" -v hash="${hash:0:12}" -v device="$device" '
      function flush() { if (entry != "") printf "%s,%s,%s,%s,%s,%d,%d,%d,%d\n", family, arch, hash, device, entry, registers, spilled, stack, shared }
      /Compiling entry function/ { flush(); split($0, quoted, "\047"); entry = quoted[2]; registers = spilled = stack = shared = 0 }
      /bytes stack frame/ { if ($1 > stack) stack = $1; spilled += $5 + $9 }
      /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+ registers/); registers = substr($0, RSTART + 5, RLENGTH - 15)
        if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART, RLENGTH - 11)
        if (match($0, /[0-9]+ bytes lmem/) && substr($0, RSTART, RLENGTH - 11) + 0 > stack) stack = substr($0, RSTART, RLENGTH - 11)
      }
      END { flush() }' "$work/$1.$2.$device.said"
  done >"$work/$1.$2.csv"
}
export -f build hash_of number runs
export flags devices tools host to work
for family in "${families[@]}"; do
  for architecture in $(architectures "$family"); do
    echo "$family $architecture"
  done
done | xargs -P "${OT_JOBS:-2}" -L 1 bash -euo pipefail -c 'build "$0" "$1"'

if [ -n "$cubins" ]; then
  for family in "${families[@]}"; do
    for device in $devices; do
      # Of the architectures that it runs, the newest.
      best=
      for architecture in $(architectures "$family" | sort -V); do
        ! runs "$device" "$architecture" || best=$architecture
      done
      cp "$work/$family.$best.$device.cubin" "$cubins/$family.$device.cubin"
    done
  done
fi

# The table. Rows of families that were not built stay; so do reasons for local memory, which people write.
built=$(for family in "${families[@]}"; do for architecture in $(architectures "$family"); do echo "$family.$architecture.ptx"; done; done)
{
  echo "family,ptx,sources,device,entry,registers,spilled_bytes,local_bytes,shared_bytes,reason"
  {
    awk -F, '
      FNR == NR { key = $1 "," $2 "," $4 "," $5; at = $0; for (k = 0; k < 9; k++) sub(/^[^,]*,/, "", at); reason[key] = at; next }
      { key = $1 "," $2 "," $4 "," $5; print $0 "," ($8 > 0 ? reason[key] : "") }' kernels/ptx/registers.csv "$work"/*.csv
    [ $# -eq 0 ] || awk -F, -v built=" ${families[*]} " 'FNR > 1 && index(built, " " $1 " ") == 0' kernels/ptx/registers.csv
  } | sort -t, -k1,2 -k5,5 -k4,4
} >"$work/table"
mv "$work/table" "$to/registers.csv"
if [ $# -eq 0 ]; then
  # What no family makes any more.
  for file in "$to"/*.ptx; do
    grep -qxF "$(basename "$file")" <<<"$built" || rm "$file"
  done
fi

status=0
if [ -n "$check" ]; then
  for file in $built; do
    cmp "$to/$file" "kernels/ptx/$file" || status=1
  done
  diff "$to/registers.csv" kernels/ptx/registers.csv || status=1
  if [ $# -eq 0 ]; then
    for file in kernels/ptx/*.ptx; do
      grep -qxF "$(basename "$file")" <<<"$built" || { echo "no kernel makes $file"; status=1; }
    done
  fi
  [ "$status" = 0 ] || echo "kernels/ptx is not what tools/build-ptx.sh makes"
fi
awk -F, 'FNR > 1 && ($7 > 0 || $8 > 0 && $10 == "") { print ($7 > 0 ? "spills: " : "local memory without a reason: ") $0; bad = 1 } END { exit bad }' "$to/registers.csv" || status=1
exit "$status"
