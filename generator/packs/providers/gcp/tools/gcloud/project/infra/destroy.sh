#!/usr/bin/env bash
# Removes a stage. What holds data stays, unless --data is given: then that is deleted, too.
# Usage: infra/destroy.sh STAGE [--data]
set -euo pipefail
cd "$(dirname "$0")/.."
for file in infra/lib/*.sh; do
  # shellcheck source=/dev/null
  source "$file"
done

case ${2:-} in
  '') ;;
  --data) DELETE_DATA=yes ;;
  *) stop "usage: infra/destroy.sh STAGE [--data]" ;;
esac
open_stage "${1:-}"
revoke_the_unused # nothing was said to be in use
remove_the_unused
