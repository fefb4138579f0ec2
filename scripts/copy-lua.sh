#!/bin/sh
# Puts the scripts that run in Redis beside the code that loads them; tsc copies no other files.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build/src/store/redis/lua
cp src/store/redis/lua/*.lua build/src/store/redis/lua/
