// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// Names under which the tests keep things.
const (
	secretName    = "prod/cdn"
	parameterName = "/prod/cdn"
	idName        = "prod/cdn-id"
	idParameter   = "/prod/cdn-id"
)

// A local is both services on loopback, with AWS's own clients for them.
type local struct {
	server     *awslocal.Server
	secrets    *awslocal.Secrets
	parameters *awslocal.Parameters
	sm         *secretsmanager.Client
	ssm        *ssm.Client
}

// newLocal starts the services. The clients try attempts times.
func newLocal(t testing.TB, attempts int) *local {
	t.Helper()
	server := &awslocal.Server{}
	l := &local{server: server, secrets: awslocal.NewSecrets(server), parameters: awslocal.NewParameters(server)}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	config := aws.Config{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(listener.URL),
		Credentials:      aws.CredentialsProviderFunc(credentials),
		RetryMaxAttempts: attempts,
	}
	l.sm, l.ssm = secretsmanager.NewFromConfig(config), ssm.NewFromConfig(config)
	return l
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller"}, nil
}

// secret and id are where the tests keep pairs, and IDs apart.
func (l *local) secret() awssecrets.Location { return awssecrets.Secret(l.sm, secretName) }
func (l *local) id() awssecrets.Location     { return awssecrets.Secret(l.sm, idName) }

// newSource is New, which has to succeed.
func newSource(t testing.TB, l awssecrets.Location, o awssecrets.Options) *awssecrets.Source {
	t.Helper()
	source, err := awssecrets.New(t.Context(), l, o)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// pemOf returns a private key as PEM.
func pemOf(key crypto.Signer) string {
	text, err := keys.MarshalPrivate(key)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// publicOf returns its public key as PEM.
func publicOf(key crypto.Signer) string {
	text, err := keys.MarshalPublic(key.Public())
	if err != nil {
		panic(err)
	}
	return string(text)
}

// pairJSON returns the JSON of a secret with both.
func pairJSON(id string, key crypto.Signer) string {
	return jsonOf("keyPairId", id, "privateKey", pemOf(key))
}

// jsonOf returns a JSON object with members in the order that is given.
func jsonOf(namesAndValues ...string) string {
	var members []string
	for i := 0; i < len(namesAndValues); i += 2 {
		value, err := json.Marshal(namesAndValues[i+1])
		if err != nil {
			panic(err)
		}
		members = append(members, `"`+namesAndValues[i]+`": `+string(value))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// setOf returns a set of IDs with their keys.
func setOf(t testing.TB, trusted map[string]crypto.Signer) keys.Set {
	t.Helper()
	public := map[string]crypto.PublicKey{}
	for id, key := range trusted {
		public[id] = key.Public()
	}
	set, err := keys.NewSet(public)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// checkPair compares what a source has with what it should have.
func checkPair(t testing.TB, source *awssecrets.Source, id string, key crypto.Signer) {
	t.Helper()
	gotID, got := source.Pair()
	if gotID != id || !isKey(got, key) {
		t.Errorf("got the ID %s, and the right key: %t; want %s", gotID, isKey(got, key), id)
	}
}

func isKey(got, want crypto.Signer) bool {
	return got != nil && want.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(got.Public())
}

// checkTrusted compares the set of a source with what it should be.
func checkTrusted(t testing.TB, source *awssecrets.Source, want map[string]crypto.Signer) {
	t.Helper()
	trusted := source.Trusted()
	for id, key := range want {
		public, ok := trusted.Lookup(id)
		if !ok || !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public) {
			t.Errorf("%s is not trusted with its key", id)
		}
	}
	if ids := trusted.IDs(); len(ids) != len(want) {
		t.Errorf("%v are trusted, want %d", ids, len(want))
	}
}

// events keeps what Options.Observe is told.
type events struct {
	mu    sync.Mutex
	errs  []error
	taken []string // the IDs of the pairs that were taken
}

func (f *events) add(_ context.Context, e awssecrets.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.Err == nil {
		f.taken = append(f.taken, e.KeyPairID)
		return
	}
	f.errs = append(f.errs, e.Err)
}

// take returns the errors, and forgets them.
func (f *events) take() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	errs := f.errs
	f.errs = nil
	return errs
}

// takePairs returns the IDs of the pairs that were taken, and forgets them.
func (f *events) takePairs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	taken := f.taken
	f.taken = nil
	return taken
}

// The keys of the tests.
var (
	keyA = testkeys.P256()
	keyB = testkeys.OtherP256()
	keyC = testkeys.RSA()
)
