module github.com/cfsign/cfsign/keys/aws

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/service/cloudfront v1.73.0 // tests
	github.com/aws/aws-sdk-go-v2/service/kms v1.62.6 // awskms
	github.com/aws/aws-sdk-go-v2/service/secretsmanager v1.51.0 // awssecrets
	github.com/aws/aws-sdk-go-v2/service/ssm v1.83.0 // awssecrets
	github.com/aws/smithy-go v1.28.9
	github.com/cfsign/cfsign v0.1.0
)

require (
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

require github.com/google/go-cmp v0.7.0 // tests

replace github.com/cfsign/cfsign => ../..
