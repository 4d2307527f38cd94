module github.com/cfsign/cfsign/examples/browser

go 1.26.0

require (
	github.com/alexedwards/scs/v2 v2.9.0
	github.com/cfsign/cfsign v0.1.0
	github.com/chromedp/cdproto v0.159.2
	github.com/chromedp/chromedp v0.23.0
)

require (
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/cfsign/cfsign => ../..
