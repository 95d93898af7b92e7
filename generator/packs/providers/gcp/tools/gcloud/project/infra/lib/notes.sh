# shellcheck shell=bash
# What a deployment notes on its way, and what it leaves for the next one.

KEPT=$NEWLINE      # what this deployment uses: kind, tab, name; a line each
INVENTORY=$NEWLINE # what there was when it began: kind, name, id, and "ours" if these scripts made it
RECORD=$NEWLINE    # what the last one left: below
NOTED=$NEWLINE     # what this one leaves
OUTPUTS=
IS_NEW=
DELETE_DATA=
COMPLETE=

# keep KIND NAME: in use, so not removed at the end.
keep() {
  KEPT="$KEPT$1$TAB$2$NEWLINE"
}

kept() {
  among "$1$TAB$2" "$KEPT"
}

# found KIND NAME: whether it was there when the deployment began.
found() {
  case $INVENTORY in
    *"$NEWLINE$1$TAB$2$TAB"*) ;;
    *) return 1 ;;
  esac
}

# found_id KIND NAME: its id, of what Google names by a number.
found_id() {
  local kind name id
  while IFS=$TAB read -r kind name id _ <&3; do
    if [ "$kind" = "$1" ] && [ "$name" = "$2" ]; then
      echo "$id"
      return
    fi
  done 3<<<"$INVENTORY"
}

# among LINE LINES: whether it is one of them.
among() {
  case $2 in
    *"$NEWLINE$1$NEWLINE"*) ;;
    *) return 1 ;;
  esac
}

# The record is a file beside the functions' archives. It has what Google cannot tell: which roles these
# scripts gave, where the resource may be somebody else's, and of what each function was deployed.
read_record() {
  found bucket "$SOURCE_BUCKET" || return 0
  if ! call storage cat "gs://$SOURCE_BUCKET/record" >"$WORK/record"; then
    grep -q "matched no objects" "$WORK/error" || give_up storage cat "gs://$SOURCE_BUCKET/record"
  fi
  RECORD=$NEWLINE$(cat "$WORK/record")$NEWLINE
}

# note WORD...: a line of the record.
note() {
  local IFS=';'
  among "$*" "$NOTED" || NOTED="$NOTED$*$NEWLINE"
}

# A deployment that stopped half-way leaves what the one before it left, too.
write_record() {
  local lines=$NOTED
  kept bucket "$SOURCE_BUCKET" || return 0
  [ -n "$COMPLETE" ] || lines=$lines$RECORD
  lines=$(sort -u <<<"$lines" | sed '/^$/d')
  if [ "$NEWLINE$lines$NEWLINE" != "$RECORD" ]; then
    printf '%s\n' "$lines" >"$WORK/record"
    call storage cp "$WORK/record" "gs://$SOURCE_BUCKET/record" || say "the record of this deployment is not kept"
  fi
}

# output NAME VALUE: what to print at the end.
output() {
  OUTPUTS="$OUTPUTS$1: $2$NEWLINE"
}

print_outputs() {
  printf '%s' "$OUTPUTS"
}

# sha256 [FILE]: of it, or of standard input, in hexadecimal digits.
sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$@"
  else
    shasum -a 256 "$@"
  fi | cut -c 1-64
}
