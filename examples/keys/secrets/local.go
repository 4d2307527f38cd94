// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
)

//go:embed private
var private embed.FS

// A cloud is what AWS has in production, on this machine: a Secrets Manager, and a
// distribution that serves private files.
type cloud struct {
	secrets *awslocal.Secrets
	client  *secretsmanager.Client

	distribution edge.Distribution
	group        map[string]crypto.PublicKey // its key group
	url          string                      // without a slash at the end

	offset  atomic.Int64 // by how much its clock is ahead
	servers []*http.Server
}

// newCloud starts both services.
func newCloud(ctx context.Context) (*cloud, error) {
	c := &cloud{group: map[string]crypto.PublicKey{}}
	server := &awslocal.Server{}
	c.secrets = awslocal.NewSecrets(server)
	endpoint, err := c.serve(ctx, server)
	if err != nil {
		return nil, err
	}
	c.client = secretsmanager.New(secretsmanager.Options{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretAccessKeyOfTheExample"}, nil
		}),
	})
	if c.url, err = c.serve(ctx, &c.distribution); err != nil {
		c.close()
	}
	return c, err
}

// serve answers requests on a port of this machine, and returns the URL.
func (c *cloud) serve(ctx context.Context, h http.Handler) (url string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	c.servers = append(c.servers, server)
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), nil
}

func (c *cloud) close() {
	for _, server := range c.servers {
		server.Close()
	}
}

// now is the time of the distribution, and of the application, so that nobody has to wait
// for an expiry.
func (c *cloud) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// update gives the distribution its key group.
func (c *cloud) update() error {
	trusted, err := keys.NewSet(c.group)
	if err != nil {
		return err
	}
	files, err := fs.Sub(private, "private")
	if err != nil {
		return err
	}
	return c.distribution.Update(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(files),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll, // there is no TLS on this machine
		},
		Clock:  c.now,
		Debug:  true,
		Logger: slog.New(slog.DiscardHandler),
	})
}

// secretOf returns a pair in the form in which a secret has it.
func secretOf(keyPairID string, key crypto.Signer) (string, error) {
	text, err := keys.MarshalPrivate(key)
	if err != nil {
		return "", err
	}
	document, err := json.Marshal(map[string]string{"keyPairId": keyPairID, "privateKey": string(text)})
	return string(document), err
}
