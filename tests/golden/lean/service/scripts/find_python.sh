#!/bin/sh
# Prints the path of a Python 3.13 that can make virtual environments: from PATH,
# pyenv or uv. Exits 2 and says what to install where there is none.
set -eu

version="3.13"

# Runs the candidate: pyenv's shims and Windows's stubs exist without a Python behind them.
# Debian's python3 may lack ensurepip, without which there is no virtual environment.
usable() {
  [ -n "$1" ] && "$1" - "$version" <<'CHECK' >/dev/null 2>&1
import ensurepip, sys, venv
sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])
CHECK
}

offer() {
  if usable "$1"; then
    command -v "$1"
    exit 0
  fi
}

offer "python$version"
offer python3
offer python
for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
  offer "$candidate"
done
if command -v uv >/dev/null 2>&1; then
  offer "$(uv python find --no-project "$version" 2>/dev/null || true)"
fi

cat >&2 <<MESSAGE
No Python $version with venv and ensurepip was found on PATH, in pyenv or in uv. Install one:
  uv python install $version
  pyenv install $version
  sudo apt-get install python$version-venv    (Debian and Ubuntu)
MESSAGE
exit 2
