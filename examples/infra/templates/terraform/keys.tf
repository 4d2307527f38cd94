# SPDX-License-Identifier: Apache-2.0

locals {
  # public_keys are the keys by fingerprint, so that a key that moves in the list stays the same
  # resource, and another key is another one: CloudFront cannot change a key.
  pems         = [for path in var.public_keys : "${trimspace(replace(file(path), "\r\n", "\n"))}\n"]
  fingerprints = [for pem in local.pems : substr(sha256(pem), 0, 16)]
  public_keys  = zipmap(local.fingerprints, local.pems)
}

resource "aws_cloudfront_public_key" "trusted" {
  for_each    = local.public_keys
  name        = "${var.name}-${each.key}"
  encoded_key = each.value

  lifecycle {
    create_before_destroy = true # A key must leave the key group before CloudFront deletes it.
  }
}

# Of these two key groups, there is one: see rotation.
resource "aws_cloudfront_key_group" "deployed" {
  count = var.rotation == "deployment" ? 1 : 0
  name  = var.name
  items = [for key in aws_cloudfront_public_key.trusted : key.id]
}

resource "aws_cloudfront_key_group" "rotated" {
  count = var.rotation == "program" ? 1 : 0
  name  = var.name
  items = [for key in aws_cloudfront_public_key.trusted : key.id]

  lifecycle {
    ignore_changes = [items] # Otherwise Terraform removes the keys that the program has added.
  }
}

# It is empty until you fill it, so the key is in no state.
resource "aws_secretsmanager_secret" "private_key" {
  name        = "BP_COOKIE_SIGNER_PRIVATE_KEY"
  description = "The private key that signs for CloudFront, as PEM. Put it here by hand."
}

resource "aws_secretsmanager_secret" "public_key_id" {
  name        = "BP_COOKIE_SIGNER_PUBLIC_KEY_ID"
  description = "The ID that CloudFront gave to the public key of BP_COOKIE_SIGNER_PRIVATE_KEY"
}

resource "aws_secretsmanager_secret_version" "public_key_id" {
  count         = var.rotation == "deployment" ? 1 : 0 # Otherwise Terraform puts an old ID back.
  secret_id     = aws_secretsmanager_secret.public_key_id.id
  secret_string = aws_cloudfront_public_key.trusted[local.fingerprints[0]].id
}

resource "aws_iam_policy" "read_signing_key" {
  name        = "${var.name}-read-signing-key"
  description = "For the API that signs: reads its key, and nothing else"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [aws_secretsmanager_secret.private_key.arn, aws_secretsmanager_secret.public_key_id.arn]
      Condition = { # and not AWSPENDING, which a rotation has not finished
        "ForAnyValue:StringEquals" = { "secretsmanager:VersionStage" = ["AWSCURRENT", "AWSPREVIOUS"] }
      }
    }]
  })
}
