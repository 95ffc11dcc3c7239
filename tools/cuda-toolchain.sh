#!/usr/bin/env bash
# tools/cuda-toolchain.sh [PREFIX]: the pinned CUDA compiler into PREFIX (default $OT_CUDA_PREFIX, then artifacts/cuda-12.4), and its path on
# standard output. For Debian and its kin: the packages are downloaded from the archive that this machine already uses and unpacked, not
# installed; nothing of the system changes. A minute, 500 MB. Where it is already, nothing is done.
# Exit status 3: this machine cannot have it, and why; 2: PREFIX is in use for something else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
prefix=$(realpath -m "${1:-${OT_CUDA_PREFIX:-artifacts/cuda-12.4}}")
compiler=$(sed -n 's/^compiler //p' kernels/ptx/build.txt)
cannot() { echo "The pinned CUDA compiler $compiler cannot be had here: $1" >&2; exit 3; }
works() { [ -x "$1/bin/nvcc" ] && "$1/bin/nvcc" --version 2>/dev/null | grep -qF " V$compiler"; }
again() { "$@" || { sleep 5; "$@"; } || { sleep 20; "$@"; }; }

! works "$prefix" || { echo "$prefix"; exit 0; }
[ ! -d "$prefix" ] || [ -z "$(ls -A "$prefix")" ] || { echo "$prefix is not empty, and is not this compiler" >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] || cannot "its packages are for x86_64"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || cannot "no apt-get and dpkg-deb; any nvcc from 12.0 on builds a working engine (tools/build-ptx.sh --to)"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || cannot "no $keys"
archive=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(COMPONENT) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
  awk '$2 == "main" && $1 ~ /debian\/?$/ { print $1; exit }' || true)
[ -n "$archive" ] || cannot "apt knows no Debian archive"

# Its neighbour until complete, so that a broken run leaves no half of a compiler.
mkdir -p "$(dirname "$prefix")"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,state,debs,tree}
echo "deb [signed-by=$keys] $archive trixie main non-free" >"$work/sources.list"
touch "$work/status"
apt=(
  apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State=$work/state"
  -o "Dir::State::Lists=$work/lists" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o Dir::Etc::Preferences=/dev/null
  -o Dir::Etc::PreferencesParts=/dev/null -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o Acquire::Retries=3
)
# As root apt would download as a user who may not enter this folder.
[ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)
echo "CUDA compiler $compiler: lists of packages" >&2
again timeout 180 "${apt[@]}" update >&2 || cannot "no lists of suite trixie from this machine's archive"
echo "CUDA compiler $compiler: packages" >&2
packages=("nvidia-cuda-toolkit=$compiler*" "nvidia-cuda-dev=12.4.127*" libnvvm4 libcu++-dev)
(cd "$work/debs" && again timeout 600 "${apt[@]}" download "${packages[@]}" >&2) || cannot "no packages ${packages[*]} from this machine's archive"

for deb in "$work"/debs/*.deb; do
  case $deb in
    # Of the rest, static libraries of a gigabyte, no kernel needs anything.
    */nvidia-cuda-dev_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" ./usr/include ;;
    *) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" ;;
  esac
done
tree=$work/tree/usr
libraries=$(cd "$tree" && dirname "$(find lib -name 'libnvvm.so*' | head -n 1)")
# The package's nvcc.profile is a link into /etc; this one finds everything from where nvcc lies.
rm -f "$tree/lib/nvidia-cuda-toolkit/bin/nvcc.profile" "$tree/bin/nvcc"
cat >"$tree/lib/nvidia-cuda-toolkit/bin/nvcc.profile" <<'PROFILE'
CICC_PATH        = $(_HERE_)
NVVMIR_LIBRARY_DIR = $(_HERE_)/../libdevice
PATH            += $(_HERE_):$(_HERE_)/../../../bin:
INCLUDES        +=  "-I$(_HERE_)/../../../include" $(_SPACE_)
PROFILE
cat >"$tree/bin/nvcc" <<WRAPPER
#!/bin/sh
prefix=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
LD_LIBRARY_PATH="\$prefix/$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "\$prefix/lib/nvidia-cuda-toolkit/bin/nvcc" "\$@"
WRAPPER
chmod +x "$tree/bin/nvcc"
works "$tree" || cannot "what was unpacked does not run"
[ ! -d "$prefix" ] || rmdir "$prefix"
mv "$tree" "$prefix"
echo "$prefix"
