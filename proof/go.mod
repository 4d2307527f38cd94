// The proof compares the library with other signers, origins, proxies, browsers and emulators.
// It is another module, so the library does not require what only the proof needs.
module github.com/cfsign/cfsign/proof

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0 // controlplanes
	github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign v1.11.17 // peers and bench
	github.com/aws/aws-sdk-go-v2/service/cloudfront v1.73.0 // controlplanes
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.74.0 // controlplanes
	github.com/aws/smithy-go v1.28.9 // controlplanes
	github.com/cfsign/cfsign v0.1.0
	github.com/google/go-cmp v0.7.0 // peers, proxies and vectors
	github.com/gorilla/websocket v1.5.3 // origins/streams
	github.com/grafov/m3u8 v0.12.1 // playlists
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // vectors
	github.com/sivchari/kumo v0.33.1 // controlplanes
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da // bench
)

replace github.com/cfsign/cfsign => ../

require (
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding v1.13.25 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/endpoint-discovery v1.13.12 // indirect
	github.com/cedar-policy/cedar-go v1.9.2 // indirect
	github.com/cfsign/cfsign/keys/libcrypto v0.1.0
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.59.0 // indirect
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

require github.com/ebitengine/purego v0.11.3 // indirect

replace github.com/cfsign/cfsign/keys/libcrypto => ../keys/libcrypto
