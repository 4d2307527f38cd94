module github.com/cfsign/cfsign/keys/libcrypto

go 1.26.0

require (
	github.com/cfsign/cfsign v0.1.0
	github.com/ebitengine/purego v0.11.3
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

require github.com/google/go-cmp v0.7.0 // tests

replace github.com/cfsign/cfsign => ../..
