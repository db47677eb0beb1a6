#!/bin/sh
# Starts the sign-up for a driver that empties Redis before each run: with an empty Redis the records begin anew, after a
# kill they are found again. SIGNUP is the program, DATA where its records are; with PG=1 they are at DATABASE_URL.
#
#   go build -o /tmp/signup ./house/housetest/signup
#   SIGNUP=/tmp/signup DATA=/tmp/signup-data PRODUCT_CMD=$PWD/house/housetest/signup/start.sh \
#   PRODUCT_SCRIPT=$PWD/house/housetest/signup/script.json ./run-a.sh bench bare grammy_conv product
set -eu
if [ "$(redis-cli -u "$REDIS_URL" dbsize)" = 0 ]; then
  rm -rf "$DATA"
  [ -z "${PG:-}" ] || psql -q "$DATABASE_URL" -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null
fi
[ -z "${PG:-}" ] || export RECORDS_URL="$DATABASE_URL"
exec "$SIGNUP"
