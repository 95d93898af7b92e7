# shellcheck shell=bash
# Queues: encrypted, and open to nobody without TLS.

queue_arn() {
  echo "arn:$PARTITION:sqs:$REGION:$ACCOUNT:$1"
}

# ensure_queue NAME [ATTRIBUTE=VALUE]...
ensure_queue() {
  local name=$1 arn attributes='"SqsManagedSseEnabled": "true"' attribute url
  arn=$(queue_arn "$name")
  shift
  case " $*" in
    *" Policy="*) ;;
    *) set -- "$@" "Policy=$(tls_only "$arn")" ;;
  esac
  for attribute in "$@"; do
    attributes="$attributes, \"${attribute%%=*}\": $(quoted "${attribute#*=}")"
  done
  url=$(look AWS.SimpleQueueService.NonExistentQueue sqs get-queue-url --queue-name "$name" --query QueueUrl)
  if [ -n "$url" ]; then
    change sqs set-queue-attributes --queue-url "$url" --attributes "{$attributes}"
  else
    [ "$name" = "${name%.fifo}" ] || attributes="\"FifoQueue\": \"true\", $attributes"
    change sqs create-queue --queue-name "$name" --attributes "{$attributes}" \
      --tags "$TAGS"
  fi
  keep "$arn"
}

# tls_only QUEUE_ARN [PRINCIPAL SOURCE_ARN]: its policy, in which the source may send to it.
tls_only() {
  local sender=
  if [ -n "${2:-}" ]; then
    sender=$(
      cat <<JSON
{
  "Sid": "UndeliveredEvents",
  "Effect": "Allow",
  "Principal": {"Service": "$2"},
  "Action": "sqs:SendMessage",
  "Resource": "$1",
  "Condition": {"ArnEquals": {"aws:SourceArn": "$3"}}
},
JSON
    )
  fi
  cat <<JSON
{
  "Version": "2012-10-17",
  "Statement": [${sender}{
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": "$1",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}
  }]
}
JSON
}

# redrive_to DEAD_LETTER_QUEUE COUNT: a message that was received so often goes there.
redrive_to() {
  echo "{\"deadLetterTargetArn\": \"$(queue_arn "$1")\", \"maxReceiveCount\": $2}"
}

# redrive_from QUEUE: whose dead letters these may be, and nobody else's.
redrive_from() {
  echo "{\"redrivePermission\": \"byQueue\", \"sourceQueueArns\": [\"$(queue_arn "$1")\"]}"
}

# A JSON document as a string in another.
quoted() {
  printf '%s' "$1" | tr '\n' ' ' | sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/'
}

# ensure_failures_queue NAME ALARM DESCRIPTION [ATTRIBUTE=VALUE]...: for what failed, with an alarm
# that says there is something in it. It is kept 14 days, the longest there is.
ensure_failures_queue() {
  local name=$1 alarm=$2 description=$3
  shift 3
  ensure_queue "$name" MessageRetentionPeriod=1209600 "$@"
  queue_alarm "$name" "$alarm" "$description"
}

# ensure_failure_queue [PRINCIPAL SOURCE_ARN]: where an event goes after the last try. Lambda sends it
# with the function's own role; the source, if it is given, sends what it could not deliver.
ensure_failure_queue() {
  ensure_failures_queue "$FUNCTION-failed" "$FUNCTION-failed" "Events that $FUNCTION failed on are waiting" \
    "Policy=$(tls_only "$FAILURE_QUEUE_ARN" "$@")"
  allow "$FAILURE_QUEUE_ARN" sqs:SendMessage
}
