module github.com/cfsign/cfsign

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign v1.9.16 // policy/awspolicy, and tests
	golang.org/x/net v0.62.0 // sign: the public suffix list
)

require github.com/google/go-cmp v0.7.0 // tests
