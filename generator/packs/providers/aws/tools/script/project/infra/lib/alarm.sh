# shellcheck shell=bash
# Alarms: all of them tell one topic.

# Not encrypted: CloudWatch cannot publish to a topic under the free key alias/aws/sns, and an alarm
# holds names and numbers. Use a key of your own if even those are secret.
ensure_alarm_topic() {
  ALARM_TOPIC_ARN=$(topic "$SERVICE-$STAGE-alarms")
  keep "$ALARM_TOPIC_ARN"
  local subscriptions address arn told=
  subscriptions=$(ask sns list-subscriptions-by-topic --topic-arn "$ALARM_TOPIC_ARN" \
    --query "Subscriptions[?Protocol=='email'].[Endpoint, SubscriptionArn]")
  while read -r address arn; do
    if [ "$address" = "$ALARM_EMAIL" ]; then
      told=yes
    elif [ "$arn" != "${arn#arn:}" ]; then # what is not confirmed yet has no ARN
      change sns unsubscribe --subscription-arn "$arn"
    fi
  done <<<"$subscriptions"
  if [ -n "$ALARM_EMAIL" ] && [ -z "$told" ]; then
    change sns subscribe --topic-arn "$ALARM_TOPIC_ARN" --protocol email --notification-endpoint "$ALARM_EMAIL"
  fi
}

# topic NAME: its ARN; it is made if it is missing. Tagged in a second step: to create one that is there
# fails where its tags are others, those that somebody added among them.
topic() {
  local arn
  arn=$(ask sns create-topic --name "$1" --query TopicArn)
  change sns tag-resource --resource-arn "$arn" --tags "${TAG_LIST[@]}"
  echo "$arn"
}

# alarm NAME DESCRIPTION NAMESPACE METRIC DIMENSION VALUE STATISTIC THRESHOLD: rings when the metric
# reaches the threshold in five minutes.
alarm() {
  change cloudwatch put-metric-alarm --alarm-name "$1" --alarm-description "$2" \
    --namespace "$3" --metric-name "$4" --dimensions "Name=$5,Value=$6" \
    --statistic "$7" --threshold "$8" --comparison-operator GreaterThanOrEqualToThreshold \
    --period 300 --evaluation-periods 1 --treat-missing-data notBreaching \
    --alarm-actions "$ALARM_TOPIC_ARN" --tags "${TAG_LIST[@]}"
  keep "arn:$PARTITION:cloudwatch:$REGION:$ACCOUNT:alarm:$1"
}

# function_alarm SUFFIX METRIC DESCRIPTION [STATISTIC THRESHOLD]
function_alarm() {
  alarm "$FUNCTION-$1" "$3" AWS/Lambda "$2" FunctionName "$FUNCTION" "${4:-Sum}" "${5:-1}"
}

# queue_alarm QUEUE NAME DESCRIPTION: rings as soon as a message waits in it.
queue_alarm() {
  alarm "$2" "$3" AWS/SQS ApproximateNumberOfMessagesVisible QueueName "$1" Maximum 1
}
