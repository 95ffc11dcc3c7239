#!/usr/bin/env bash
# bench/peers/run.sh [machine [row ...]]: writes bench/results/<machine>/peers-exact.md. Takes some ten minutes for all rows.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
machine=${1:-$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')-$(nproc)core}
shift || true
dotnet build -c Release bench/OtEngine.Bench --nologo -v quiet
exec /usr/bin/python3 -B bench/peers/peers.py bench/OtEngine.Bench/bin/Release/net10.0/OtEngine.Bench.dll "bench/results/$machine/peers-exact.md" "$@"
