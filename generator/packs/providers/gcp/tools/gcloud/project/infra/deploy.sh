#!/usr/bin/env bash
# Brings a stage to what is written here: creates what is missing, changes what differs, removes
# what no function needs any more. Usage: infra/deploy.sh STAGE
set -euo pipefail
cd "$(dirname "$0")/.."
for file in infra/lib/*.sh; do
  # shellcheck source=/dev/null
  source "$file"
done

# run FOLDER: every file in it; there may be none.
run() {
  local file
  for file in "$1"/*.sh; do
    [ -f "$file" ] || continue
    # shellcheck source=/dev/null
    source "$file"
  done
}

open_stage "${1:-}"
need_archives
ensure_apis
ensure_build
ensure_channel
run infra/sources
run infra/functions
revoke_the_unused
remove_the_unused
print_outputs
