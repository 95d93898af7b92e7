# shellcheck shell=bash
# What a deployment notes on its way.

KEPT=$NEWLINE  # ids of what this deployment uses, a line each
ROLES=$NEWLINE # what the app's identity may do: role, tab, scope; a line each
SETTINGS=$NEWLINE
OUTPUTS=
IS_NEW=
DELETE_DATA=

# keep ID: in use, so not removed at the end.
keep() {
  KEPT="$KEPT$(lower "$1")$NEWLINE"
}

kept() {
  among "$(lower "$1")" "$KEPT"
}

# found ID: whether it was in the stage's group when the deployment began.
found() {
  among "$(lower "$1")" "$INVENTORY"
}

# among LINE LINES: whether it is one of them.
among() {
  case $2 in
    *"$NEWLINE$1$NEWLINE"*) ;;
    *) return 1 ;;
  esac
}

# Azure does not tell upper case from lower in what it calls its resources.
lower() {
  printf '%s' "$1" | tr '[:upper:]' '[:lower:]'
}

# short NAME MAXIMUM: the name, or its beginning and a checksum where it would be too long.
short() {
  if [ "${#1}" -le "$2" ]; then
    echo "$1"
  else
    echo "${1:0:$(($2 - 9))}-$(checksum "$1")"
  fi
}

# Eight hexadecimal digits.
checksum() {
  printf '%08x\n' "$(printf '%s' "$1" | cksum | cut -d' ' -f1)"
}

# output NAME VALUE: what to print at the end.
output() {
  OUTPUTS="$OUTPUTS$1: $2$NEWLINE"
}

print_outputs() {
  printf '%s' "$OUTPUTS"
}
