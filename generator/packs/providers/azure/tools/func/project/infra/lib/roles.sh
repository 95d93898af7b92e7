# shellcheck shell=bash
# The app's identity, and what it may do: each role on the one resource that it is for.

ensure_identity() {
  change identity create --resource-group "$GROUP" --name "id-$SERVICE-$STAGE" --location "$REGION" \
    --tags "${TAGS[@]}"
  keep "$IDENTITY_ID"
  read_identity
  CLIENT_ID=$(ask identity show --ids "$IDENTITY_ID" --query clientId)
}

# Who it is, and the roles it has: role, scope, id and description of each.
read_identity() {
  PRINCIPAL=$(look identity show --ids "$IDENTITY_ID" --query principalId)
  [ -z "$PRINCIPAL" ] || ask role assignment list --all --assignee-object-id "$PRINCIPAL" \
    --fill-principal-name false \
    --query '[].[roleDefinitionName, scope, id, description]' >"$WORK/roles"
}

# allow ROLE SCOPE: the app may do so, there.
allow() {
  local line
  line=$(lower "$1$TAB$2")
  among "$line" "$ROLES" && return
  ROLES="$ROLES$line$NEWLINE"
  if ! cut -f 1,2 "$WORK/roles" | tr '[:upper:]' '[:lower:]' | grep -qxF "$line"; then
    grant "$PRINCIPAL" "$1" "$2"
  fi
}

# grant PRINCIPAL ROLE SCOPE: to an identity that has it not.
grant() {
  change role assignment create --assignee-object-id "$1" --assignee-principal-type ServicePrincipal \
    --role "$2" --scope "$3" --description "$PROGRAM, $SERVICE $STAGE"
}

# Takes away what this program allowed before and does so no more.
revoke_the_unused() {
  local role scope id description
  [ -n "$PRINCIPAL" ] || return 0
  while IFS=$TAB read -r role scope id description <&3; do
    [ "$description" = "$PROGRAM, $SERVICE $STAGE" ] || continue
    among "$(lower "$role$TAB$scope")" "$ROLES" || change role assignment delete --ids "$id"
  done 3<"$WORK/roles"
}
