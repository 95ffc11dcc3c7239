#!/usr/bin/env bash
# ./run.sh [--out FOLDER] [--scale S] [--torch cuda|cpu]: checks and times OtEngine on this machine's CUDA device, in less than nine minutes.
# FOLDER (default: results) receives results.md and results.json, and what every step wrote. S divides the sizes that are timed, for devices that
# are slow; --torch says where the peers run. OTENGINE_CUDA_DRIVER names another driver's library than the system's.
# OT_BUNDLE_SECONDS is the time for everything, 520 unless told. Every step has a limit, and one that fails leaves the others' results: exit status 0 all right, 1 a step failed or did not end in time, 2 a word
# of the command line, 3 no device.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=results scale=1 torch=cuda
while [ $# -gt 0 ]; do
  case $1 in
    --out | --scale | --torch) [ $# -gt 1 ] || { echo "$1 needs a value" >&2; exit 2; } ;;&
    --out) out=$2 ;;
    --scale) scale=$2 ;;
    --torch) torch=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[[ $scale =~ ^[1-9][0-9]{0,3}$ ]] && [ "$scale" -le 1024 ] || { echo "--scale is '$scale'; 1 to 1024 is needed" >&2; exit 2; }
[[ $torch =~ ^(cuda|cpu)$ ]] || { echo "--torch is '$torch'; cuda or cpu is needed" >&2; exit 2; }
mkdir -p "$out" && out=$(cd "$out" && pwd) && [ -w "$out" ] || { echo "$out cannot be written" >&2; exit 2; }
ot=$here/ot/ot
size=$((4096 / scale > 64 ? 4096 / scale : 64))
status=0
start=$(date +%s)
all=${OT_BUNDLE_SECONDS:-520} # seconds for everything, of which no step takes more than is left
rm -f "$out"/*.json "$out"/*.md "$out"/*.txt "$out"/*.npz
: >"$out/steps.txt"
exec 3>&1

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
left() { echo $((start + all - $(date +%s))); }

# What a step came to, on the screen and for the report: name, seconds, verdict.
note() {
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$out/steps.txt"
  echo "$1: $3 ($2 s)" >&3
}

# step NAME LIMIT COMMAND...: runs a command within its limit; its standard output goes where the caller says. A process that does not heed the
# end of its time is killed two seconds later.
step() {
  local name=$1 limit=$2 before code=0
  shift 2
  [ "$limit" -le "$(left)" ] || limit=$(left)
  if [ "$limit" -lt 1 ]; then
    status=1
    note "$name" 0 "not begun: the time for everything is over"
    return 124
  fi
  before=$(date +%s)
  timeout -k 2 "$limit" "$@" || code=$?
  case $code in
    0) note "$name" $(($(date +%s) - before)) "ok" ;;
    124 | 137) status=1; note "$name" $(($(date +%s) - before)) "NOT FINISHED within $limit s" ;;
    *) status=1; note "$name" $(($(date +%s) - before)) "FAILED with exit code $code" ;;
  esac
  return "$code"
}

code=0
timeout -k 2 30 "$ot" doctor --device cuda --json >"$out/doctor.json" 2>"$out/doctor.txt" || code=$?
if [ "$code" != 0 ]; then
  timeout -k 2 30 "$ot" doctor --device cuda >&2
  [ "$code" != 124 ] || echo "ot doctor did not end within 30 s" >&2
  echo "There is no CUDA device to check; OTENGINE_CUDA_DRIVER can name another driver's library than the system's libcuda.so.1." >&2
  exit 3
fi
timeout -k 2 30 "$ot" doctor --device cuda >"$out/doctor.txt" 2>&1

# Cold start: a process from nothing to its first answer, and the same on the CPU, which says what of it is the process.
printf '0,0\n1,0\n0,2\n3,1\n' >"$out/x.csv"
printf '1,1\n2,0\n0,1\n' >"$out/y.csv"
cold() { # device
  local best=999999 before took
  for _ in 1 2 3; do
    before=$(milliseconds)
    timeout -k 2 10 "$ot" solve --x "$out/x.csv" --y "$out/y.csv" --method sinkhorn --device "$1" --json >/dev/null || return 1
    took=$(($(milliseconds) - before))
    [ "$took" -ge "$best" ] || best=$took
  done
  echo "$best"
}
before=$(date +%s)
cold_cuda=$(cold cuda) && cold_cpu=$(cold cpu)
if [ -n "$cold_cuda" ] && [ -n "${cold_cpu:-}" ]; then
  note "cold start" $(($(date +%s) - before)) "ok"
else
  status=1
  note "cold start" $(($(date +%s) - before)) "FAILED"
fi

# Every verb against the reference in double.
step "ot verify" 80 "$ot" verify --device cuda --size "$size" --out "$out/verify.md" --json >"$out/verify.json"
# Timings and limits.
step "ot bench" 170 "$ot" bench --device cuda --timeout 160 --suite full --scale "$scale" --out "$out/bench.md" --inputs "$out/inputs.npz" --json >"$out/bench.json"

# Peers, on the inputs of ot bench.
if ! [ -s "$out/inputs.npz" ]; then
  note "torch" 0 "skipped: ot bench left no inputs"
elif ! command -v python3 >/dev/null || ! timeout -k 2 60 python3 -c 'import torch' 2>/dev/null; then
  note "torch" 0 "skipped: no python3 with torch"
elif [ "$torch" = cuda ] && ! timeout -k 2 60 python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  note "torch" 0 "skipped: torch sees no CUDA device"
else
  step "torch" 75 python3 "$here/torch_peers.py" "$out/inputs.npz" "$out/torch.json" --device "$torch" >"$out/torch.txt" 2>&1
fi

# compute-sanitizer over every kernel that the verbs launch, in what time is left.
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2>/dev/null | head -1 || true)
tools=(memcheck racecheck initcheck synccheck)
for k in "${!tools[@]}"; do
  tool=${tools[$k]}
  if [ -z "$sanitizer" ]; then
    note "compute-sanitizer $tool" 0 "skipped: there is no compute-sanitizer"
    continue
  fi
  share=$(($(left) / (${#tools[@]} - k)))
  step "compute-sanitizer $tool" "$share" "$sanitizer" --tool "$tool" --error-exitcode 9 "$ot" verify --device cuda --size 0 --json >"$out/sanitizer-$tool.txt" 2>&1
  summary=$(grep -h 'SUMMARY' "$out/sanitizer-$tool.txt" | tail -1 | sed 's/^=* *//' | head -c 200)
  [ -z "$summary" ] || sed -i "s|^\(compute-sanitizer $tool\t.*\)|\1; ${summary//[|&\\]/ }|" "$out/steps.txt"
done

seconds=$(($(date +%s) - start))

# The rows of the project's table of targets: what ot bench calls them, the target at full size, whose time stands beside it.
cell() { # file, first words of the row, type, number of the cell
  [ ! -s "$1" ] || awk -F ' *[|] *' -v words="$2" -v type="$3" -v at="$4" 'index($2, words) == 1 && (type == "" || $3 == type) { print $at; exit }' "$1"
}
peer() { # part, number of it
  [ ! -s "$out/torch.json" ] || sed -nE "s/.*\"$1\": \{[^}]*\"$2\": ([0-9.e+-]+).*/\1/p" "$out/torch.json"
}
in_milliseconds() { [ -z "$1" ] || awk -v s="$1" 'BEGIN { printf "%.3g ms", 1000 * s }'; }
row() { # work, time, share of the limit, target, peer, its time
  echo "| $1 | ${2:--} | ${3:--} | $4 | $5 | ${6:--} |"
}
measured() { # words, type, target, peer, its time
  local name
  name=$(cell "$out/bench.md" "$1" "$2" 2)
  row "${name:-$1}" "$(cell "$out/bench.md" "$1" "$2" 4)" "$(cell "$out/bench.md" "$1" "$2" 8)" "$3" "$4" "${5:-}"
}
targets() {
  echo "| work | time | share of the limit | target at scale 1 | peer | its time |"
  echo "|---|---|---|---|---|---|"
  measured "sweep, dense" float32 "80 % of the copy" "-"
  measured "sweep, points ${points:=$(cell "$out/bench.md" "sweep, points" float32 2 | sed -E 's/.*points ([0-9]+).*/\1/')} d 64" float32 "half the peer's" "torch, log domain, by chunks" "$(in_milliseconds "$(peer points seconds_of_sweep)")"
  measured "points " float32 "a tenth of the peer's" "the same, sweeps to that error" "$(in_milliseconds "$(peer points seconds)")"
  measured "100 sweeps" float32 "3 ms" "torch, log domain, all at once" "$(in_milliseconds "$(peer batch seconds)")"
  measured "exact ${exact:=$(cell "$out/bench.md" "exact" float64 2 | sed -E 's/exact ([0-9]+).*/\1/')} " float64 "0.1 s" "-"
  measured "exact $((2 * ${exact:-0})) " float64 "0.3 s" "-"
  measured "sliced" float32 "4 ms" "torch.sort of the same projections" "$(in_milliseconds "$(peer sort seconds_of_sort)")"
  measured "Gromov" float32 "0.3 s" "-"
  measured "$(awk -F ' *[|] *' '$2 ~ / assignments of / { print $2; exit }' "$out/bench.md" 2>/dev/null)" float32 "8 ms" "-"
  measured "call" float32 "20 us" "-"
  row "cold start (the same on the CPU: ${cold_cpu:--} ms)" "${cold_cuda:--} ms" "-" "0.5 s" "-" ""
}

{
  echo "# OtEngine on a CUDA device"
  echo
  echo "Made by \`run.sh --scale $scale\` of the verification bundle on $(date -u +%F), commit $(cat "$here/COMMIT" 2>/dev/null || echo unknown), in $seconds s."
  echo
  echo '```'
  # Where the loader looked for a cuBLAS stands in doctor.txt.
  awk '/^  cuBLAS libraries tried/ { skip = 1 } /^  cuBLAS, which/ { skip = 0 } !skip' "$out/doctor.txt"
  echo '```'
  echo
  echo "## Steps"
  echo
  echo "| step | seconds | verdict |"
  echo "|---|---|---|"
  awk -F '\t' '{ printf "| %s | %s | %s |\n", $1, $2, $3 }' "$out/steps.txt"
  echo
  echo "## Targets"
  echo
  targets
  echo
  sed 's/^# /## /' "$out/verify.md" 2>/dev/null
  echo
  sed 's/^# /## /' "$out/bench.md" 2>/dev/null
  if [ -s "$out/torch.json" ]; then
    echo
    echo "## Torch, on the same inputs"
    echo
    echo '```json'
    cat "$out/torch.json"
    echo '```'
  fi
} >"$out/results.md"
# A file that ends within an object is of a step that was killed.
object() { if [ -s "$1" ] && [ "$(tail -c 2 "$1")" = "}" ]; then cat "$1"; else echo null; fi; }
{
  echo "{\"status\":$status,\"seconds\":$seconds,\"scale\":$scale,\"cold_start_milliseconds\":${cold_cuda:-null},\"cold_start_cpu_milliseconds\":${cold_cpu:-null},"
  echo "\"steps\":[$(sed 's/["\\]//g' "$out/steps.txt" | awk -F '\t' '{ printf "%s{\"name\":\"%s\",\"seconds\":%s,\"verdict\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2, $3 }')],"
  echo "\"doctor\":$(object "$out/doctor.json"),\"verify\":$(object "$out/verify.json"),\"bench\":$(object "$out/bench.json"),\"torch\":$(object "$out/torch.json")}"
} >"$out/results.json"
rm -f "$out/inputs.npz" "$out/x.csv" "$out/y.csv" "$out/torch.json.part"
echo "$out/results.md and results.json in $seconds s, status $status"
exit "$status"
