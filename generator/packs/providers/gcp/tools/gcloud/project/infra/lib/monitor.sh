# shellcheck shell=bash
# Alerts: all of them tell one channel, if the stage names an address.

# The CLI's commands for it are beta.
ensure_channel() {
  local name="$PREFIX by e-mail"
  [ -n "$ALERT_EMAIL" ] || return 0
  note channel "$name"
  CHANNEL=$(found_id channel "$name")
  if [ -n "$CHANNEL" ]; then
    change beta monitoring channels update "$CHANNEL" --update-channel-labels="email_address=$ALERT_EMAIL" \
      --update-user-labels="$LABELS"
  else
    CHANNEL=$(ask beta monitoring channels create --display-name="$name" --type=email \
      --channel-labels="email_address=$ALERT_EMAIL" --user-labels="$LABELS" --format='value(name)')
  fi
  keep channel "$name"
}

# Only where there is one, or was before, are the beta commands needed.
read_channels() {
  [ -n "$ALERT_EMAIL" ] || among "channel;$PREFIX by e-mail" "$RECORD" || return 0
  list channel monitoring "$PROGRAM$TAB$SERVICE$TAB$STAGE" beta monitoring channels list \
    --format='value(displayName, name, userLabels.deployed-by, userLabels.service, userLabels.stage)'
}

alert_failures() {
  local filter
  filter=$(of_function 'metric.type = "run.googleapis.com/request_count"' \
    'metric.labels.response_code_class = "5xx"')
  alert "$NAME fails" "The log of $NAME says why, in entries of severity ERROR." '"autoClose": "1800s"' "$(
    cat <<JSON
"displayName": "Answers with status 500 and above",
"conditionThreshold": {
  "filter": "$filter",
  "comparison": "COMPARISON_GT",
  "thresholdValue": 0,
  "duration": "0s",
  "aggregations": [
    {"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}
  ]
}
JSON
  )"
}

# What is dropped is not tried again, and nothing but the entry is left of it.
alert_drops() {
  local filter
  filter=$(of_function 'severity = "ERROR"' 'jsonPayload.outcome = "dropped"')
  alert "$NAME drops events" "The entry has the event's id, and why it was dropped." \
    '"autoClose": "1800s", "notificationRateLimit": {"period": "300s"}' "$(
      cat <<JSON
"displayName": "Logs that an event is dropped",
"conditionMatchedLog": {
  "filter": "$filter"
}
JSON
    )"
}

# What the function never sees, so it drops none of it: an event that Cloud Run refuses. Only the log has these
# requests; run.googleapis.com/request_count leaves out what reaches no instance.
alert_refused_events() {
  local filter
  filter=$(of_function 'httpRequest.status = (401 OR 403 OR 429)')
  alert "$NAME is not called" \
    "The entry has the status. 401, 403: the invoker's account may not call the function; 429: no instance is free." \
    '"autoClose": "1800s", "notificationRateLimit": {"period": "300s"}' "$(
      cat <<JSON
"displayName": "Cloud Run refuses an event",
"conditionMatchedLog": {
  "filter": "$filter"
}
JSON
    )"
}

# What the function never sees: a call that is refused before it, or that nothing answers.
alert_refusals() {
  local filter
  filter=$(all_of 'resource.type = "cloud_scheduler_job"' "resource.labels.job_id = \"$NAME\"" \
    "resource.labels.location = \"$REGION\"" 'severity = "ERROR"' 'NOT httpRequest.status >= 500')
  alert "$NAME is not called" \
    "The entry has the status. 403: the job's account may not call the function; 404: it is gone." \
    '"autoClose": "1800s", "notificationRateLimit": {"period": "300s"}' "$(
      cat <<JSON
"displayName": "Cloud Scheduler's call is refused or has no answer",
"conditionMatchedLog": {
  "filter": "$filter"
}
JSON
    )"
}

# alert_dead_letters SUBSCRIPTION
alert_dead_letters() {
  local filter
  filter=$(all_of 'resource.type = "pubsub_subscription"' "resource.labels.subscription_id = \"$1\"" \
    'metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages"')
  alert "$NAME has dead letters" \
    "docs/architecture.md of the service says how to look at them, and how to publish them again." \
    '"autoClose": "1800s"' "$(
      cat <<JSON
"displayName": "Messages wait in $1",
"conditionThreshold": {
  "filter": "$filter",
  "comparison": "COMPARISON_GT",
  "thresholdValue": 0,
  "duration": "0s",
  "aggregations": [{"alignmentPeriod": "300s", "perSeriesAligner": "ALIGN_MAX"}]
}
JSON
    )"
}

# of_function TERM...: a filter for what the function alone has.
of_function() {
  all_of 'resource.type = "cloud_run_revision"' "resource.labels.service_name = \"$NAME\"" \
    "resource.labels.location = \"$REGION\"" "$@"
}

# all_of TERM...: as a text of JSON has it.
all_of() {
  local text
  text=$(printf ' AND %s' "$@" | sed 's/"/\\"/g')
  printf '%s' "${text# AND }"
}

# alert NAME DOCUMENTATION STRATEGY CONDITION: one that is as it was is left alone, as a change ends what it has
# raised.
alert() {
  local id file checksum time channels=
  [ -z "$CHANNEL" ] || channels="\"$CHANNEL\""
  id=$(found_id policy "$1")
  file=$WORK/policy.json
  cat >"$file" <<JSON
{
  "displayName": "$1",
  "combiner": "OR",
  "severity": "ERROR",
  "userLabels": {$JSON_LABELS, "function": "${FUNCTION//_/-}"},
  "notificationChannels": [$channels],
  "documentation": {"content": "$2", "mimeType": "text/markdown"},
  "alertStrategy": {$3},
  "conditions": [{
$4
  }]
}
JSON
  checksum=$(sha256 "$file")
  if [ -n "$id" ]; then
    time=$(ask monitoring policies describe "$id" --format='value(mutationRecord.mutateTime)')
    if ! among "policy;$1;$time;$checksum" "$RECORD"; then
      time=$(ask monitoring policies update "$id" --policy-from-file="$file" \
        --format='value(mutationRecord.mutateTime)')
    fi
  else
    time=$(ask monitoring policies create --policy-from-file="$file" --format='value(mutationRecord.mutateTime)')
  fi
  keep policy "$1"
  note policy "$1" "$time" "$checksum"
}
