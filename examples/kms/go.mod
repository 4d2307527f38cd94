module github.com/cfsign/cfsign/examples/kms

go 1.26.0

require (
	github.com/cfsign/cfsign v0.0.0
	github.com/cfsign/cfsign/keys/awskms v0.0.0
)

replace (
	github.com/cfsign/cfsign => ../..
	github.com/cfsign/cfsign/keys/awskms => ../../keys/awskms
)
