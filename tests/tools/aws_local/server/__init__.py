"""The server's side: moto 5.2.5 with what it lacks for running deployed functions.

moto keeps the state and speaks the protocols; each module here replaces one thing it stubs, in
its classes and in this process only (`python -m tools.aws_local.server`, in the `aws_local`
virtual environment). The tests' own processes never import moto.

    execution       a function runs its deployed zip, kept warm, one sandbox a concurrent event
    asynchronous    retries, on-failure destinations and dead-letter queues of async invocations
    permissions     a function's resource policy lets the source in
    sqs_delivery    batches, partial batch responses, redrive
    stream_delivery checkpoints, bisection, given up records of DynamoDB and Kinesis streams
    event_source_mappings   queues and streams to a function's alias
    s3_delivery     bucket notifications to functions and to EventBridge
    sns_delivery    topics to functions
    eventbridge     rules to functions
    cloudformation  the stack's life: templates by URL, SAM, Retain, no silently skipped type
    cfn_types       resource types that moto lacks, made through its own API
    cfn_functions   properties of functions and buckets that moto's stacks ignore
    cfn_streams     the same of tables, streams and what reads streams
"""
