# shellcheck shell=bash
# Accounts, and what they may do: each role on the one resource that it is for.

# account_id NAME: Google takes 6 to 30 characters.
account_id() {
  if [ "${#1}" -le 30 ]; then
    echo "$1"
  else
    echo "${1:0:23}-$(printf '%s' "$1" | sha256 | cut -c 1-6)"
  fi
}

# email NAME: of an account of the stage's project.
email() {
  echo "$(account_id "$1")@$PROJECT.iam.gserviceaccount.com"
}

# agent SERVICE: the account that Google itself works with in the project.
agent() {
  echo "serviceAccount:service-$NUMBER@$1.iam.gserviceaccount.com"
}

# ensure_account NAME
ensure_account() {
  local address
  address=$(email "$1")
  ! kept account "$address" || return 0
  if ! found account "$address"; then
    change iam service-accounts create "${address%%@*}" --display-name="$1" --description="$DESCRIPTION"
    IS_NEW=yes
  fi
  keep account "$address"
}

# allow KIND RESOURCE ROLE MEMBER [CONDITION TITLE]: a role, where CONDITION is true. It is taken away when no
# deployment asks for it any more.
allow() {
  note role "$1" "$2" "$3" "$4" "${5:-}" "${6:-}"
  grant "$@"
}

# grant KIND RESOURCE ROLE MEMBER [CONDITION TITLE]: for good.
grant() {
  if ! allowed "$@"; then
    insist "$3 on $2 for ${4#*:}" binding add "$@"
    IS_NEW=yes
  fi
}

# allowed KIND RESOURCE ROLE MEMBER [CONDITION]: whether it is so already.
allowed() {
  local policy
  policy=$(policy get-iam-policy "$1" "$2" --flatten='bindings[].members' \
    --format='value(bindings.role, bindings.members, bindings.condition.expression)') ||
    give_up "get-iam-policy of $1 $2"
  among "$3$TAB$4$TAB${5:-}" "$NEWLINE$policy$NEWLINE"
}

# binding add|remove KIND RESOURCE ROLE MEMBER [CONDITION TITLE]
binding() {
  local options=("--role=$4" "--member=$5")
  case $2 in
    topic | subscription) ;; # Pub/Sub knows no conditions
    *)
      if [ -n "${6:-}" ]; then
        printf '{"expression": "%s", "title": "%s"}\n' "${6//\"/\\\"}" "$7" >"$WORK/condition.json"
        options=("${options[@]}" "--condition-from-file=$WORK/condition.json")
      else
        options=("${options[@]}" --condition=None)
      fi
      ;;
  esac
  policy "$1-iam-policy-binding" "$2" "$3" "${options[@]}"
}

# policy VERB KIND RESOURCE OPTION...
policy() {
  local verb=$1 kind=$2 resource=$3
  shift 3
  case $kind in
    project) call projects "$verb" "$resource" "$@" ;;
    account) call iam service-accounts "$verb" "$resource" "$@" ;;
    bucket) call storage buckets "$verb" "gs://$resource" "$@" ;;
    repository) call artifacts repositories "$verb" "$resource" --location="$REGION" "$@" ;;
    secret) call secrets "$verb" "$resource" "$@" ;;
    function) call run services "$verb" "$resource" --region="$REGION" "$@" ;; # the service that it is
    topic) call pubsub topics "$verb" "$resource" "$@" ;;
    subscription) call pubsub subscriptions "$verb" "$resource" "$@" ;;
  esac
}

# Takes away what this program gave before and does so no more.
revoke_the_unused() {
  local line what kind resource role member condition title
  while IFS= read -r line <&3; do
    IFS=';' read -r what kind resource role member condition title <<<"$line"
    if [ "$what" != role ] || among "$line" "$NOTED" || gone "$kind" "$resource"; then
      continue
    fi
    if allowed "$kind" "$resource" "$role" "$member" "$condition"; then
      say "taking $role on $resource from ${member#*:}"
      binding remove "$kind" "$resource" "$role" "$member" "$condition" "$title" >/dev/null ||
        give_up "remove-iam-policy-binding of $kind $resource"
    fi
  done 3<<<"$RECORD"
}

# gone KIND RESOURCE: with all the roles on it. Buckets may be others', of which there is no list here.
gone() {
  case $1 in
    project) return 1 ;;
    bucket)
      ! call storage buckets describe "gs://$2" --format='value(name)' >/dev/null || return 1
      grep -q 'not found' "$WORK/error" || give_up storage buckets describe "gs://$2"
      ;;
    *) ! found "$1" "$2" ;;
  esac
}
