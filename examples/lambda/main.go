// SPDX-License-Identifier: Apache-2.0

// Lambda is an application at app.example.com that gives its users signed cookies for
// their files at cdn.example.com, as a function behind an HTTP API of API Gateway,
// whose JWT authorizer is the authentication. It runs in Lambda alone:
//
//	GOOS=linux GOARCH=arm64 go build -tags lambda.norpc -o bootstrap ./examples/lambda
//
// and here, with events as API Gateway makes them, in its test:
//
//	go test ./examples/lambda
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/url"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

func main() {
	signer, err := newSigner()
	if err != nil {
		log.Fatal(err)
	}
	app, err := newApp(signer)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(app)
}

// userKey is that of the user in the context of the requests that the issuer gets.
type userKey struct{}

// rights are those of the user. Nothing in the name can widen the folder.
func rights(r *http.Request) ([]session.Grant, error) {
	user, _ := r.Context().Value(userKey{}).(string)
	own, err := policy.Under("https://cdn.example.com/users", user)
	return []session.Grant{{Resource: own}}, err
}

// userOf returns whom the authorizer has let in. For routes without it that is nobody.
func userOf(event request) string {
	if a := event.RequestContext.Authorizer; a != nil && a.JWT != nil {
		return a.JWT.Claims["sub"]
	}
	return ""
}

// newApp returns the function.
func newApp(signer *sign.Signer) (func(context.Context, request) (response, error), error) {
	issuer, err := session.New(signer, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, event request) (response, error) {
		user := userOf(event)
		if user == "" {
			return response{StatusCode: http.StatusUnauthorized, Body: "log in first\n"}, nil
		}
		method, body := issuer.Renew, fmt.Sprintf("the files of %q\n", user)
		if event.RouteKey == "POST /logout" {
			method, body = issuer.Clear, "you are logged out\n"
		}
		r := &http.Request{
			Method: event.RequestContext.HTTP.Method,
			Host:   event.RequestContext.DomainName,
			URL:    &url.URL{Path: event.RawPath, RawQuery: event.RawQueryString},
			Header: http.Header{"Cookie": event.Cookies},
		}
		header := http.Header{}
		if err := method(session.HeaderWriter(header), r.WithContext(context.WithValue(ctx, userKey{}, user))); err != nil {
			log.Print(err)
			return response{StatusCode: http.StatusServiceUnavailable, Body: "your files cannot be shown at the moment\n"}, nil
		}
		answer := response{StatusCode: http.StatusOK, Body: body, Headers: map[string]string{"Cache-Control": "private, no-store"}, Cookies: header["Set-Cookie"]}
		return answer, nil
	}, nil
}
