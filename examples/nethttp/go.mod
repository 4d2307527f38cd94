module github.com/cfsign/cfsign/examples/nethttp

go 1.26.0

require (
	github.com/alexedwards/scs/v2 v2.9.0
	github.com/cfsign/cfsign v0.1.0
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
