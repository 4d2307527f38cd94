# SPDX-License-Identifier: Apache-2.0

output "REGION" {
  description = "Where everything except CloudFront is"
  value       = var.region
}

output "CFDOMAIN" {
  description = "The host of the distribution"
  value       = var.domain == "" ? aws_cloudfront_distribution.files.domain_name : var.domain
}

output "SECRETREGION" {
  description = "SECRET_REGION: where the secrets are"
  value       = var.region
}

output "PolicyARN" {
  description = "Attach this to the role of the API"
  value       = aws_iam_policy.read_signing_key.arn
}

output "BucketName" {
  description = "Put the files of a user below {sub}/"
  value       = aws_s3_bucket.files.bucket
}

output "DistributionDomain" {
  description = "What the name of your own points to"
  value       = aws_cloudfront_distribution.files.domain_name
}

output "KeyGroupID" {
  description = "The key group, for a program that rotates the key"
  value       = one(concat(aws_cloudfront_key_group.deployed[*].id, aws_cloudfront_key_group.rotated[*].id))
}

output "PublicKeyID1" {
  description = "The ID of the first trusted key, which signs"
  value       = aws_cloudfront_public_key.trusted[local.fingerprints[0]].id
}

output "PublicKeyID2" {
  description = "The ID of the second trusted key, during a rotation"
  value       = length(local.fingerprints) < 2 ? null : aws_cloudfront_public_key.trusted[local.fingerprints[1]].id
}
