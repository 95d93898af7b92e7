# shellcheck shell=bash
# What a deployment notes on its way.

KEPT=" "       # ARNs that this deployment uses, between blanks
AFTERWARDS=    # commands for when all functions are there, a line each
OUTPUTS=
DELETE_DATA=

# keep ARN: in use, so not removed at the end.
keep() {
  KEPT="$KEPT$1 "
}

# among WORD LIST: whether it is in a list between blanks.
among() {
  case $2 in
    *" $1 "*) ;;
    *) return 1 ;;
  esac
}

# afterwards COMMAND ARGUMENT...: for when all functions are there. No argument has blanks.
afterwards() {
  AFTERWARDS="$AFTERWARDS$*$NEWLINE"
}

run_afterwards() {
  local words
  while read -r -a words <&3; do
    [ "${#words[@]}" -eq 0 ] || "${words[@]}"
  done 3<<<"$AFTERWARDS"
}

# output NAME VALUE: what to print at the end.
output() {
  OUTPUTS="$OUTPUTS$1: $2$NEWLINE"
}

print_outputs() {
  printf '%s' "$OUTPUTS"
}

# short NAME MAXIMUM: the name, or its beginning and a checksum where it would be too long.
short() {
  if [ "${#1}" -le "$2" ]; then
    echo "$1"
  else
    echo "${1:0:$(($2 - 11))}-$(checksum "$1")"
  fi
}

# Ten digits.
checksum() {
  printf '%010d\n' "$(printf '%s' "$1" | cksum | cut -d' ' -f1)"
}
