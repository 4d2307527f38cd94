# SPDX-License-Identifier: Apache-2.0

# The bucket, the distribution, the key group and the secrets of ../../README.md in Terraform,
# without users. ../README.md says how to deploy it and how to rotate its key.

terraform {
  required_version = ">= 1.9" # for conditions that name two variables
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.95, < 7"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "files" {
  bucket_prefix = "${var.name}-files-"
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    object_ownership = "BucketOwnerEnforced" # ACLs could open single files.
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = "Enabled" # Overwritten files can be restored.
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "files" {
  bucket = aws_s3_bucket_versioning.files.bucket
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

locals {
  # deny_old_tls are the statements of each bucket's policy against plain text and TLS before 1.2.
  deny_old_tls = { for name, arn in { files = aws_s3_bucket.files.arn, logs = aws_s3_bucket.logs.arn } : name => [
    for condition in [
      { Bool = { "aws:SecureTransport" = "false" }, NumericLessThan = null },
      { Bool = null, NumericLessThan = { "s3:TlsVersion" = "1.2" } },
    ] :
    {
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = [arn, "${arn}/*"]
      Condition = { for operator, value in condition : operator => value if value != null }
    }
  ] }
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.deny_old_tls.files, [{
      Effect    = "Allow" # this distribution and no other
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.files.arn}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.files.arn } }
    }])
  })
  depends_on = [aws_s3_bucket_public_access_block.files] # S3 refuses two changes at once.
}

resource "aws_cloudfront_origin_access_control" "files" {
  name                              = var.name
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "files" {
  name = var.name

  dynamic "cors_config" {
    for_each = length(var.app_origins) > 0 ? [var.app_origins] : []
    content {
      access_control_allow_credentials = true
      access_control_allow_origins {
        items = cors_config.value
      }
      access_control_allow_methods {
        items = ["GET", "HEAD"]
      }
      access_control_allow_headers {
        items = ["Range"]
      }
      access_control_expose_headers {
        items = ["Accept-Ranges", "Content-Range", "ETag"]
      }
      origin_override = true
    }
  }

  custom_headers_config {
    items { # so that no browser shows a copy after the signature has expired
      header   = "Cache-Control"
      value    = "private, no-cache"
      override = false
    }
  }

  security_headers_config {
    content_type_options {
      override = true
    }
    referrer_policy { # A signed URL is a credential.
      referrer_policy = "no-referrer"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}

locals {
  # api_paths are the routes of examples/cognito that browsers use.
  api_paths = var.api_domain == "" ? [] : ["/access", "/access/*", "/sign_cookies", "/sign_url", "/shares", "/shares/*"]
}

resource "aws_cloudfront_distribution" "files" {
  enabled         = true
  comment         = "Private files, for signed cookies and URLs"
  http_version    = "http2and3"
  is_ipv6_enabled = var.ipv6
  price_class     = "PriceClass_${var.price_class}"
  aliases         = var.domain == "" ? [] : [var.domain]

  viewer_certificate {
    cloudfront_default_certificate = var.domain == "" ? true : null
    acm_certificate_arn            = var.domain == "" ? null : var.certificate
    minimum_protocol_version       = var.domain == "" ? null : "TLSv1.2_2021"
    ssl_support_method             = var.domain == "" ? null : "sni-only"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  dynamic "logging_config" {
    for_each = local.new_logs ? [] : [aws_s3_bucket.logs.bucket_regional_domain_name]
    content {
      bucket          = logging_config.value
      include_cookies = false
    }
  }

  origin {
    origin_id                = "files"
    domain_name              = aws_s3_bucket.files.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.files.id
  }

  dynamic "origin" {
    for_each = var.api_domain == "" ? [] : [var.api_domain]
    content {
      origin_id   = "api"
      domain_name = origin.value
      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
    }
  }

  # Without an API, it is the only behavior, so no path is served without a signature.
  default_cache_behavior {
    target_origin_id           = "files"
    trusted_key_groups         = concat(aws_cloudfront_key_group.deployed[*].id, aws_cloudfront_key_group.rotated[*].id)
    viewer_protocol_policy     = "https-only" # A redirect comes after the cookies were sent in plain text.
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6" # CachingOptimized: one copy for all viewers
    response_headers_policy_id = aws_cloudfront_response_headers_policy.files.id
    compress                   = true
  }

  # A viewer must reach the API without a signature to get one.
  dynamic "ordered_cache_behavior" {
    for_each = local.api_paths
    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "api"
      viewer_protocol_policy   = "https-only"
      allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
      cached_methods           = ["GET", "HEAD"]
      cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
      origin_request_policy_id = "b689b0a8-53d0-40ab-baf2-68738e2966ac" # AllViewerExceptHostHeader
      compress                 = true
    }
  }

  depends_on = [aws_s3_bucket_ownership_controls.logs] # CloudFront refuses a bucket without ACLs for its older logs.
}
