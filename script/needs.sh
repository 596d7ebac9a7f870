#!/bin/sh
# Installs what the tests need and is not there: a PostgreSQL server, Chromium,
# poppler (which reads our PDFs), vips and ffmpeg (which read pictures and videos
# for us), a SHACL validator for CASE/UCO (npm packages; its test is left out where
# they cannot be reached), and a C compiler for Go's race detector.
# Starts nothing: the tests start and stop their own servers.
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v vips >/dev/null 2>&1 || missing="$missing libvips-tools"
command -v ffmpeg >/dev/null 2>&1 || missing="$missing ffmpeg"
command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"

shacl() {
    [ -d script/shacl/node_modules/rdf-validate-shacl ] && return
    npm ci --prefix script/shacl --no-audit --no-fund --ignore-scripts >/dev/null 2>&1 || echo "the SHACL validator cannot be installed: the test of CASE/UCO is left out"
}
[ -n "$missing" ] || { shacl; exit 0; }

if ! command -v apt-get >/dev/null 2>&1; then
    echo "the tests need:$missing. Install them and run make test again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "installing for the tests:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086 # the list is words
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $missing
shacl
