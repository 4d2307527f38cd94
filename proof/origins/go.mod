// The proof with real origins is a module of its own, so that its tests, which need
// nginx, Apache and Tomcat, are apart from the tests of the library.
module github.com/cfsign/cfsign/proof/origins

go 1.26.0

require (
	github.com/cfsign/cfsign v0.1.0
	github.com/gorilla/websocket v1.5.3
)

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
