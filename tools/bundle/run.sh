#!/usr/bin/env bash
# ./run.sh [--out FOLDER] [--scale S]: checks and times OtEngine on this machine's CUDA device, in less than nine minutes.
# FOLDER (default: results) receives results.md and results.json. S divides the sizes that are timed, for devices that are slow.
# OTENGINE_CUDA_DRIVER names another driver's library than the system's. Exit status: 0 all right, 1 something failed, 3 no device.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=results scale=1
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    --scale) scale=$2; shift 2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
out=$(cd "$out" && pwd)
ot=$here/ot/ot
size=$((4096 / scale > 64 ? 4096 / scale : 64))
status=0
start=$(date +%s)
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

"$ot" doctor --device cuda --json >"$out/doctor.json" 2>"$out/doctor.txt" || {
  "$ot" doctor --device cuda
  echo "There is no CUDA device to check; OTENGINE_CUDA_DRIVER can name another driver's library than the system's libcuda.so.1." >&2
  exit 3
}

# Cold start: a process from nothing to its first answer, and the same on the CPU, which says what of it is the process.
printf '0,0\n1,0\n0,2\n3,1\n' >"$out/x.csv"
printf '1,1\n2,0\n0,1\n' >"$out/y.csv"
cold() { # device
  local best=999999 before took
  for _ in 1 2 3; do
    before=$(milliseconds)
    "$ot" solve --x "$out/x.csv" --y "$out/y.csv" --method sinkhorn --device "$1" --json >/dev/null || return 1
    took=$(($(milliseconds) - before))
    [ "$took" -ge "$best" ] || best=$took
  done
  echo "$best"
}
cold_cuda=$(cold cuda) || status=1
cold_cpu=$(cold cpu) || status=1

echo "conformance: every verb against the reference in double"
timeout 100 "$ot" verify --device cuda --size "$size" --out "$out/verify.md" --json >"$out/verify.json" || { status=1; echo "ot verify FAILED"; }

echo "timings and limits"
timeout 180 "$ot" bench --device cuda --timeout 150 --suite full --scale "$scale" --out "$out/bench.md" --inputs "$out/batch.npz" --json >"$out/bench.json" || { status=1; echo "ot bench FAILED"; }

# compute-sanitizer over every kernel that the verbs launch.
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2>/dev/null | head -1 || true)
: >"$out/sanitizer.txt"
if [ -n "$sanitizer" ]; then
  for tool in memcheck racecheck initcheck synccheck; do
    if timeout 50 "$sanitizer" --tool "$tool" --error-exitcode 9 "$ot" verify --device cuda --size 0 --json >"$out/sanitizer-$tool.txt" 2>&1; then
      echo "$tool: no errors" >>"$out/sanitizer.txt"
    else
      code=$?
      status=1
      [ "$code" != 124 ] || echo "$tool: not finished within 50 s" >>"$out/sanitizer.txt"
      [ "$code" = 124 ] || echo "$tool: FAILED ($code): $(grep -m1 -E 'ERROR SUMMARY|=========' "$out/sanitizer-$tool.txt" | head -c 200)" >>"$out/sanitizer.txt"
    fi
  done
else
  echo "not run: there is no compute-sanitizer" >>"$out/sanitizer.txt"
fi

# A peer: torch in the log domain on the batch that ot bench has timed.
if command -v python3 >/dev/null && python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  timeout 50 python3 "$here/torch_batch.py" "$out/batch.npz" >"$out/torch.json" || echo '{"reason":"it failed"}' >"$out/torch.json"
else
  echo '{"reason":"no python3 with torch on a CUDA device"}' >"$out/torch.json"
fi

seconds=$(($(date +%s) - start))
{
  echo "# OtEngine on a CUDA device"
  echo
  echo "Made by \`run.sh --scale $scale\` of the verification bundle on $(date -u +%F), commit $(cat "$here/COMMIT" 2>/dev/null || echo unknown), in $seconds s."
  echo
  echo '```'
  "$ot" doctor --device cuda
  echo '```'
  echo
  echo "Cold start, a process from nothing to the answer of a small problem: $cold_cuda ms on the device, $cold_cpu ms on the CPU."
  echo
  sed 's/^# /## /' "$out/verify.md" 2>/dev/null
  echo
  echo "## compute-sanitizer"
  echo
  cat "$out/sanitizer.txt"
  echo
  echo "## Torch, log domain, the same batch"
  echo
  echo '```json'
  cat "$out/torch.json"
  echo '```'
  echo
  sed 's/^# /## /' "$out/bench.md" 2>/dev/null
} >"$out/results.md"
object() { if [ -s "$1" ]; then cat "$1"; else echo null; fi; }
quoted() { sed 's/["\\]//g; s/.*/"&",/' "$1" | tr -d '\n' | sed 's/,$//'; }
{
  echo "{\"status\":$status,\"seconds\":$seconds,\"scale\":$scale,\"cold_start_milliseconds\":${cold_cuda:-null},\"cold_start_cpu_milliseconds\":${cold_cpu:-null},"
  echo "\"sanitizer\":[$(quoted "$out/sanitizer.txt")],"
  echo "\"doctor\":$(object "$out/doctor.json"),\"verify\":$(object "$out/verify.json"),\"bench\":$(object "$out/bench.json"),\"torch\":$(object "$out/torch.json")}"
} >"$out/results.json"
echo "$out/results.md and results.json in $seconds s, status $status"
exit "$status"
