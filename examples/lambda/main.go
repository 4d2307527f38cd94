// SPDX-License-Identifier: Apache-2.0

// Lambda gives users signed cookies for their folder. It is a function behind an HTTP API of API
// Gateway with a JWT authorizer, behind the distribution that has the files, and runs only in Lambda.
// The SAM template in examples/infra/templates deploys it:
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -o examples/infra/templates/function/bootstrap ./examples/lambda
//
// Its test sends it the events of API Gateway:
//
//	go test ./examples/lambda
package main

import (
	"context"
	"errors"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func main() {
	f, err := open(context.Background(), os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(f.handle)
}

// open returns the function with the key pair in Secrets Manager.
func open(ctx context.Context, getenv func(string) string) (*function, error) {
	host, region := getenv("CFDOMAIN"), getenv("SECRET_REGION")
	if host == "" || region == "" {
		return nil, errors.New("lambda: CFDOMAIN and SECRET_REGION must be set: write the host of the distribution and the region of the secrets")
	}
	configuration, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, err
	}
	return newFunction(ctx, secretsmanager.NewFromConfig(configuration), host)
}
