// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/sign/dynamostore"
	"github.com/cfsign/cfsign/sign/storetest"
)

const (
	// name is one that a cache could use.
	name = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
	// canary stands for all that errors must not contain.
	canary = "SignatureOfTheCaller"
	table  = "cfsign"
	always = 1 << 30
)

// A service is a DynamoDB on loopback with one table.
type service struct {
	server   *awslocal.Server
	dynamoDB *awslocal.DynamoDB
	endpoint string
}

func newService(t testing.TB) service {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	dynamoDB := awslocal.NewDynamoDB(server)
	dynamoDB.CreateTable(table, "name")
	return service{server, dynamoDB, listener.URL}
}

// newClient returns AWS's own client with the default retries.
func newClient(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller", SessionToken: canary}, nil
		}),
	})
}

func newStore(t testing.TB, s service, o dynamostore.Options) *dynamostore.Store {
	t.Helper()
	store, err := dynamostore.New(newClient(s.endpoint), table, o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestContract(t *testing.T) {
	s := newService(t)
	one, other := newStore(t, s, dynamostore.Options{}), newStore(t, s, dynamostore.Options{})
	if err := storetest.TestStore(t.Context(), one, other); err != nil {
		t.Error(err)
	}
}

// TestSilent: all callers go on at their deadlines, also while the SDK waits to send a request
// again.
func TestSilent(t *testing.T) {
	for kind, prepare := range map[string]func(*testing.T) service{
		"no answer": func(t *testing.T) service {
			s := newService(t)
			s.server.Delay(awslocal.DynamoDBPutItem, always, time.Hour)
			return s
		},
		"no HTTP": func(t *testing.T) service {
			listener, err := net.Listen("tcp", "127.0.0.1:0") // Its queue accepts connections.
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { listener.Close() })
			return service{endpoint: "http://" + listener.Addr().String()}
		},
	} {
		t.Run(kind, func(t *testing.T) {
			if err := storetest.TestSilent(t.Context(), newStore(t, prepare(t), dynamostore.Options{})); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestItems: what the table holds for a claim and for a signature.
func TestItems(t *testing.T) {
	s := newService(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 600_000_001, time.UTC)
	store := newStore(t, s, dynamostore.Options{Clock: func() time.Time { return now }})
	if _, claimed, err := store.Claim(t.Context(), name, 250*time.Millisecond); err != nil || !claimed {
		t.Fatal(claimed, err)
	}
	claim := s.dynamoDB.Items(table)[name]
	owner, err := base64.StdEncoding.DecodeString(claim["owner"]["B"])
	if err != nil || len(owner) != 16 {
		t.Errorf("the owner is %q, %v", owner, err)
	}
	delete(claim, "owner")
	want := awslocal.Item{"name": {"S": name}, "until": {"N": "1767323045851"}, "expires": {"N": "1767323046"}}
	if diff := cmp.Diff(want, claim); diff != "" {
		t.Errorf("a claim (-want +got):\n%s", diff)
	}
	if err := store.Save(t.Context(), name, []byte("signature"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want = awslocal.Item{
		"name": {"S": name}, "until": {"N": "1767326645601"}, "expires": {"N": "1767326646"},
		"signature": {"B": base64.StdEncoding.EncodeToString([]byte("signature"))},
	}
	if diff := cmp.Diff(want, s.dynamoDB.Items(table)[name]); diff != "" {
		t.Errorf("a signature (-want +got):\n%s", diff)
	}
}

// TestExpired: DynamoDB deletes items late, so what has expired counts as absent.
func TestExpired(t *testing.T) {
	s := newService(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	store := newStore(t, s, dynamostore.Options{Clock: func() time.Time { return now }})
	if err := store.Save(t.Context(), name, []byte("signature"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	begin := now
	for _, tt := range []struct {
		passed  time.Duration
		claimed bool
	}{{0, false}, {time.Hour - time.Millisecond, false}, {time.Hour, true}, {time.Hour + time.Minute - 1, false}, {time.Hour + time.Minute, true}} {
		now = begin.Add(tt.passed)
		signature, claimed, err := store.Claim(t.Context(), name, time.Minute)
		if err != nil || claimed != tt.claimed || (signature != nil) != (tt.passed < time.Hour) {
			t.Errorf("after %v: %q, %t, %v", tt.passed, signature, claimed, err)
		}
	}
}

// TestRequests counts requests: one for each call.
func TestRequests(t *testing.T) {
	s := newService(t)
	store := newStore(t, s, dynamostore.Options{})
	for range 3 {
		if _, _, err := store.Claim(t.Context(), name, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Save(t.Context(), name, []byte("s"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := s.server.Count(awslocal.DynamoDBPutItem); got != 4 {
		t.Errorf("4 calls made %d requests", got)
	}
}

// TestRetries: the SDK sends a request again, and the caller does not notice.
func TestRetries(t *testing.T) {
	tests := []struct {
		name, why string
		fail      func(*awslocal.Server)
	}{
		{"throttled", "it was not carried out", func(s *awslocal.Server) {
			s.Fail(awslocal.DynamoDBPutItem, 1, &awslocal.Error{Type: "ProvisionedThroughputExceededException"})
		}},
		{"no answer", "it was not carried out", func(s *awslocal.Server) { s.Drop(awslocal.DynamoDBPutItem, 1) }},
		{"late failure", "it was carried out, so the claim is the caller's own", func(s *awslocal.Server) {
			s.FailLate(awslocal.DynamoDBPutItem, 1, &awslocal.Error{Status: 500, Type: "InternalServerError"})
		}},
		{"no answer, late", "it was carried out, so the claim is the caller's own", func(s *awslocal.Server) {
			s.DropLate(awslocal.DynamoDBPutItem, 1)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			store := newStore(t, s, dynamostore.Options{})
			tt.fail(s.server)
			if _, claimed, err := store.Claim(t.Context(), name, time.Hour); err != nil || !claimed {
				t.Errorf("%s: %t, %v", tt.why, claimed, err)
			}
			tt.fail(s.server)
			if err := store.Save(t.Context(), name, []byte("signature"), time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
			if got := s.server.Count(awslocal.DynamoDBPutItem); got != 4 {
				t.Errorf("%d requests, want 4", got)
			}
		})
	}
}

// TestRetriesEnd: retries end with the context, and not after the SDK's three attempts or
// twenty seconds.
func TestRetriesEnd(t *testing.T) {
	s := newService(t)
	s.server.Fail(awslocal.DynamoDBPutItem, always, &awslocal.Error{Type: "ThrottlingException"})
	client := dynamodb.New(newClient(s.endpoint).Options(), func(o *dynamodb.Options) { o.RetryMaxAttempts = 1000 })
	store, err := dynamostore.New(client, table, dynamostore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, _, err := store.Claim(ctx, name, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
	if passed := time.Since(begin); passed > 10*time.Second {
		t.Errorf("it took %v", passed)
	}
}

// TestWrongClock: what the README says about a process with a clock that is ten minutes ahead.
func TestWrongClock(t *testing.T) {
	s := newService(t)
	now := time.Now()
	at := func(offset time.Duration) *dynamostore.Store {
		return newStore(t, s, dynamostore.Options{Clock: func() time.Time { return now.Add(offset) }})
	}
	const ahead, lease = 10 * time.Minute, time.Second
	check := func(why string, store *dynamostore.Store, name string, want bool) {
		t.Helper()
		if _, claimed, err := store.Claim(t.Context(), name, lease); err != nil || claimed != want {
			t.Errorf("%s: %t, %v", why, claimed, err)
		}
	}
	check("a free name", at(ahead), "claimed", true)
	check("the lease is over, but not for the others", at(ahead-time.Second), "claimed", false)
	check("ten minutes and the lease are over", at(ahead+lease+time.Second), "claimed", true)
	for name, left := range map[string]time.Duration{"short": ahead - time.Second, "long": ahead + time.Second} {
		if err := at(0).Save(t.Context(), name, []byte("signature"), now.Add(left)); err != nil {
			t.Fatal(err)
		}
		check(name+", with a right clock", at(0), name, false)
		check(name+", with a clock that is ahead", at(ahead), name, left < ahead)
	}
}

// TestArguments: invalid arguments give an error that says what to pass, and no request.
func TestArguments(t *testing.T) {
	s := newService(t)
	store := newStore(t, s, dynamostore.Options{})
	later := time.Now().Add(time.Hour)
	tests := []struct {
		name string
		call func() error
		want string
	}{
		{"no client", func() error { _, err := dynamostore.New(nil, table, dynamostore.Options{}); return err }, "dynamodb.NewFromConfig"},
		{"no table", func() error {
			_, err := dynamostore.New(newClient(s.endpoint), "", dynamostore.Options{})
			return err
		}, "its name or ARN"},
		{"no lease", func() error { _, _, err := store.Claim(t.Context(), name, 0); return err }, "a millisecond"},
		{"short lease", func() error { _, _, err := store.Claim(t.Context(), name, time.Millisecond-1); return err }, "999.999µs"},
		{"empty signature", func() error { return store.Save(t.Context(), name, nil, later) }, "0 bytes: pass 1 to 512"},
		{"long signature", func() error { return store.Save(t.Context(), name, make([]byte, 513), later) }, "513 bytes"},
		{"expired", func() error { return store.Save(t.Context(), name, []byte("s"), time.Now().Add(-time.Hour)) }, "Options.Clock"},
		{"zero time", func() error { return store.Save(t.Context(), name, []byte("s"), time.Time{}) }, "Options.Clock"},
	}
	for _, tt := range tests {
		if err := tt.call(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one that says %q", tt.name, err, tt.want)
		}
	}
	if got := s.server.Count(awslocal.DynamoDBPutItem); got != 0 {
		t.Errorf("%d requests", got)
	}
}

// item returns an item that expires in an hour.
func item(attributes ...string) awslocal.Item {
	i := awslocal.Item{"name": {"S": name}, "until": {"N": strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10)}}
	for n := 0; n < len(attributes); n += 3 {
		i[attributes[n]] = awslocal.Attribute{attributes[n+1]: attributes[n+2]}
	}
	return i
}

// TestForeignItems: another program writes to the table.
func TestForeignItems(t *testing.T) {
	long := base64.StdEncoding.EncodeToString(make([]byte, 513))
	for kind, item := range map[string]awslocal.Item{
		"nothing else":         item(),
		"text":                 item("signature", "S", canary, "owner", "S", canary),
		"a long signature":     item("signature", "B", long),
		"an empty signature":   item("signature", "B", ""),
		"no time":              {"name": {"S": name}, "owner": {"S": canary}},
		"a time that is text":  {"name": {"S": name}, "until": {"S": "0"}},
		"a number of an owner": item("owner", "N", "1"),
	} {
		t.Run(kind, func(t *testing.T) {
			s := newService(t)
			s.dynamoDB.Put(table, item)
			store := newStore(t, s, dynamostore.Options{})
			signature, claimed, err := store.Claim(t.Context(), name, time.Minute)
			if signature != nil || claimed {
				t.Errorf("got %q, %t", signature, claimed)
			}
			checkError(t, err, "use a table that nothing else uses")
			if err := store.Save(t.Context(), name, []byte("s"), time.Now().Add(time.Hour)); err != nil {
				t.Errorf("Save replaces it: %v", err)
			}
		})
	}
}
