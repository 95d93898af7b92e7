# shellcheck shell=bash
# The Google Cloud CLI. Where a call fails, so does the whole program, and says which call.

NEWLINE=$'\n'
TAB=$'\t' # between two values of an answer

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
  say "failed: gcloud $*"
  exit 1
}

# One project all the way, whatever becomes of the one that is configured. Nothing is asked back.
call() {
  gcloud "$@" --project="$PROJECT" --quiet 2>"$WORK/error"
}

# ask COMMAND...: prints what it answers.
ask() {
  local answer
  answer=$(call "$@") || give_up "$@"
  [ -z "$answer" ] || printf '%s\n' "$answer"
}

# change COMMAND...: for a call whose answer is of no interest.
change() {
  call "$@" >/dev/null || give_up "$@"
}

# insist WHAT COMMAND...: for up to five minutes, whatever Google answers: an account that was made a moment
# ago is not known everywhere yet. Only what the CLI itself does not understand ends at once.
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
