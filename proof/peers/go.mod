// The comparison with signers in other languages is a module of its own, so that its
// tests, which need Python and Node, are apart from those of the library.
module github.com/cfsign/cfsign/proof/peers

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign v1.9.16 // a peer
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
