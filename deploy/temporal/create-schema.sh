#!/bin/sh
# Creates the two databases of the Temporal server where they are missing and brings their tables
# to the version of this image. May run at every start.
set -eu

sql() {
  temporal-sql-tool --plugin postgres12_pgx --ep postgresql -p 5432 -u temporal "$@"
}

for name in temporal visibility; do
  database=temporal
  if [ "$name" = visibility ]; then database=temporal_visibility; fi
  sql --db "$database" create
  sql --db "$database" setup-schema -v 0.0
  sql --db "$database" update-schema --schema-name "postgresql/v12/$name"
done
