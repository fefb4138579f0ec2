#!/bin/sh
# Cuts off what a crash has left half-written at the end of the append-only file of Redis or Valkey, back to
# the last whole transaction. Run it as the user of the server, before the server starts.
#
# What is cut off was never answered with success. It is kept beside the file, as `<file>.cut-at-<offset>`.
# More than MOST bytes is not what a crash leaves behind: then nothing is cut, and somebody has to look.
set -eu

most=${2:-16777216}
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -d "$1" ] || ! [ "$most" -ge 0 ] 2> /dev/null; then
  echo "usage: mend-aof.sh DIRECTORY [MOST]
  DIRECTORY  'dir' of redis.conf
  MOST       bytes that may be cut off at most; 16777216 when left out" >&2
  exit 2
fi
check=$(command -v redis-check-aof || command -v valkey-check-aof) || {
  echo 'mend-aof.sh: neither redis-check-aof nor valkey-check-aof is installed' >&2
  exit 1
}

# Redis 7 and later, and Valkey, have a manifest of several files; Redis 6 has one file.
for aof in "$1"/*/*.manifest "$1"/*.aof; do
  [ -s "$aof" ] || continue
  if report=$("$check" "$aof" 2>&1); then continue; fi
  torn=$(printf '%s\n' "$report" | sed -n 's/^AOF analyzed: \(.*diff=[1-9].*\)/\1/p')
  name=$(printf '%s\n' "$torn" | sed -n 's/.*filename=\([^,]*\),.*/\1/p')
  whole=$(printf '%s\n' "$torn" | sed -n 's/.*ok_up_to=\([0-9]*\),.*/\1/p')
  bytes=$(printf '%s\n' "$torn" | sed -n 's/.*diff=\([0-9]*\).*/\1/p')
  if [ -z "$whole" ] || [ -z "$bytes" ] || [ "$bytes" -gt "$most" ]; then
    printf '%s\n' "$report" >&2
    echo "mend-aof.sh: $aof: this is not what a crash leaves; nothing was changed" >&2
    exit 1
  fi
  file=$(dirname "$aof")/${name:-$(basename "$aof")}
  tail -c "$bytes" "$file" > "$file.cut-at-$whole"
  if ! said=$(echo y | "$check" --fix "$aof" 2>&1); then
    printf '%s\n' "$said" >&2
    echo "mend-aof.sh: $aof: $check could not mend it" >&2
    exit 1
  fi
  echo "mend-aof.sh: $file: cut off $bytes bytes behind byte $whole"
done
