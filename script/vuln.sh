#!/bin/sh
# Looks for known vulnerabilities in what this program calls. The list of them is
# fetched anew each time; where it cannot be reached this says so and passes,
# because that says nothing about the program. Anything else that is wrong fails.
set -eu

said=$(mktemp)
trap 'rm -f "$said"' EXIT
if go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... >"$said" 2>&1; then
    cat "$said"
    exit 0
fi
cat "$said"
if grep -q '^govulncheck: fetching vulnerabilities: .*\(no such host\|connection refused\|i/o timeout\|network is unreachable\|connect: no route\)' "$said"; then
    echo "SKIPPED: the database of vulnerabilities cannot be reached from here, so nothing was checked"
    exit 0
fi
exit 1
