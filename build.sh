#!/usr/bin/env bash
# One script for a fresh machine: installs what is missing, finds out which packages restore, builds, runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source eng/machine.sh

usage() {
  cat <<'TEXT'
usage: ./build.sh demo [options of samples/SpamFilter]   train the spam filter and use it
       ./build.sh pretrain [options of samples/Pretraining]  pretrain a small language model on Shakespeare
       ./build.sh serve [options of samples/ChatService] serve the filter and a chat model: a page, and OpenAI's API
       ./build.sh load [options of samples/ChatService.Load]  put that service under load and measure
       ./build.sh test [options of dotnet test]          build everything and run all tests
       ./build.sh build                                  build everything
       ./build.sh benchmark [name]                       measure against plain PyTorch
       ./build.sh gpu [name]                             build for CUDA, compare the GPU with the processor, measure there
       ./build.sh doctor                                 what is on this machine, and what to do about what is missing
TEXT
}

build() {
  require_dotnet
  choose_package_mode
  dotnet build MLNetLlm.sln --configuration Release --nologo --verbosity quiet
}

run_tests() {
  local log status=0
  log=$(mktemp)
  dotnet test MLNetLlm.sln --configuration Release --no-build --nologo "$@" 2>&1 | tee "$log" || status=$?
  # The runner closes each test assembly with one line of counts; add them up.
  awk '/Failed: +[0-9]+, +Passed: +[0-9]+, +Skipped: +[0-9]+/ {
         match($0, /Failed: +[0-9]+/);  failed  += substr($0, RSTART + 7, RLENGTH - 7)
         match($0, /Passed: +[0-9]+/);  passed  += substr($0, RSTART + 7, RLENGTH - 7)
         match($0, /Skipped: +[0-9]+/); skipped += substr($0, RSTART + 8, RLENGTH - 8)
       }
       END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$log"
  rm -f "$log"
  return "$status"
}

command="${1:-help}"
[ $# -eq 0 ] || shift
case "$command" in
  demo)
    build
    dotnet run --project samples/SpamFilter --configuration Release --no-build -- "$@" ;;
  pretrain)
    build
    dotnet run --project samples/Pretraining --configuration Release --no-build -- "$@" ;;
  serve)
    build
    exec dotnet run --project samples/ChatService --configuration Release --no-build -- "$@" ;;
  load)
    build
    dotnet run --project samples/ChatService.Load --configuration Release --no-build -- "$@" ;;
  test)
    build
    run_tests "$@" ;;
  build)
    build ;;
  benchmark)
    build
    dotnet run --project benchmarks --configuration Release --no-build -- "$@" ;;
  gpu)
    use_cuda
    build
    dotnet test tests/Models.Tests --configuration Release --no-build --nologo --filter FullyQualifiedName~DeviceSpecifications
    dotnet run --project benchmarks --configuration Release --no-build -- --device cuda --precision BFloat16 "${@:-long-context}" ;;
  doctor)
    doctor ;;
  *)
    usage
    [ "$command" = help ] || exit 2 ;;
esac
