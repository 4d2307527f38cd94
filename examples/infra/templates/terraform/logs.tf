# SPDX-License-Identifier: Apache-2.0

locals {
  new_logs = var.region == "us-east-1" # You can set up CloudFront's newer logs, which leave the query out, only there.
}

resource "aws_s3_bucket" "logs" {
  bucket_prefix = "${var.name}-logs-"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = local.new_logs ? "BucketOwnerEnforced" : "BucketOwnerPreferred" # CloudFront needs an ACL to write its older logs.
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "personal" # IP addresses are personal data in many places.
    status = "Enabled"
    filter {}
    expiration {
      days = 90
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.deny_old_tls.logs, [for account in [data.aws_caller_identity.current.account_id] : {
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/${account}/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = account, "s3:x-amz-acl" = "bucket-owner-full-control" }
        ArnLike      = { "aws:SourceArn" = "arn:${split(":", aws_s3_bucket.logs.arn)[1]}:logs:us-east-1:${account}:delivery-source:*" }
      }
    } if local.new_logs])
  })
  depends_on = [aws_s3_bucket_public_access_block.logs] # S3 refuses two changes at once.
}

resource "aws_cloudwatch_log_delivery_source" "logs" {
  count        = local.new_logs ? 1 : 0
  name         = var.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.files.arn
}

resource "aws_cloudwatch_log_delivery_destination" "logs" {
  count         = local.new_logs ? 1 : 0
  name          = var.name
  output_format = "json"
  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.logs.arn
  }
}

resource "aws_cloudwatch_log_delivery" "logs" {
  count                    = local.new_logs ? 1 : 0
  delivery_source_name     = aws_cloudwatch_log_delivery_source.logs[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.logs[0].arn
  record_fields = [ # No query, cookie or referrer, because each can contain a credential.
    "date", "time", "c-ip", "cs-method", "x-host-header", "cs-uri-stem", "sc-status", "sc-bytes", "time-taken",
    "x-edge-location", "x-edge-result-type", "x-edge-detailed-result-type", "x-edge-request-id",
    "cs(User-Agent)", "cs-protocol", "cs-protocol-version", "ssl-protocol", "sc-content-type", "sc-range-start", "sc-range-end",
  ]
  depends_on = [aws_s3_bucket_policy.logs] # Otherwise AWS writes its own policy.
}
