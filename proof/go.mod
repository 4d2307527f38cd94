// The proof compares the library with other signers, origins, proxies and browsers. It is
// a module of its own, so that the library does not require what only the comparisons need.
module github.com/cfsign/cfsign/proof

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign v1.9.16 // a peer
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0
	github.com/gorilla/websocket v1.5.3 // origins/streams
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // vectors
	gonum.org/v1/plot v0.17.0 // the chart of bench
)

replace github.com/cfsign/cfsign => ../

require (
	codeberg.org/go-fonts/liberation v0.5.0 // indirect
	codeberg.org/go-latex/latex v0.2.0 // indirect
	codeberg.org/go-pdf/fpdf v0.11.1 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/ajstarks/svgo v0.0.0-20211024235047-1546f124cd8b // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/image v0.30.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
