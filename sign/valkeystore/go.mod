module github.com/cfsign/cfsign/sign/valkeystore

go 1.26.0

require (
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0
	github.com/valkey-io/valkey-go v1.0.79
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
