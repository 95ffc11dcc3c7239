#!/usr/bin/env bash
# samples/ManagedCudaInterop/check.sh [OPTIONS OF dotnet build ...]: whether the sample still compiles against ManagedCuda's packages.
# Exit status 0: it does; 1: it does not; 3: the packages cannot be had here. Packages made from ManagedCuda's own source serve too:
# -p:RestoreAdditionalProjectSources=FOLDER, and -p:ManagedCudaVersion=VERSION for another version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
said=$(dotnet restore --nologo -v quiet "$@" 2>&1) || {
  if grep -qE 'NU110[123].* ManagedCuda-|NU1301' <<<"$said"; then
    echo "ManagedCuda-12 and ManagedCuda-CUBLAS do not restore here" >&2
    exit 3
  fi
  echo "$said" >&2
  exit 1
}
exec dotnet build --no-restore --nologo -v quiet -c Release "$@"
