// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"fmt"
	"log"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// CloudFront asks S3 only after the check of signatures.
func ExampleClassify() {
	saved, err := capture.ParseResponse([]byte(`HTTP/2 403
content-type: application/xml
server: AmazonS3
x-cache: Error from cloudfront

<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId><HostId>2</HostId></Error>`))
	if err != nil {
		log.Fatal(err)
	}
	got := response.Classify(saved)
	fmt.Printf("%s refused: %s (%s)\n", got.Source.Describe(), got.Message, got.Code)
	fmt.Println("check of signatures:", got.Signature)
	// Output:
	// S3 refused: Access Denied (AccessDenied)
	// check of signatures: passed
}
