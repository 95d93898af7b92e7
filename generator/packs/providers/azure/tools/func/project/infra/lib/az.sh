# shellcheck shell=bash
# The Azure CLI. Where a call fails, so does the whole program, and says which call.

NEWLINE=$'\n'
TAB=$'\t' # between two values of an answer
MISSING=3 # what `az ... show` exits with, where there is no such thing

say() {
  echo "$*" >&2
}

stop() {
  say "$*"
  exit 2
}

# A call that failed ends the program, even where `set -e` would not: in a condition, say.
give_up() {
  cat "$WORK/error" >&2
  say "failed: az ${*%%"$NEWLINE"*}" # the beginning of what may be a long document
  exit 1
}

# One subscription all the way, whatever becomes of the one that is selected.
call() {
  az "$@" --subscription "$SUBSCRIPTION" 2>"$WORK/error"
}

# ask COMMAND...: prints what it answers, and nothing for null.
ask() {
  local answer
  answer=$(call "$@" --output tsv) || give_up "$@"
  printf '%s\n' "$answer" | sed '/^None$/d; /^$/d'
}

# look COMMAND...: the same for a `show`, and prints nothing where there is nothing.
look() {
  local answer code=0
  answer=$(call "$@" --output tsv) || code=$?
  case $code in
    0) printf '%s\n' "$answer" | sed '/^None$/d; /^$/d' ;;
    "$MISSING") ;;
    *) give_up "$@" ;;
  esac
}

# change COMMAND...: for a call whose answer is of no interest.
change() {
  call "$@" --output none >/dev/null || give_up "$@"
}

# insist WHAT COMMAND...: for up to five minutes, whatever Azure answers: what was made a moment ago, a role
# or a function, is not known everywhere yet. Only what the CLI itself does not understand ends at once.
insist() {
  local what=$1 tries=1 code
  shift
  while true; do
    code=0
    "$@" >/dev/null || code=$?
    [ "$code" -ne 0 ] || return 0
    if [ "$code" -eq 2 ] || [ "$tries" -eq 20 ]; then
      cat "$WORK/error" >&2
      say "failed: $what"
      exit 1
    fi
    [ "$tries" -gt 1 ] || say "$what: waiting until it can be done"
    tries=$((tries + 1))
    sleep 15
  done
}

# put ID API_VERSION JSON: the whole of a resource that the CLI has no command of its own for.
put() {
  change resource create --id "$1" --api-version "$2" --is-full-object --properties "$3"
}
