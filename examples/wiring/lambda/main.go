// SPDX-License-Identifier: Apache-2.0

// Lambda gives users signed cookies as a function behind an HTTP API of API Gateway,
// whose JWT authorizer is the authentication. It runs in Lambda alone:
//
//	GOOS=linux GOARCH=arm64 go build -tags lambda.norpc -o bootstrap ./examples/wiring/lambda
//
// Its test sends it events as API Gateway makes them:
//
//	go test ./examples/wiring/lambda
package main

import (
	"log"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
)

func main() {
	signer, err := demo.NewSigner()
	if err != nil {
		log.Fatal(err)
	}
	function, err := newFunction(signer, &demo.Folders{})
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(function)
}
