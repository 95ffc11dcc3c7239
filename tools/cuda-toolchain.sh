#!/usr/bin/env bash
# tools/cuda-toolchain.sh [PREFIX]: the pinned CUDA compiler (12.4) into PREFIX (default artifacts/cuda-12.4), for Debian and its kin.
# Packages are downloaded and unpacked, not installed: nothing of the system changes. Running it again does nothing.
# Exit status 3: this machine cannot have it (no apt, or its archive lacks the packages).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
prefix=$(realpath -m "${1:-${OT_CUDA_PREFIX:-artifacts/cuda-12.4}}")
[ -x "$prefix/bin/nvcc" ] && "$prefix/bin/nvcc" --version >/dev/null 2>&1 && { echo "$prefix"; exit 0; }

cannot() { echo "The pinned CUDA compiler is not to be had here: $1" >&2; exit 3; }
command -v apt-get >/dev/null || cannot "no apt-get"
command -v dpkg-deb >/dev/null || cannot "no dpkg-deb"

# The archive this machine already takes its packages from; another suite and component of the same.
archive=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(COMPONENT) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
  awk '$2 == "main" && $1 ~ /debian\/?$/ { print $1; exit }' || true)
[ -n "$archive" ] || cannot "apt knows no Debian archive"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || cannot "no archive keys"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,state,debs,tree}
echo "deb [signed-by=$keys] $archive trixie main non-free" >"$work/sources.list"
touch "$work/status"
apt_options=(
  -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State=$work/state"
  -o "Dir::State::Lists=$work/lists" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
  -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3
)
timeout 180 apt-get -qq "${apt_options[@]}" update || cannot "its archive has no suite trixie"
packages=(nvidia-cuda-toolkit=12.4.131* nvidia-cuda-dev=12.4.127* libnvvm4 libcu++-dev)
(cd "$work/debs" && timeout 900 apt-get -qq "${apt_options[@]}" download "${packages[@]}") || cannot "its archive lacks ${packages[*]}"

for deb in "$work"/debs/*.deb; do
  case $deb in
    # Static libraries and samples of a gigabyte that no kernel needs.
    */nvidia-cuda-dev_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" ./usr/include ;;
    *) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" ;;
  esac
done
rm -rf "$prefix"
mkdir -p "$prefix/bin"
mv "$work/tree/usr/"* "$prefix/"
tool=$prefix/lib/nvidia-cuda-toolkit
cuda_lib=$(dirname "$(find "$prefix/lib" -name 'libnvvm.so*' | head -n 1)")

# nvcc.profile points into /etc; this one is relative to where nvcc lies.
rm -f "$tool/bin/nvcc.profile"
cat >"$tool/bin/nvcc.profile" <<'PROFILE'
CICC_PATH        = $(_HERE_)
NVVMIR_LIBRARY_DIR = $(_HERE_)/../libdevice
PATH            += $(_HERE_):$(_HERE_)/../../../bin:
INCLUDES        +=  "-I$(_HERE_)/../../../include" $(_SPACE_)
PROFILE
rm -f "$prefix/bin/nvcc"
printf '#!/bin/sh\nLD_LIBRARY_PATH="%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "%s" "$@"\n' "$cuda_lib" "$tool/bin/nvcc" >"$prefix/bin/nvcc"
chmod +x "$prefix/bin/nvcc"
"$prefix/bin/nvcc" --version | tail -n 2 | head -n 1 >&2
echo "$prefix"
