module github.com/cfsign/cfsign

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign v1.11.17 // policy/awspolicy, and tests
	github.com/hashicorp/golang-lru/v2 v2.0.7 // sign: what a cache drops
	go.yaml.in/yaml/v4 v4.0.0 // edge/fromconfig: templates
	golang.org/x/crypto v0.59.0 // keys/encrypted: scrypt, and reading ASN.1
	golang.org/x/net v0.62.0 // sign: the public suffix list
)

require github.com/google/go-cmp v0.7.0 // tests
