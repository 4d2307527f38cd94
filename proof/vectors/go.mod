// The test vectors are checked in a module of its own, so that the library does not
// require the JSON Schema validator.
module github.com/cfsign/cfsign/proof/vectors

go 1.26.0

require (
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // the linter
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
