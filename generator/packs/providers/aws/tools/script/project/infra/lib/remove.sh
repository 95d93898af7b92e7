# shellcheck shell=bash
# What is tagged as this stage's, or has it in its path, and was not said to be in use.

remove_the_unused() {
  local found arn name
  found=$(ask resourcegroupstaggingapi get-resources \
    --tag-filters "Key=service,Values=$SERVICE" "Key=stage,Values=$STAGE" "Key=deployed-by,Values=$PROGRAM" \
    --query 'ResourceTagMappingList[].ResourceARN' | tr "$TAB" "\n")
  # Domains first: an API cannot go while one leads to it.
  for arn in $(grep /domainnames/ <<<"$found") $(grep -v /domainnames/ <<<"$found"); do
    among "$arn" "$KEPT" || remove "$arn"
  done
  # Not known to the tagging API: single schedules cannot be tagged, but name a role.
  found=$(ask scheduler list-schedules --name-prefix "$SERVICE-" --query 'Schedules[].Name')
  for name in $found; do
    among "arn:$PARTITION:scheduler:$REGION:$ACCOUNT:schedule/default/$name" "$KEPT" || remove_schedule "$name"
  done
  # Last, since the others use them.
  found=$(ask iam list-roles --path-prefix "/$SERVICE/$STAGE/" --query 'Roles[].Arn')
  for arn in $found; do
    among "$arn" "$KEPT" || remove_role "${arn##*/}"
  done
}

# The tagging API still tells for a while what is gone: that is no error.
remove() {
  local arn=$1 name=${1##*[:/]}
  case $arn in
    *:sqs:* | *:s3:* | *:dynamodb:* | *:kinesis:* | *:logs:* | *:secretsmanager:*)
      if [ -z "$DELETE_DATA" ]; then
        say "kept, as it holds data: $arn"
        return
      fi
      ;;
  esac
  say "removing $arn"
  case $arn in
    *:lambda:*:function:*) remove_function "$name" ;;
    *:lambda:*:event-source-mapping:*) ;; # goes with its function
    *:cloudwatch:*:alarm:*) change cloudwatch delete-alarms --alarm-names "${arn#*:alarm:}" ;;
    *:sns:*) change sns delete-topic --topic-arn "$arn" ;;
    *:events:*:rule/*) remove_rule "${arn#*:rule/}" ;;
    *:states:*:stateMachine:*) change stepfunctions delete-state-machine --state-machine-arn "$arn" ;;
    *:apigateway:*::/apis/*/*) ;; # a stage goes with its API
    *:apigateway:*::/apis/*) change_if_there NotFoundException apigatewayv2 delete-api --api-id "$name" ;;
    *:apigateway:*::/restapis/*/*) ;;
    *:apigateway:*::/restapis/*) remove_rest_api "$name" ;;
    *:apigateway:*::/usageplans/*) remove_usage_plan "$name" ;;
    *:apigateway:*::/apikeys/*) change_if_there NotFoundException apigateway delete-api-key --api-key "$name" ;;
    *:apigateway:*::/domainnames/*)
      change_if_there NotFoundException apigateway delete-domain-name --domain-name "$name"
      ;;
    *:logs:*:log-group:*)
      change_if_there ResourceNotFoundException logs delete-log-group --log-group-name "${arn#*:log-group:}"
      ;;
    *:sqs:*) remove_queue "$name" ;;
    *:s3:*) remove_bucket "$name" ;;
    *:dynamodb:*:table/*) change_if_there ResourceNotFoundException dynamodb delete-table --table-name "$name" ;;
    *:kinesis:*:stream/*)
      change_if_there ResourceNotFoundException kinesis delete-stream --stream-name "$name" \
        --enforce-consumer-deletion
      ;;
    *:secretsmanager:*)
      change_if_there ResourceNotFoundException secretsmanager delete-secret --secret-id "$arn" \
        --force-delete-without-recovery
      ;;
    *) say "  nobody here knows how: remove it yourself" ;;
  esac
}

# Its mappings and subscriptions would stay behind.
remove_function() {
  local function=arn:$PARTITION:lambda:$REGION:$ACCOUNT:function:$1 subscriptions mappings callee id arn
  subscriptions=$(subscriptions_of "$function")
  for arn in $subscriptions; do
    change sns unsubscribe --subscription-arn "$arn"
  done
  for callee in "$function" "$function:live"; do
    mappings=$(look ResourceNotFoundException lambda list-event-source-mappings --function-name "$callee" \
      --query 'EventSourceMappings[].UUID')
    for id in $mappings; do
      change_if_there ResourceNotFoundException lambda delete-event-source-mapping --uuid "$id"
    done
  done
  change_if_there ResourceNotFoundException lambda delete-function --function-name "$1"
}

# subscriptions_of FUNCTION_ARN: those of topics that invoke it, or an alias of it. SNS cannot search for
# them, so all are read, once.
subscriptions_of() {
  [ -f "$WORK/subscriptions" ] || ask sns list-subscriptions \
    --query "Subscriptions[?Protocol=='lambda'].[Endpoint, SubscriptionArn]" >"$WORK/subscriptions"
  awk -v name="$1" '$1 == name || index($1, name ":") == 1 { print $2 }' "$WORK/subscriptions"
}

# remove_rule [BUS/]NAME: not before its targets.
remove_rule() {
  local bus=default targets id
  [ "$1" = "${1%/*}" ] || bus=${1%/*}
  targets=$(look ResourceNotFoundException events list-targets-by-rule --event-bus-name "$bus" \
    --rule "${1##*/}" --query 'Targets[].Id')
  for id in $targets; do
    change events remove-targets --event-bus-name "$bus" --rule "${1##*/}" --ids "$id"
  done
  change_if_there ResourceNotFoundException events delete-rule --event-bus-name "$bus" --name "${1##*/}"
}

# The schedule, if it is this stage's.
remove_schedule() {
  local role
  role=$(look ResourceNotFoundException scheduler get-schedule --name "$1" --query Target.RoleArn)
  case $role in
    *":role/$SERVICE/$STAGE/"*)
      say "removing schedule $1"
      change_if_there ResourceNotFoundException scheduler delete-schedule --name "$1"
      ;;
  esac
}

remove_role() {
  local policies policy
  say "removing role $1"
  policies=$(ask iam list-role-policies --role-name "$1" --query 'PolicyNames[]')
  for policy in $policies; do
    change iam delete-role-policy --role-name "$1" --policy-name "$policy"
  done
  change iam delete-role --role-name "$1"
}

# Not before the usage plan that has a stage of it.
remove_rest_api() {
  local plans plan
  plans=$(ask apigateway get-usage-plans --query "items[?apiStages[?apiId=='$1']].id")
  for plan in $plans; do
    remove_usage_plan "$plan"
  done
  change_if_there NotFoundException apigateway delete-rest-api --rest-api-id "$1"
}

# remove_usage_plan ID: not before its stages.
remove_usage_plan() {
  local stages stage
  stages=$(look NotFoundException apigateway get-usage-plan --usage-plan-id "$1" \
    --query "apiStages[].join(':', [apiId, stage])")
  for stage in $stages; do
    change apigateway update-usage-plan --usage-plan-id "$1" \
      --patch-operations "op=remove,path=/apiStages,value=$stage"
  done
  change_if_there NotFoundException apigateway delete-usage-plan --usage-plan-id "$1"
}

remove_queue() {
  local url
  url=$(look AWS.SimpleQueueService.NonExistentQueue sqs get-queue-url --queue-name "$1" --query QueueUrl)
  [ -z "$url" ] || change sqs delete-queue --queue-url "$url"
}

# Nothing, if there is no such bucket.
bucket_region() {
  look NoSuchBucket s3api get-bucket-location --bucket "$1" --query "LocationConstraint || 'us-east-1'"
}

# With every version of every object and what marks it as deleted: a bucket that is not empty cannot go. A
# page has a thousand of both together, which is what one call may delete (--max-items counts versions alone).
remove_bucket() {
  local batch refused there
  there=$(bucket_region "$1")
  [ -n "$there" ] || return 0
  while true; do
    batch=$(aws s3api list-object-versions --bucket "$1" --no-paginate --output json \
      --query "{Quiet: \`true\`, Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}" \
      2>"$WORK/error") || give_up s3api list-object-versions --bucket "$1"
    case $batch in
      *'"Key"'*) ;;
      *) break ;;
    esac
    printf '%s' "$batch" >"$WORK/batch.json"
    # The call succeeds where single objects may not go, being locked for example.
    refused=$(ask s3api delete-objects --bucket "$1" --delete "file://$WORK/batch.json" \
      --query "Errors[0].[Key, Message]")
    if [ -n "$refused" ]; then
      say "failed: $1 keeps ${refused/"$TAB"/: }"
      exit 1
    fi
  done
  change s3api delete-bucket --bucket "$1"
}
