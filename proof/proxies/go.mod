// The proof with real proxies and browsers is a module of its own, so that its tests,
// which need these programs, are apart from the tests of the library.
module github.com/cfsign/cfsign/proof/proxies

go 1.26.0

require (
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
