// SPDX-License-Identifier: Apache-2.0

package refusal_test

import (
	"fmt"
	"log"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
)

// The same status and the same code, but S3 was asked only after the check of
// signatures.
func ExampleOf() {
	response, err := refusal.ParseResponse([]byte(`HTTP/2 403
content-type: application/xml
server: AmazonS3
x-cache: Error from cloudfront

<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId><HostId>2</HostId></Error>`))
	if err != nil {
		log.Fatal(err)
	}
	got := refusal.Of(response)
	fmt.Printf("%s refused: %s (%s)\n", got.Source.Words(), got.Message, got.Code)
	fmt.Println("check of signatures:", got.Signature)
	// Output:
	// S3 refused: Access Denied (AccessDenied)
	// check of signatures: passed
}

// The body alone often suffices.
func ExampleParseResponse() {
	response, err := refusal.ParseResponse([]byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidKey</Code><Message>Unknown Key</Message></Error>`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(refusal.Of(response).Meaning)
	// Output:
	// A key pair ID arrived, but it is that of no public key which the behavior of this path trusts.
}
