// SPDX-License-Identifier: Apache-2.0

// Lambda gives users signed cookies. It is a function behind an HTTP API of API Gateway with
// a JWT authorizer, and runs only in Lambda, with the name of a secret in CLOUDFRONT_SECRET:
//
//	GOOS=linux GOARCH=arm64 go build -tags lambda.norpc -o bootstrap ./examples/wiring/lambda
//
// Its test sends it the events of API Gateway:
//
//	go test ./examples/wiring/lambda
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
)

func main() {
	ctx := context.Background()
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	signer, source, err := newSigner(ctx, secretsmanager.NewFromConfig(c), os.Getenv("CLOUDFRONT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	function, err := newFunction(signer, &demo.Folders{})
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(following(source, signer, function))
}
