#!/usr/bin/env bash
# Measures what a newcomer meets: how large the program is, how soon the demo's page answers, how much memory it idles
# in, and how long imports take. Needs go, curl, git and Linux. Prints a table; nothing is left behind.
#
#   docs/measure.sh                    everything that is cheap
#   docs/measure.sh --clone            from git clone to the page too, with the Go caches as they are
#   docs/measure.sh --cold             from git clone to the page too, with empty Go caches (downloads the modules)
#   SERVICES=services.json POSTCODES="a.csv.gz b.csv.gz" docs/measure.sh      imports of these files
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-9}
port=${PORT:-18642}
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  chmod -R u+w "$work" && rm -rf "$work"
}
trap finish EXIT

now() { date +%s%N; }
# took START: milliseconds since then
took() { echo $((($(now) - $1) / 1000000)); }
# stats: the median of the numbers on standard input, then their range
stats() { sort -n | awk '{a[NR]=$1} END {print "median " a[int((NR+1)/2)] " (" a[1] " to " a[NR] ", " NR " runs)"}'; }
row() { printf '%-48s %s\n' "$1" "$2"; }

# page PROGRAM DATA: starts the demo, prints the milliseconds until its page answers, leaves it running as $server
page() {
  local start
  start=$(now)
  "$1" demo --addr "127.0.0.1:$port" --data "$2" >"$work/out" 2>&1 &
  server=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$port/"; do kill -0 "$server"; done
  ms=$(took "$start")
}
stop() { kill "$server"; wait "$server" || true; server=; }
memory() { awk '/VmRSS/ {printf "%.1f MB\n", $2 / 1024}' "/proc/$server/status"; }

row "Go" "$(go version | cut -d' ' -f3,4)"
row "processors" "$(nproc)"
go build -o "$work/handrail" ./cmd/handrail
go build -trimpath -ldflags='-s -w' -o "$work/small" ./cmd/handrail
row "program, go build" "$(awk -v b="$(stat -c %s "$work/handrail")" 'BEGIN {printf "%.1f MB", b / 1e6}')"
row "program, -trimpath -ldflags='-s -w'" "$(awk -v b="$(stat -c %s "$work/small")" 'BEGIN {printf "%.1f MB", b / 1e6}')"

for i in $(seq "$runs"); do
  page "$work/handrail" "$work/demo$i"; echo "$ms" >>"$work/first"; stop
  page "$work/handrail" "$work/demo$i"; echo "$ms" >>"$work/second"; stop
done
row "demo, first start to its page, ms" "$(stats <"$work/first")"
row "demo, later start to its page, ms" "$(stats <"$work/second")"

page "$work/handrail" "$work/idle"
sleep 5 # idle is what is measured
row "demo, memory after 5 s idle (VmRSS)" "$(memory)"
stop
HANDRAIL_TELEGRAM_TOKEN=1:measuring HANDRAIL_TELEGRAM_API_URL=http://127.0.0.1:9 HANDRAIL_ADMIN_ADDR="127.0.0.1:$port" \
  "$work/handrail" serve --data "$work/serve" >"$work/out" 2>&1 &
server=$!
until curl -sf -o /dev/null "http://127.0.0.1:$port/health"; do kill -0 "$server"; done
sleep 5
row "serve on SQLite, memory after 5 s idle (VmRSS)" "$(memory)"
stop

if [ -n "${SERVICES:-}" ]; then
  for i in 1 2 3 4 5; do
    start=$(now); "$work/handrail" import "$SERVICES" --data "$work/import$i" >/dev/null; took "$start" >>"$work/services"
    start=$(now); "$work/handrail" import "$SERVICES" --data "$work/import$i" >/dev/null; took "$start" >>"$work/again"
  done
  row "import $(basename "$SERVICES"), ms" "$(stats <"$work/services")"
  row "import it again, nothing changed, ms" "$(stats <"$work/again")"
fi
for file in ${POSTCODES:-}; do
  rm -f "$work/postcodes"
  for i in 1 2 3; do
    start=$(now); "$work/handrail" postcodes import "$file" --data "$work/post-$(basename "$file")-$i" >"$work/said"; took "$start" >>"$work/postcodes"
  done
  row "postcodes import $(basename "$file"), ms" "$(stats <"$work/postcodes")"
  row "" "$(head -1 "$work/said")"
done

case "${1:-}" in
--clone | --cold)
  if [ "$1" = --cold ]; then
    export GOCACHE="$work/gocache" GOMODCACHE="$work/gomodcache"
  fi
  start=$(now)
  git clone -q . "$work/clone"
  (cd "$work/clone" && go build -o handrail ./cmd/handrail)
  page "$work/clone/handrail" "$work/cloned"
  row "clone, build and first page ($1), s" "$(awk -v ms="$(took "$start")" 'BEGIN {printf "%.1f", ms / 1000}')"
  stop
  ;;
esac
