// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	_ "embed" // the text
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/template"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// A local stands for AWS on this machine. A user pool, a distribution and the service that
// uses them are on one port, under different hosts. The user pool is at the address itself.
type local struct {
	address  string // with the port
	app, cdn string // URLs, without a slash at the end
	folder   string // of all files

	service      http.Handler
	distribution http.Handler
	pool         *issuer.Issuer
	closers      []func() error
}

// serveLocal serves on loopback until ctx ends, and removes everything at the end. The
// passwords of its users are public.
func serveLocal(ctx context.Context, address string, stdout io.Writer, logger *slog.Logger) (err error) {
	if address == "" {
		address = defaultListen
	}
	listener, err := localhost.Listen(ctx, address)
	if err != nil {
		return err
	}
	defer listener.Close()
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return fmt.Errorf("%s can be reached from other machines, and the passwords of the demo are public: listen on 127.0.0.1, or set %s, %s, %s and %s for the real services",
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
	l.app, l.cdn = localhost.URLs(address)
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
	users, err := token.New(token.Options{Issuer: l.pool.URL(), AppClientID: issuer.ClientID})
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
	signer, err := newSigner("K2COGNITOLOCAL", key, l.cdn+"/")
	if err != nil {
		return nil, err
	}
	if l.distribution, err = l.newDistribution(signer, key.Public()); err != nil {
		return nil, err
	}
	l.service, err = newService(options{
		cdn:      l.cdn + "/",
		cookies:  sign.CookieAttributes{Domain: localhost.Domain, Insecure: true}, // There is no TLS on this machine.
		lifetime: defaultLifetime, signer: signer, users: users, shares: store, logger: logger,
	})
	return l, err
}

// makeFolder makes the bucket, with a file for each user.
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
		if err := os.WriteFile(l.jar(user.Username), nil, 0o600); err != nil { // curl needs it.
			return err
		}
	}
	return nil
}

// newDistribution returns a handler that stands for CloudFront in front of the bucket.
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
		Debug:  true, // Add the header that says why.
		Logger: slog.New(slog.DiscardHandler),
	})
}

// ServeHTTP passes a request to the user pool, the distribution or the service.
func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host == l.address {
		l.pool.ServeHTTP(w, r)
		return
	}
	localhost.Split(l.service, l.distribution).ServeHTTP(w, r)
}

// jar returns the file for a user's cookies.
func (l *local) jar(username string) string { return filepath.Join(l.folder, username+".cookies") }

// close closes and removes everything, the newest first.
func (l *local) close() error {
	var failed []error
	for i := len(l.closers) - 1; i >= 0; i-- {
		failed = append(failed, l.closers[i]())
	}
	return errors.Join(failed...)
}

//go:embed walkthrough.txt
var walkthroughText string

var walkthrough = template.Must(template.New("walkthrough").Parse(walkthroughText))

// explain prints the commands that show the whole flow. You can copy the lines that begin
// with two spaces.
func (l *local) explain(w io.Writer) error {
	users := issuer.DemoUsers()
	return walkthrough.Execute(w, struct {
		Address, App, CDN, Pool, AliceJar string
		Alice, Bob                        issuer.User
	}{
		Address: l.address, App: l.app, CDN: l.cdn + "/", Pool: l.pool.URL(),
		AliceJar: filepath.ToSlash(l.jar(users[0].Username)), Alice: users[0], Bob: users[1],
	})
}
