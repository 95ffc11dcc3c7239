#!/usr/bin/env bash
# ./build.sh [--target Build|Test|Bench|Pack], with nothing installed but the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet tool restore --verbosity quiet
exec dotnet cake build.cake "$@"
