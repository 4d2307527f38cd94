// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// domain is the parent of the hosts of the application and the distribution, which share
// the cookies. The user pool is at the address itself.
const domain = "cfsign.localhost"

// A local is everything that is AWS's in production, on one port of this machine, and the
// service that uses it.
type local struct {
	address string // with the port
	folder  string // of all files

	service      http.Handler
	distribution http.Handler
	pool         *issuer.Issuer
	closers      []func() error
}

// serveLocal serves on loopback until ctx ends, and leaves nothing behind. Everybody knows
// the passwords of its users.
func serveLocal(ctx context.Context, address string, stdout io.Writer, logger *slog.Logger) (err error) {
	if address == "" {
		address = defaultListen
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w: write another address after -listen, such as 127.0.0.1:0 for any port", err)
	}
	defer listener.Close()
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return fmt.Errorf("%s can be reached from elsewhere, and everybody knows the passwords of the demo: listen on 127.0.0.1, or set %s, %s, %s and %s for the real services",
			listener.Addr(), envRegion, envUserPoolID, envAppClientID, envDomain)
	}
	l, err := newLocal(ctx, listener.Addr().String(), logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := l.explain(stdout); err != nil {
		return err
	}
	return serve(ctx, listener, l, logger)
}

func newLocal(ctx context.Context, address string, logger *slog.Logger) (_ *local, err error) {
	l := &local{address: address}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := l.makeFolder(); err != nil {
		return nil, err
	}
	if l.pool, err = issuer.New(issuer.Options{URL: "http://" + address + "/local_demo"}); err != nil {
		return nil, err
	}
	users, err := token.New(ctx, token.Options{Issuer: l.pool.URL(), AppClientID: l.pool.ClientID()})
	if err != nil {
		return nil, err
	}
	store, err := shares.Open(ctx, "file:"+filepath.ToSlash(filepath.Join(l.folder, "shares.db")))
	if err != nil {
		return nil, err
	}
	l.closers = append(l.closers, store.Close)
	key, err := keys.GenerateECDSA()
	if err != nil {
		return nil, err
	}
	signer, err := newSigner("K2COGNITOLOCAL", key, l.cdn())
	if err != nil {
		return nil, err
	}
	if l.distribution, err = l.newDistribution(signer, key.Public()); err != nil {
		return nil, err
	}
	l.service, err = newService(options{
		cdn:      l.cdn(),
		cookies:  sign.CookieAttributes{Domain: domain, Insecure: true}, // there is no TLS on this machine
		lifetime: defaultLifetime, signer: signer, users: users, shares: store, logger: logger,
	})
	return l, err
}

// makeFolder makes the folder that is the bucket, with a file of each user.
func (l *local) makeFolder() (err error) {
	if l.folder, err = os.MkdirTemp("", "cfsign-cognito-"); err != nil {
		return err
	}
	l.closers = append(l.closers, func() error { return os.RemoveAll(l.folder) })
	for _, user := range issuer.DemoUsers() {
		folder := filepath.Join(l.folder, "bucket", user.Sub)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		text := fmt.Sprintf("The private report of %s\n", user.Username)
		if err := os.WriteFile(filepath.Join(folder, "report.txt"), []byte(text), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(l.jar(user.Username), nil, 0o600); err != nil { // curl wants it to be there
			return err
		}
	}
	return nil
}

// newDistribution returns what in production is CloudFront in front of the bucket.
func (l *local) newDistribution(signer *sign.Signer, public crypto.PublicKey) (*edge.Distribution, error) {
	bucket, err := os.OpenRoot(filepath.Join(l.folder, "bucket"))
	if err != nil {
		return nil, err
	}
	l.closers = append(l.closers, bucket.Close)
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{signer.KeyPairID(): public})
	if err != nil {
		return nil, err
	}
	return edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(bucket.FS()),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll,
		},
		Debug:  true, // adds the header that says why
		Logger: slog.New(slog.DiscardHandler),
	})
}

// ServeHTTP leads to the distribution, the user pool or the service, by the host.
func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.Host, "cdn."):
		l.distribution.ServeHTTP(w, r)
	case r.Host == l.address:
		l.pool.ServeHTTP(w, r)
	default:
		l.service.ServeHTTP(w, r)
	}
}

func (l *local) app() string { return "http://app." + domain + ":" + l.port() }

// cdn returns the URL of the distribution, with a slash at the end.
func (l *local) cdn() string { return "http://cdn." + domain + ":" + l.port() + "/" }

func (l *local) port() string { return l.address[strings.LastIndexByte(l.address, ':')+1:] }

// jar returns the file with a user's cookies.
func (l *local) jar(username string) string { return filepath.Join(l.folder, username+".cookies") }

// close closes and removes everything, the latest first.
func (l *local) close() error {
	var failed []error
	for i := len(l.closers) - 1; i >= 0; i-- {
		failed = append(failed, l.closers[i]())
	}
	return errors.Join(failed...)
}
