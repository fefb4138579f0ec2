#!/bin/sh
# Puts the scripts that run in Redis beside the code that loads them; tsc copies no other files.
set -eu
cd "$(dirname "$0")/.."
for folder in src/store/redis/lua src/cluster/lua; do
  mkdir -p "build/$folder"
  cp "$folder"/*.lua "build/$folder/"
done
