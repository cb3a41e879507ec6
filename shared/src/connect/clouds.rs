//! What runs elsewhere, and has to reach this server from there: by https, under a name that the
//! Internet knows.

use super::{SHELL, Tool, ToolKind, step};

pub(super) const CLOUDFLARE: Tool = Tool {
    id: "cloudflare",
    name: "Cloudflare Logpush",
    kind: ToolKind::Cloud,
    steps: &[
        step(
            "Keep what the job is. Cloudflare sends a small test first.",
            "job.json",
            r#"{
  "name": "botscope",
  "dataset": "http_requests",
  "destination_conf": "{address}/api/v1/ingest?header_Authorization=Bearer%20{token}",
  "output_options": {
    "output_type": "ndjson",
    "timestamp_format": "rfc3339",
    "field_names": [
      "EdgeStartTimestamp", "ClientIP", "ClientRequestMethod", "ClientRequestHost",
      "ClientRequestURI", "ClientRequestProtocol", "ClientRequestUserAgent",
      "ClientRequestReferer", "ClientRequestBytes", "EdgeResponseStatus",
      "EdgeResponseBytes", "EdgeTimeToFirstByteMs", "RayID"
    ]
  },
  "enabled": true
}"#,
        ),
        step(
            "Make the job, with a token of Cloudflare's that may write logs.",
            SHELL,
            "curl \"https://api.cloudflare.com/client/v4/zones/$ZONE_ID/logpush/jobs\" \\\n     --header \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" \\\n     --header 'Content-Type: application/json' --data @job.json",
        ),
    ],
};

pub(super) const CLOUDFRONT: Tool = Tool {
    id: "aws-firehose",
    name: "AWS Firehose",
    kind: ToolKind::Cloud,
    steps: &[
        step(
            "Keep what the stream is, with a role and a bucket of yours: what cannot be delivered \
             for a while goes there.",
            "stream.json",
            r#"{
  "DeliveryStreamName": "botscope",
  "DeliveryStreamType": "DirectPut",
  "HttpEndpointDestinationConfiguration": {
    "EndpointConfiguration": {
      "Name": "Botscope",
      "Url": "{address}/api/v1/ingest/firehose",
      "AccessKey": "{token}"
    },
    "RequestConfiguration": { "ContentEncoding": "GZIP" },
    "BufferingHints": { "SizeInMBs": 1, "IntervalInSeconds": 60 },
    "RoleARN": "arn:aws:iam::ACCOUNT:role/ROLE",
    "S3BackupMode": "FailedDataOnly",
    "S3Configuration": {
      "RoleARN": "arn:aws:iam::ACCOUNT:role/ROLE",
      "BucketARN": "arn:aws:s3:::BUCKET"
    }
  }
}"#,
        ),
        step(
            "Make the stream. Then name it as the destination of CloudFront's standard logging.",
            SHELL,
            "aws firehose create-delivery-stream --cli-input-json file://stream.json",
        ),
    ],
};

pub(super) const LOAD_BALANCER: Tool = Tool {
    id: "aws-s3",
    name: "AWS logs in S3",
    kind: ToolKind::Cloud,
    steps: &[step(
        "Load balancers write their logs into a bucket. Send each file once; curl says how many \
         requests were taken.",
        SHELL,
        "aws s3 cp s3://BUCKET/AWSLogs/ACCOUNT/elasticloadbalancing/FILE.log.gz - |\n     curl --header 'Authorization: Bearer {token}' \\\n          --data-binary @- '{address}/api/v1/ingest'",
    )],
};
