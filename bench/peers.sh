#!/bin/sh
# Searches made codes with Suraag and with FAISS, turn by turn in one run on one thread each,
# and prints the times and how many times ours the peer's are.
#
#   bench/peers.sh                        1,000,000 codes
#   bench/peers.sh --codes 10000000       11 GB of memory, some 20 minutes
#   bench/peers.sh --json > peers.json
#
# Needs Debian's libfaiss-dev and g++. Other flags are those of "suraag bench".
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v g++ >/dev/null 2>&1 || [ ! -f /usr/include/faiss/IndexBinaryHash.h ]; then
    echo "FAISS or a C++ compiler is not installed: apt-get install libfaiss-dev g++" >&2
    exit 1
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
g++ -O2 -std=c++17 -fopenmp "$here/faiss.cpp" -o "$made/faiss" -lfaiss -llapack -lblas
(cd "$here/.." && go build -trimpath -o "$made/suraag" .)
"$made/suraag" bench --part search --peer "$made/faiss" "$@"
