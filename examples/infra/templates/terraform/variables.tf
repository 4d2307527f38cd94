# SPDX-License-Identifier: Apache-2.0

variable "region" {
  description = "The region for everything except CloudFront."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$", var.region))
    error_message = "Write the region to deploy to, such as eu-central-1."
  }
}

variable "public_keys" {
  description = "One file with a public key, or two during a rotation. The first belongs to the key that signs."
  type        = list(string)
  validation {
    condition     = contains([1, 2], length(var.public_keys))
    error_message = "Name one or two files with public keys: without one, CloudFront refuses every viewer."
  }
  validation {
    condition = alltrue([for path in var.public_keys : can(regex(
      "^-----BEGIN PUBLIC KEY-----(MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A[A-Za-z0-9+/]{360}|MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==)-----END PUBLIC KEY-----$",
      replace(file(path), "/[\r\n]/", ""),
    ))])
    error_message = "Name files with an RSA 2048 or P-256 public key, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----, and never a private key."
  }
  validation {
    condition     = length(distinct([for path in var.public_keys : replace(file(path), "/[\r\n]/", "")])) == length(var.public_keys)
    error_message = "Name each key once."
  }
}

variable "rotation" {
  description = "What rotates the key: \"deployment\" (of another list of public_keys), or \"program\", which changes the key group itself, such as cfsign rotate."
  type        = string
  default     = "deployment"
  validation {
    condition     = contains(["deployment", "program"], var.rotation)
    error_message = "Write deployment or program."
  }
}

variable "name" {
  description = "The name of all resources that need one, such as the key group."
  type        = string
  default     = "cfsign-folders"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}$", var.name))
    error_message = "Write at most 30 lower-case letters, digits and hyphens, such as cfsign-folders."
  }
}

variable "app_origins" {
  description = "The origins with scripts that may read the files. Pictures and downloads do not need it."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for origin in var.app_origins : can(regex("^(https://[a-z0-9.-]+|http://localhost)(:[0-9]+)?$", origin))])
    error_message = "Write origins as browsers send them, such as https://app.example.com: https (http only for localhost), in lower case, without a path, a wildcard or a slash at the end."
  }
}

variable "domain" {
  description = "Your own domain name. Without one, browsers do not let an application set cookies."
  type        = string
  default     = ""
  validation {
    condition     = can(regex("^$|^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", var.domain))
    error_message = "Write one host name in lower case, such as cdn.example.com."
  }
  validation {
    condition     = (var.domain == "") == (var.certificate == "")
    error_message = "The variables domain and certificate go together: add the other one, or leave out both for a name below cloudfront.net."
  }
}

variable "certificate" {
  description = "The ARN of the domain's certificate, which must be in us-east-1."
  type        = string
  default     = ""
  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[A-Za-z0-9-]+$", var.certificate))
    error_message = "Write the ARN of a certificate in us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/0f0e0d0c: CloudFront uses no other region's."
  }
}

variable "api_domain" {
  description = "The host of the API's own server. CloudFront then passes the paths of examples/cognito to it, so that browsers reach API and files at one host."
  type        = string
  default     = ""
  validation {
    condition     = can(regex("^$|^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", var.api_domain))
    error_message = "Write the host of the API's own server in lower case, such as api-origin.example.com."
  }
  validation {
    condition     = var.api_domain == "" || var.api_domain != var.domain
    error_message = "This is the domain of the distribution, so CloudFront would ask itself: write the host of the API's own server."
  }
}

variable "price_class" {
  description = "In how much of the world CloudFront is near: 100 (North America, Europe), 200 or All."
  type        = string
  default     = "100"
  validation {
    condition     = contains(["100", "200", "All"], var.price_class)
    error_message = "Write 100, 200 or All."
  }
}

variable "ipv6" {
  description = "Whether viewers can use IPv6. CloudFront has no IP condition for IPv6, so with true, a signature with an IP condition denies these viewers."
  type        = bool
  default     = false
}
