# shellcheck shell=bash
# What is tagged as this stage's, or labelled so, and was not said to be in use.

# What uses others goes before them.
ORDER="
microsoft.insights/metricalerts
microsoft.eventgrid/topics
microsoft.eventgrid/systemtopics
microsoft.web/sites
microsoft.web/serverfarms
microsoft.insights/components
microsoft.insights/actiongroups
microsoft.managedidentity/userassignedidentities
microsoft.keyvault/vaults
microsoft.servicebus/namespaces
microsoft.eventhub/namespaces
microsoft.documentdb/databaseaccounts
microsoft.storage/storageaccounts
microsoft.operationalinsights/workspaces
"

remove_the_unused() {
  local found type kind id
  remove_subscriptions
  revoke_the_unused
  found=$(ask resource list --resource-group "$GROUP" --query "[?tags.service=='$SERVICE' &&
    tags.stage=='$STAGE' && tags.\"deployed-by\"=='$PROGRAM'].[type, id]")
  for type in $ORDER; do
    while IFS=$TAB read -r kind id <&3; do
      if [ "$(lower "$kind")" = "$type" ] && ! kept "$id"; then
        remove "$type" "$id"
      fi
    done 3<<<"$found"
  done
}

# Event subscriptions have labels instead, and may be at a source that is not the service's own. Azure tells
# them by region and type of source, but for those of the service's own topic.
remove_subscriptions() {
  local type found id name
  if kept "$BLOB_EVENTS_ID"; then
    found=$(ask eventgrid system-topic event-subscription list --resource-group "$GROUP" \
      --system-topic-name "${BLOB_EVENTS_ID##*/}" --query '[].name')
    for name in $found; do
      if ! kept "$BLOB_EVENTS_ID/eventSubscriptions/$name"; then
        say "removing event subscription $name"
        change eventgrid system-topic event-subscription delete --resource-group "$GROUP" \
          --system-topic-name "${BLOB_EVENTS_ID##*/}" --name "$name" --yes
      fi
    done
  fi
  for type in Microsoft.Storage.StorageAccounts Microsoft.EventGrid.Topics; do
    found=$(ask eventgrid event-subscription list --location "$REGION" --topic-type-name "$type" \
      --query "[?labels && contains(labels, 'service=$SERVICE') && contains(labels, 'stage=$STAGE') &&
        contains(labels, 'deployed-by=$PROGRAM')].id")
    while read -r id <&3; do
      if [ -n "$id" ] && ! kept "$id"; then
        say "removing event subscription ${id##*/}"
        change eventgrid event-subscription delete --name "${id##*/}" --source-resource-id "${id%/providers/*}"
      fi
    done 3<<<"$found"
  done
}

# remove TYPE ID
remove() {
  local name=${2##*/}
  case $1 in
    */vaults | */namespaces | */databaseaccounts | */storageaccounts | */workspaces)
      if [ -z "$DELETE_DATA" ]; then
        say "kept, as it holds data: $name"
        [ "$1" != microsoft.documentdb/databaseaccounts ] || revoke_on_cosmos "$GROUP" "$name"
        return
      fi
      ;;
  esac
  say "removing $name"
  case $1 in
    microsoft.eventgrid/*) remove_topic "$2" ;;
    */userassignedidentities)
      revoke_everywhere_on_cosmos
      change resource delete --ids "$2"
      ;;
    # At once: otherwise it could be brought back for two weeks.
    */workspaces)
      change monitor log-analytics workspace delete --resource-group "$GROUP" --workspace-name "$name" \
        --force true --yes
      ;;
    *) change resource delete --ids "$2" ;;
  esac
}

# remove_topic ID: with the role of its identity, which would be left as one of nobody.
remove_topic() {
  local principal assigned='' id
  principal=$(look resource show --ids "$1" --api-version 2025-02-15 --query identity.principalId)
  [ -z "$principal" ] || assigned=$(look role assignment list --assignee-object-id "$principal" \
    --scope "$DEAD_LETTERS_ID" --fill-principal-name false --query '[].id')
  change resource delete --ids "$1"
  for id in $assigned; do
    change role assignment delete --ids "$id"
  done
}

# revoke_on_cosmos GROUP ACCOUNT: its own kind of roles, which none of the functions needs.
revoke_on_cosmos() {
  local found name
  found=$(ask cosmosdb sql role assignment list --resource-group "$1" --account-name "$2" \
    --query "[?principalId=='$PRINCIPAL'].name")
  for name in $found; do
    change cosmosdb sql role assignment delete --resource-group "$1" --account-name "$2" \
      --role-assignment-id "$name" --yes
  done
}

# Where the identity had such roles, nobody but the accounts can tell.
revoke_everywhere_on_cosmos() {
  local accounts group name
  accounts=$(ask cosmosdb list --query "[?kind=='GlobalDocumentDB'].[resourceGroup, name]")
  while IFS=$TAB read -r group name <&3; do
    [ -z "$name" ] || revoke_on_cosmos "$group" "$name"
  done 3<<<"$accounts"
}

# The group, if it is this program's and empty. Application Insights has put two things there unasked.
remove_group() {
  local left by
  left=$(ask resource list --resource-group "$GROUP" --query "[?name!='Failure Anomalies - ${INSIGHTS_ID##*/}' &&
    name!='Application Insights Smart Detection'].id")
  by=$(ask group show --name "$GROUP" --query 'tags."deployed-by"')
  if [ -z "$left" ] && [ "$by" = "$PROGRAM" ]; then
    say "removing $GROUP"
    change group delete --name "$GROUP" --yes
  fi
}
