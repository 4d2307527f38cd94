// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awstest"
)

const keyPairID = "K2JCJMDEHXQW5F"

// environment returns the environment of a program for which a user pool on this machine is
// Cognito, and awstest is Secrets Manager.
func environment(t *testing.T, issuerURL, appClientID string) (map[string]string, *awstest.Secrets) {
	t.Helper()
	cloud := awstest.New(t)
	cloud.Secrets.Put(privateKeySecret, string(testkeys.P256PEM()))
	cloud.Secrets.Put(keyPairIDSecret, keyPairID)
	return map[string]string{
		envAppClientID: appClientID, envDomain: "cdn.example.com", envSecretRegion: "us-east-1", envIssuer: issuerURL,
		envDatabase:     "file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "shares.db")),
		envCookieDomain: "example.com", envAppOrigin: "https://www.example.com", envListen: "127.0.0.1:0",
		"AWS_ENDPOINT_URL": *cloud.Config.BaseEndpoint, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SecretAccessKeyOfTheExample",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	}, cloud.Secrets
}

// start runs the program in this process, until the end of the test or until stop is called,
// and returns its URL.
func start(t *testing.T, environment map[string]string, log *logbook) (address string, stop func() error) {
	t.Helper()
	for name, value := range environment {
		if strings.HasPrefix(name, "AWS_") { // which the SDK reads itself
			t.Setenv(name, value)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, program{args: []string{"-aws"}, getenv: getenvOf(environment), stdout: io.Discard, stderr: log})
	}()
	stopped := false
	stop = func() error {
		cancel()
		if stopped {
			return nil
		}
		stopped = true
		return <-ended
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	for {
		select {
		case err := <-ended:
			stopped = true
			t.Fatalf("the program ended: %v\n%s", err, log)
		case <-time.After(time.Millisecond):
			if address, ok := listening(log); ok {
				return "http://" + address, stop
			}
		}
	}
}

// listening returns the address that the log has.
func listening(log *logbook) (string, bool) {
	for line := range strings.Lines(log.String()) {
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			return entry.Address, true
		}
	}
	return "", false
}

// distribution returns one that trusts the key in the secrets, and leads app.example.com to the
// program, as a load balancer does that ends TLS.
func distribution(t *testing.T, address string, files http.Handler) *edgetest.Server {
	t.Helper()
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: files, TrustedKeyGroups: []keys.Set{trusted}}})
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	server.Handle("app.example.com", httputil.NewSingleHostReverseProxy(target))
	return server
}

// TestProgram runs all of it with the settings of the article.
func TestProgram(t *testing.T) {
	pool := newPool(t, time.Now)
	environment, _ := environment(t, pool.URL(), issuer.ClientID)
	log := &logbook{}
	address, stop := start(t, environment, log)
	w := &world{Server: distribution(t, address, edge.Bucket(bucket())), pool: pool, log: log}
	asAlice, asBob := w.token(t, issuer.UseAccess, "alice", nil), w.token(t, issuer.UseID, "bob", nil)
	w.must(t, w.Viewer, http.StatusOK, call{target: readinessPath})
	w.must(t, w.Viewer, http.StatusNoContent, call{method: "PUT", target: "/shares/" + alice, token: asBob})
	for _, folder := range []string{alice, bob} {
		w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=/" + folder + "/", token: asAlice})
		w.Allowed(t, cdn+folder+"/report.txt")
	}
	got := w.must(t, w.Viewer, http.StatusForbidden, call{target: "/shares", token: asAlice, header: http.Header{"Origin": {"https://evil.example.com"}}})
	checkAnswer(t, got, http.StatusForbidden, "pages of this origin")
	long := http.Header{"Authorization": {"Bearer " + strings.Repeat("a", 64<<10)}}
	w.must(t, w.Viewer, http.StatusRequestHeaderFieldsTooLarge, call{target: "/access/", header: long})
	if err := stop(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(strings.TrimPrefix(environment[envDatabase], "file:") + "-*"); err != nil || len(left) > 0 {
		t.Errorf("the database was not closed: %v, %v", left, err)
	}
	checkSecret(t, log.String(), asAlice, asBob, string(testkeys.P256PEM()))

	// What is shared is there after a restart.
	log.take()
	address, _ = start(t, environment, log)
	w = &world{Server: distribution(t, address, edge.Bucket(bucket())), pool: pool, log: log}
	w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=/" + bob + "/", token: asAlice})
}

// TestOneSecret: cfsign rotate writes the key and its ID into one secret.
func TestOneSecret(t *testing.T) {
	environment, secrets := environment(t, "https://issuer.example.com", "app")
	for name, value := range environment {
		if strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value)
		}
	}
	text, err := json.Marshal(map[string]string{"keyPairId": "KNEW", "privateKey": string(testkeys.P256PEM())})
	if err != nil {
		t.Fatal(err)
	}
	secrets.Put(privateKeySecret, string(text))
	secrets.Delete(keyPairIDSecret)
	source, err := openSource(t.Context(), "us-east-1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := source.Pair(); id != "KNEW" {
		t.Errorf("the ID is %s", id)
	}
}

// TestCannotStart: what is missing is said, without passwords and keys.
func TestCannotStart(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		name   string
		change func(environment map[string]string, secrets *awstest.Secrets)
		say    string
		is     error
	}{
		{"no private key", func(_ map[string]string, s *awstest.Secrets) { s.Delete(privateKeySecret) }, privateKeySecret, keys.ErrPendingDeletion},
		{"no ID", func(_ map[string]string, s *awstest.Secrets) { s.Delete(keyPairIDSecret) }, keyPairIDSecret, keys.ErrPendingDeletion},
		{"no key in the secret", func(_ map[string]string, s *awstest.Secrets) { s.Put(privateKeySecret, "opensesame-opensesame") }, privateKeySecret, nil},
		{"no database", func(e map[string]string, _ *awstest.Secrets) {
			e[envDatabase] = "mysql://u:opensesame-opensesame@db/shares"
		}, envDatabase + ": ", nil},
		{"no server", func(e map[string]string, _ *awstest.Secrets) {
			e[envDatabase] = "postgres://u:opensesame-opensesame@127.0.0.1:1/shares?sslmode=disable&connect_timeout=1"
		}, envDatabase + ": ", nil},
		{"no port", func(e map[string]string, _ *awstest.Secrets) { e[envListen] = taken.Addr().String() }, "listen", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pool := newPool(t, time.Now)
			environment, secrets := environment(t, pool.URL(), issuer.ClientID)
			tt.change(environment, secrets)
			for name, value := range environment {
				if strings.HasPrefix(name, "AWS_") {
					t.Setenv(name, value)
				}
			}
			var output bytes.Buffer
			err := run(t.Context(), program{args: []string{"-aws"}, getenv: getenvOf(environment), stdout: &output, stderr: &output})
			if err == nil || !strings.Contains(err.Error(), tt.say) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("got error %v, want one that says %q", err, tt.say)
			}
			checkSecret(t, err.Error()+output.String(), "opensesame-opensesame")
		})
	}
}

// TestStartWithoutCognito: an outage of the user pool does not keep the program down.
func TestStartWithoutCognito(t *testing.T) {
	environment, _ := environment(t, "http://127.0.0.1:1/pool", "client")
	log := &logbook{}
	address, _ := start(t, environment, log)
	if !strings.Contains(log.String(), "tokens cannot be verified now") {
		t.Errorf("the log has %s", log)
	}
	log.take()
	w := &world{Server: distribution(t, address, edge.Bucket(bucket())), pool: newPool(t, time.Now), log: log}
	w.must(t, w.Viewer, http.StatusOK, call{target: readinessPath})
	w.checkRefusal(t, call{target: "/access/", token: w.token(t, issuer.UseAccess, "alice", nil)}, http.StatusServiceUnavailable, "keys of the user pool")
}

// TestShutdown: requests that have begun are answered, and no new ones are.
func TestShutdown(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-goOn
		fmt.Fprint(w, "done")
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, h, newLogger(io.Discard)) }()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answered <- fmt.Sprint(string(body), err)
	}()
	<-begun
	stop()
	for { // until nothing listens any more
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			break
		}
		connection.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	close(goOn)
	if got := <-answered; got != "done<nil>" {
		t.Errorf("got %s", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
