#!/bin/sh
# Writes src/wire/generated/ from proto/. The result is committed; a test holds the two equal.
set -eu
cd "$(dirname "$0")/.."
out=${1:-src/wire/generated}
mkdir -p "$out"
npx pbjs -t static-module -w esm -r longlink --dts --no-verify --no-convert --no-delimited --no-typeurl \
  --no-service -o "$out/longlink.js" proto/longlink.proto
