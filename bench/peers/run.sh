#!/usr/bin/env bash
# bench/peers/run.sh [exact|entropic|gromov|sliced [machine [row ...]]]: writes bench/results/<machine>/peers-<suite>.md. Takes some ten minutes for all rows of one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
suite=${1:-exact}
machine=${2:-$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')-$(nproc)core}
shift $(($# < 2 ? $# : 2))
dotnet build -c Release bench/OtEngine.Bench --nologo -v quiet
exec /usr/bin/python3 -B bench/peers/peers.py "$suite" bench/OtEngine.Bench/bin/Release/net10.0/OtEngine.Bench.dll "bench/results/$machine/peers-$suite.md" "$@"
