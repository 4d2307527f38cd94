// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
)

const (
	alias     = "alias/cloudfront"
	keyPairID = "K2KMSEXAMPLE"
	cdn       = "http://cdn.example.com" // without TLS, on this machine alone
)

// A local is what AWS has: KMS with a key, and a distribution in front of a few files.
type local struct {
	server *awslocal.Server
	kms    *awslocal.KMS
	arn    string
	public crypto.PublicKey
	client *kms.Client

	listeners []*httptest.Server
	passed    atomic.Int64 // nanoseconds by the clock of the distribution and the signer
}

// start starts the local KMS with a new key.
func start() (*local, error) {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return nil, err
	}
	l := &local{server: &awslocal.Server{}, public: key.Public()}
	l.kms = awslocal.NewKMS(l.server)
	l.arn = l.kms.Add(key)
	l.kms.SetAlias(alias, l.arn)
	endpoint := l.listen(l.server).URL
	l.client = kms.New(kms.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, nil
		}),
		RetryMaxAttempts: 2, // nobody wants to wait in a demonstration
	})
	return l, nil
}

func (l *local) listen(handler http.Handler) *httptest.Server {
	listener := httptest.NewServer(handler)
	l.listeners = append(l.listeners, listener)
	return listener
}

// stop ends what was started.
func (l *local) stop() {
	for _, listener := range l.listeners {
		listener.Close()
	}
}

// now is a fixed time, and what has passed since in the demonstration, so that its
// output is the same every time. Half an hour earlier the cache would already sign in
// the background what Alice needs an hour later.
func (l *local) now() time.Time {
	return time.Date(2030, 1, 1, 12, 30, 0, 0, time.UTC).Add(time.Duration(l.passed.Load()))
}

// distribute starts a distribution that trusts the key, and returns a client for which
// it is at cdn.example.com.
func (l *local) distribute() (*http.Client, error) {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: l.public})
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, user := range []string{"alice", "bob"} {
		for i := range 100 {
			files[fmt.Sprintf("users/%s/%03d.txt", user, i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "page %d of %s", i, user)}
		}
	}
	distribution, err := edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(files),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll,
		},
		Clock:  l.now,
		Debug:  true, // explanations
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	address := l.listen(distribution).Listener.Addr().String()
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address) // whatever the host
	}}}, nil
}
