#!/usr/bin/env bash
# tools/bundle/make.sh: artifacts/bundle/otengine-verify.tar.xz, which checks and times the engine on any Linux machine with an NVIDIA driver.
# It carries its own .NET and kernels; nothing else is needed there. See tools/bundle/README.md, which goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
to=artifacts/bundle
most=$((60 << 20))
rm -rf "$to"
mkdir -p "$to/otengine-verify"
# Apart from the solution's own build, whose lock files know no runtime's packages.
dotnet publish src/OtEngine.Cli/OtEngine.Cli.csproj -c Release -r linux-x64 --self-contained true --nologo -v quiet --artifacts-path artifacts/bundle-build \
  -p:PackAsTool=false -p:OtLockFiles="$PWD/artifacts/bundle-build" -p:DebugType=none -p:GenerateDocumentationFile=false -o "$to/otengine-verify/ot"
rm -f "$to"/otengine-verify/ot/*.xml
cp tools/bundle/run.sh tools/bundle/torch_peers.py tools/bundle/README.md "$to/otengine-verify/"
git rev-parse HEAD >"$to/otengine-verify/COMMIT" 2>/dev/null || true
tar -C "$to" -cJf "$to/otengine-verify.tar.xz" otengine-verify
bytes=$(stat -c %s "$to/otengine-verify.tar.xz")
[ "$bytes" -le "$most" ] || { echo "the bundle has $bytes bytes; $most are the most" >&2; exit 1; }
echo "$to/otengine-verify.tar.xz: $bytes bytes"
