# shellcheck shell=bash
# The AWS CLI, versions 1 and 2. Where a call fails, so does the whole program, and says which call.

TAB=$'\t' # between two values of an answer
NEWLINE=$'\n'

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
  say "failed: aws ${*%%"$NEWLINE"*}" # the beginning of what may be a long document
  exit 1
}

# ask SERVICE VERB ...: prints what it answers, and nothing for null.
ask() {
  look "no such code" "$@"
}

# look CODE SERVICE VERB ...: the same, and prints nothing where the error is CODE, such as "not found".
look() {
  local code=$1 answer
  shift
  if answer=$(aws "$@" --output text 2>"$WORK/error"); then
    # A query is asked of every page of a long answer, so there may be a null for each.
    printf '%s\n' "$answer" | sed '/^None$/d; /^$/d'
  else
    grep -qF "($code)" "$WORK/error" || give_up "$@"
  fi
}

# change SERVICE VERB ...: for a call whose answer is of no interest.
change() {
  aws "$@" --output text >/dev/null 2>"$WORK/error" || give_up "$@"
}

# change_if_there CODE SERVICE VERB ...: the same, where it may be gone already.
change_if_there() {
  local code=$1
  shift
  aws "$@" --output text >/dev/null 2>"$WORK/error" || grep -qF "($code)" "$WORK/error" || give_up "$@"
}

# insist REFUSAL SERVICE VERB ...: for up to a minute, while AWS answers with this text: what was made a
# moment ago, a role above all, is not known everywhere yet. Prints the answer.
insist() {
  local refusal=$1 tries=0
  shift
  until aws "$@" --output text 2>"$WORK/error"; do
    tries=$((tries + 1))
    if [ "$tries" -eq 20 ] || ! grep -qF "$refusal" "$WORK/error"; then
      give_up "$@"
    fi
    sleep 3
  done
}

# agrees JSON: a --query for whether what is there has each of these properties, with these values.
agrees() {
  echo "merge(@, \`$1\`) == @"
}
