module github.com/cfsign/cfsign/keys/awskms

go 1.26.0

require github.com/cfsign/cfsign v0.0.0

replace github.com/cfsign/cfsign => ../..
