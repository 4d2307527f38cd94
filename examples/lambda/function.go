// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

// The names of the secrets, as in examples/infra. The first one can have the ID, too, as cfsign
// rotate writes it. Then the second one is not read.
const (
	privateKeySecret = "BP_COOKIE_SIGNER_PRIVATE_KEY"
	keyPairIDSecret  = "BP_COOKIE_SIGNER_PUBLIC_KEY_ID"
)

// A function answers the events of API Gateway.
type function struct {
	host   string // the host of the distribution
	signer *sign.Signer
	issuer *session.Issuer
	source *awssecrets.Source
}

// userKey is the key of the user in the context of a request.
type userKey struct{}

// newFunction reads the key pair, and returns a function for the distribution at a host.
func newFunction(ctx context.Context, secrets awssecrets.SecretsManagerAPI, host string) (*function, error) {
	cdn, err := policy.Directory("https://" + host + "/")
	if err != nil {
		return nil, fmt.Errorf("lambda: CFDOMAIN is no host: %w", err)
	}
	source, err := awssecrets.New(ctx, awssecrets.Secret(secrets, privateKeySecret), awssecrets.Options{})
	if errors.Is(err, keys.ErrKeyPairID) {
		source, err = awssecrets.New(ctx, awssecrets.Secret(secrets, privateKeySecret), awssecrets.Options{
			KeyPairIDFrom: awssecrets.Secret(secrets, keyPairIDSecret),
		})
	}
	if err != nil {
		return nil, err
	}
	keyPairID, key := source.Pair()
	within := sign.Bounds{Resources: []policy.Resource{cdn}, Lifetime: 2 * time.Hour}
	signer, err := sign.New(keyPairID, key, sign.Options{Within: within})
	if err != nil {
		return nil, err
	}
	grants := func(r *http.Request) ([]session.Grant, error) {
		user, _ := r.Context().Value(userKey{}).(string)
		folder, err := policy.Under("https://"+host+"/", user)
		return []session.Grant{{Resource: folder}}, err
	}
	issuer, err := session.New(signer, grants, session.Options{}) // API and files have one host, so the cookies need no Domain.
	if err != nil {
		return nil, err
	}
	return &function{host: host, signer: signer, issuer: issuer, source: source}, nil
}

// handle answers GET /cookies with the cookies for the user's folder, and DELETE /cookies without them.
func (f *function) handle(ctx context.Context, event request) (response, error) {
	user := userOf(event)
	if user == "" {
		return response{StatusCode: http.StatusUnauthorized, Body: "log in first\n"}, nil
	}
	// Lambda freezes the process between requests, so a goroutine cannot follow the secrets.
	if err := f.source.RefreshIfDue(ctx, f.signer.Rotate); err != nil {
		log.Print(err) // the key that the signer has goes on
	}
	method := f.issuer.Issue
	if event.RequestContext.HTTP.Method == http.MethodDelete {
		method = f.issuer.Clear
	}
	header := http.Header{}
	r := requestOf(context.WithValue(ctx, userKey{}, user), event, f.host)
	if err := method(session.HeaderWriter(header), r); err != nil {
		log.Print(err)
		return response{StatusCode: http.StatusServiceUnavailable, Body: "no cookies now: try again\n"}, nil
	}
	// API Gateway expects cookies apart from other headers.
	return response{
		StatusCode: http.StatusNoContent, Cookies: header["Set-Cookie"],
		Headers: map[string]string{"Cache-Control": "private, no-store"},
	}, nil
}

// userOf returns the user that the authorizer accepted, or "" without an authorizer.
func userOf(event request) string {
	if a := event.RequestContext.Authorizer; a != nil && a.JWT != nil {
		return a.JWT.Claims["sub"]
	}
	return ""
}

// requestOf returns the parts of a request that the issuer reads. API Gateway has its own host, and
// the viewer has the host of the distribution.
func requestOf(ctx context.Context, event request, host string) *http.Request {
	r := &http.Request{
		Method: event.RequestContext.HTTP.Method, Host: host, URL: &url.URL{Path: event.RawPath},
		Header: http.Header{"Cookie": event.Cookies},
	}
	return r.WithContext(ctx)
}
