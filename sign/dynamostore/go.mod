module github.com/cfsign/cfsign/sign/dynamostore

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.73.2
	github.com/aws/smithy-go v1.28.9
	github.com/cfsign/cfsign v0.1.0
)

require github.com/google/go-cmp v0.7.0 // tests

replace github.com/cfsign/cfsign => ../..
