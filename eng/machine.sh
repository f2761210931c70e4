# What the build needs from the machine it runs on. Sourced by build.sh.

readonly SETTINGS=.packages.props
readonly NATIVE_PACKAGES=(g++ cmake libtorch-dev libopenblas0-openmp)
readonly BROWSER=/usr/bin/chromium

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

require_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is not on PATH. Ubuntu: sudo apt-get install dotnet-sdk-10.0; others: https://dot.net/download"
  local version; version=$(dotnet --version)
  [ "${version%%.*}" -ge 10 ] || fail "the .NET SDK on PATH is $version; this project needs 10.0 or newer: https://dot.net/download"
}

remembered_mode() { [ ! -f "$SETTINGS" ] || sed -n 's:.*<PackageMode[^>]*>\([a-z]*\)</PackageMode>.*:\1:p' "$SETTINGS"; }

# The real packages if they restore, else the stand-ins; asked once and remembered.
choose_package_mode() {
  local mode="${PackageMode:-$(remembered_mode)}"
  if [ -z "$mode" ]; then
    say "Looking whether the real packages restore ..."
    if real_packages_restore; then mode=nuget; else mode=standins; fi
    say "PackageMode=$mode"
  fi
  cat > "$SETTINGS.new" <<XML
<Project><PropertyGroup><PackageMode Condition="'\$(PackageMode)' == ''">$mode</PackageMode></PropertyGroup></Project>
XML
  if cmp -s "$SETTINGS.new" "$SETTINGS"; then rm "$SETTINGS.new"; else mv "$SETTINGS.new" "$SETTINGS"; fi
  [ "$mode" = nuget ] || install_native
}

real_packages_restore() {
  local log=.build/restore.log
  mkdir -p .build
  if dotnet restore eng/PackageProbe --nologo -p:PackageMode=nuget >"$log" 2>&1; then return 0; fi
  say "The real packages do not restore here:"
  grep -m 2 -oE 'error [A-Z0-9]+:.*' "$log" | cut -c1-200 | sed 's/^/  /' || tail -n 2 "$log"
  say "so the project is built on its own stand-ins (standins/README.md). To ask again, delete $SETTINGS."
  return 1
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

missing_native() {
  local package
  command -v dpkg-query >/dev/null || return 0
  for package in "${NATIVE_PACKAGES[@]}"; do
    case "$package" in
      g++ | cmake) command -v "$package" >/dev/null || printf '%s ' "$package" ;;
      *) [ -n "${LIBTORCH:-}" ] || is_installed "$package" || printf '%s ' "$package" ;;
    esac
  done
}

install_native() {
  local missing
  missing=$(missing_native)
  if ! command -v apt-get >/dev/null; then
    command -v cmake >/dev/null && command -v c++ >/dev/null && [ -n "${LIBTORCH:-}" ] ||
      fail "this is no Debian or Ubuntu: install a C++ compiler, cmake and libtorch yourself and set LIBTORCH to its directory."
    return 0
  fi
  # shellcheck disable=SC2086 # a list of names
  [ -z "$missing" ] || install_packages $missing
}

# The chat page is tested in a real browser; without one those tests are skipped.
install_browser() {
  if [ ! -x "$BROWSER" ] && command -v apt-get >/dev/null; then install_packages chromium; fi
}

install_packages() {
  local as_root=()
  mkdir -p .build
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  say "Installing $* ..."
  { "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "$@"; } >.build/apt.log 2>&1 ||
    { tail -n 5 .build/apt.log >&2; fail "could not install: $*. Install it yourself: sudo apt-get install $*"; }
}

# Builds against a libtorch with CUDA: the package's, or the one that LIBTORCH or an installed PyTorch has.
use_cuda() {
  command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1 || fail "no NVIDIA GPU answers on this machine (nvidia-smi)."
  local mode="${PackageMode:-$(remembered_mode)}"
  if [ "$mode" != standins ]; then export TorchBackend=cuda; return 0; fi
  if [ -z "${LIBTORCH:-}" ]; then
    LIBTORCH=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null) ||
      fail "set LIBTORCH to the directory of a libtorch with CUDA (the one that holds include and lib)."
    export LIBTORCH
  fi
  ls "$LIBTORCH"/lib/libtorch_cuda* >/dev/null 2>&1 || fail "the libtorch in $LIBTORCH has no CUDA (lib/libtorch_cuda.so is missing)."
  export LD_LIBRARY_PATH="$LIBTORCH/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

# One line for each thing found; a line beginning with -> says what to do about what is missing.
doctor() {
  local mode libtorch='' blas flags=''
  if command -v dotnet >/dev/null; then say ".NET SDK       $(dotnet --version)"; else say ".NET SDK       missing"; say "  -> install .NET 10: https://dot.net/download"; fi
  mode=$(remembered_mode)
  say "package mode   ${PackageMode:-${mode:-not asked yet}}"
  [ -n "$mode" ] || say "  -> ./build.sh build asks once whether the real packages restore"

  if is_installed libtorch-dev; then libtorch=$(dpkg-query -W -f='${Version}' libtorch-dev); fi
  [ -z "${LIBTORCH:-}" ] || libtorch="$(cat "$LIBTORCH/build-version" 2>/dev/null || echo 'version unknown') in $LIBTORCH"
  say "libtorch       ${libtorch:-none on the system (the TorchSharp-cpu package brings its own)}"
  if [ "$mode" = standins ]; then
    local package
    for package in $(missing_native); do say "  -> missing $package: sudo apt-get install $package"; done
  fi

  blas=/etc/alternatives/libblas.so.3-"$(uname -m)"-linux-gnu
  if [ -e "$blas" ]; then blas=$(readlink -f "$blas"); else blas=; fi
  case "$blas" in
    *openblas-openmp*) say "BLAS           OpenBLAS with OpenMP" ;;
    *openblas-pthread*) say "BLAS           OpenBLAS with pthreads"; say "  -> its threads collide with libtorch's: sudo apt-get install libopenblas0-openmp" ;;
    '') say "BLAS           none on the system" ;;
    *) say "BLAS           $blas"; say "  -> slow: sudo apt-get install libopenblas0-openmp" ;;
  esac
  [ -z "${OPENBLAS_CORETYPE:-}" ] || { say "OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE"; say "  -> may choose slower kernels than this processor has: unset OPENBLAS_CORETYPE"; }

  say "processors     $(nproc) (OMP_NUM_THREADS=${OMP_NUM_THREADS:-unset}, OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-unset; the library sets passive})"
  if grep -q '^flags' /proc/cpuinfo; then flags=$(grep -m 1 '^flags' /proc/cpuinfo); fi
  say "AVX-512        $(has "$flags" avx512f)"
  say "AMX bfloat16   $(has "$flags" amx_bf16)"
  if command -v nvidia-smi >/dev/null; then
    say "GPU            $(nvidia-smi --query-gpu=name,memory.total --format=csv,noheader 2>&1 | head -n 1)"
    say "  -> to use it: ./build.sh gpu, or dotnet build -p:TorchBackend=cuda (package mode nuget)"
  else
    say "GPU            none"
  fi
  if [ -x "$BROWSER" ]; then say "browser        $BROWSER"; else say "browser        none"; say "  -> tests of the chat page are skipped: sudo apt-get install chromium"; fi
  say "free memory    $(awk '/MemAvailable/ { printf "%.1f GB", $2 / 1048576 }' /proc/meminfo 2>/dev/null || echo unknown)"
}

has() { case " $1 " in *" $2 "*) echo yes ;; *) echo no ;; esac; }
