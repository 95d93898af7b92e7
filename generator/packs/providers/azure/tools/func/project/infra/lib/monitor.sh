# shellcheck shell=bash
# Logs, and alerts: all of them tell one action group.

ensure_monitoring() {
  local workspace email=()
  workspace=$(id_of Microsoft.OperationalInsights/workspaces "log-$SERVICE-$STAGE")
  change monitor log-analytics workspace create --resource-group "$GROUP" --name "log-$SERVICE-$STAGE" \
    --location "$REGION" --retention-time "$LOG_RETENTION_DAYS" --tags "${TAGS[@]}"
  keep "$workspace"
  # The CLI's own command is in an extension.
  put "$INSIGHTS_ID" 2020-02-02 "$(
    cat <<JSON
{
  "location": "$REGION",
  "kind": "web",
  "tags": $JSON_TAGS,
  "properties": {
    "Application_Type": "web",
    "WorkspaceResourceId": "$workspace",
    "DisableLocalAuth": true
  }
}
JSON
  )"
  keep "$INSIGHTS_ID"
  [ -z "$ALERT_EMAIL" ] || email=(--action email team "$ALERT_EMAIL")
  change monitor action-group create --resource-group "$GROUP" --name "ag-$SERVICE-$STAGE" \
    --short-name "${SERVICE:0:12}" --tags "${TAGS[@]}" ${email[@]+"${email[@]}"}
  keep "$ACTION_GROUP_ID"
}

# alert NAME DESCRIPTION SCOPE CONDITION: looks every five minutes, at the last five.
alert() {
  change monitor metrics alert create --resource-group "$GROUP" --name "$1" --description "$2" \
    --scopes "$3" --condition "$4" --window-size 5m --evaluation-frequency 5m --severity 2 \
    --action "$ACTION_GROUP_ID" --tags "${TAGS[@]}"
  keep "$(id_of Microsoft.Insights/metricAlerts "$1")"
}
