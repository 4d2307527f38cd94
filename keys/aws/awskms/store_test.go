// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/internal/rotationtest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/keys/keystest"
)

var _ keygroup.Store = (*awskms.Store)(nil)

const nextAlias = alias + "-next"

func newStore(t *testing.T, client awskms.StoreAPI, o awskms.StoreOptions) *awskms.Store {
	t.Helper()
	store, err := awskms.NewStore(client, alias, o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// rotate calls the methods in the order of a rotation.
func rotate(ctx context.Context, store *awskms.Store) error {
	next, err := store.Next(ctx)
	if err == nil && next == nil {
		next, err = store.Create(ctx)
	}
	if err != nil {
		return err
	}
	return store.Switch(ctx, next, "K2")
}

// TestStoreIsKilled at every request. The next process finishes what the one before began, and
// at most one key has no alias.
func TestStoreIsKilled(t *testing.T) {
	for _, isFirst := range []bool{false, true} {
		rotationtest.Kill(t, func(t *testing.T) rotationtest.Case {
			first := crypto.Signer(testkeys.P256())
			public := first.Public()
			if isFirst {
				public = nil
			}
			site := rotationtest.Start(t, public)
			service := awslocal.NewKMS(site.Server)
			if !isFirst {
				service.SetAlias(alias, service.Add(first))
			}
			return rotationtest.Case{
				Site: site,
				NewStore: func(config aws.Config) keygroup.Store {
					return newStore(t, kms.NewFromConfig(config), awskms.StoreOptions{})
				},
				Check: func(t *testing.T, keyPairID string) { checkRotated(t, site, keyPairID) },
			}
		})
	}
}

// checkRotated checks the aliases after a rotation to a key.
func checkRotated(t *testing.T, site *rotationtest.Site, keyPairID string) {
	t.Helper()
	client := kms.NewFromConfig(site.Config(http.DefaultTransport))
	for _, name := range []string{alias, nextAlias} {
		key, err := awskms.New(t.Context(), client, name, awskms.Options{Public: site.Trusted()[keyPairID]})
		if err != nil {
			t.Error(err)
			continue
		}
		if err := keystest.TestSigner(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if n := site.Server.Count(awslocal.KMSCreateKey); n > 2 {
		t.Errorf("%d keys were created", n)
	}
}

// TestStoreStates has every state that the aliases can be in.
func TestStoreStates(t *testing.T) {
	const none = ""
	tests := []struct {
		name, why     string
		current, next string // "A", "B" or none
		state         string // of the key A
		multiRegion   bool
		want          error
		says          string
		wantNext      bool
	}{
		{name: "a key", current: "A", why: "nothing has begun"},
		{name: "a next key", current: "A", next: "B", wantNext: true, why: "Create was called"},
		{name: "the same key", current: "A", next: "A", why: "after a rotation"},
		{name: "nothing", why: "before the first rotation"},
		{name: "a first key", next: "B", wantNext: true, why: "the first rotation"},
		{name: "disabled", current: "A", state: "Disabled", want: keys.ErrDisabled, says: alias, why: "a rotation would hide the outage"},
		{name: "pending deletion", current: "A", state: "PendingDeletion", want: keys.ErrPendingDeletion, says: alias, why: "the same"},
		{name: "multi-Region", multiRegion: true, current: "A", want: errOther, says: "by hand", why: "other Regions have aliases of their own"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			add := s.Add
			if tt.multiRegion {
				add = s.AddMultiRegion
			}
			arns := map[string]string{"A": add(testkeys.RSA()), "B": s.Add(testkeys.OtherP256())}
			s.deleteAlias(t, alias)
			for name, key := range map[string]string{alias: tt.current, nextAlias: tt.next} {
				if key != none {
					s.SetAlias(name, arns[key])
				}
			}
			if tt.state != "" {
				s.SetState(arns["A"], tt.state)
			}
			store := newStore(t, s.client, awskms.StoreOptions{})
			current, err := store.Current(t.Context())
			checkStoreError(t, err, tt.want, tt.says)
			if (current != nil) != (tt.want == nil && tt.current != none) {
				t.Errorf("%s: current is %v", tt.why, current)
			}
			next, err := store.Next(t.Context())
			checkStoreError(t, err, tt.want, tt.says)
			if (next != nil) != tt.wantNext || next != nil && !testkeys.OtherP256().PublicKey.Equal(next) {
				t.Errorf("%s: next is %v", tt.why, next)
			}
			if tt.want != nil {
				checkStoreError(t, rotate(t.Context(), store), tt.want, tt.says)
				checkStoreError(t, store.Switch(t.Context(), testkeys.OtherP256().Public(), "K2"), tt.want, tt.says)
				return
			}
			if err := rotate(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			key, err := awskms.New(t.Context(), s.client, alias, awskms.Options{})
			if err != nil || slices.Contains([]string{arns["A"], s.arn}, key.ARN()) || tt.wantNext && key.ARN() != arns["B"] {
				t.Errorf("%s: %s leads to %s, %v", tt.why, alias, key.ARN(), err)
			}
		})
	}
}

// errOther stands for an error that callers do not branch on.
var errOther = errors.New("another error")

func checkStoreError(t *testing.T, err, want error, says string) {
	t.Helper()
	checkKind(t, err, want)
	if (err == nil) != (want == nil) || err != nil && (!strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "awskms: ")) {
		t.Errorf("got error %v, want %v that says %q", err, want, says)
	}
}

func (s *service) deleteAlias(t *testing.T, name string) {
	t.Helper()
	if _, err := s.client.DeleteAlias(t.Context(), &kms.DeleteAliasInput{AliasName: &name}); err != nil {
		t.Fatal(err)
	}
}

// recording is a client that keeps what keys are created with.
type recording struct {
	*kms.Client
	created []*kms.CreateKeyInput
}

func (r *recording) CreateKey(ctx context.Context, input *kms.CreateKeyInput, o ...func(*kms.Options)) (*kms.CreateKeyOutput, error) {
	r.created = append(r.created, input)
	return r.Client.CreateKey(ctx, input, o...)
}

// TestStoreCreates keys like the current one, with the options.
func TestStoreCreates(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Statement": []}`
	description := aws.String("CloudFront signed URLs and cookies: created by cfsign as the next key of alias/cloudfront")
	tests := []struct {
		name    string
		current crypto.Signer
		options awskms.StoreOptions
		want    *kms.CreateKeyInput
	}{
		{"P-256", testkeys.P256(), awskms.StoreOptions{}, &kms.CreateKeyInput{KeySpec: types.KeySpecEccNistP256}},
		{"RSA", testkeys.RSA(), awskms.StoreOptions{}, &kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048}},
		{"first", nil, awskms.StoreOptions{}, &kms.CreateKeyInput{KeySpec: types.KeySpecEccNistP256}},
		{"options", nil, awskms.StoreOptions{Tags: map[string]string{"b": "2", "a": "1"}, Policy: policy}, &kms.CreateKeyInput{
			KeySpec: types.KeySpecEccNistP256, Policy: aws.String(policy),
			Tags: []types.Tag{{TagKey: aws.String("a"), TagValue: aws.String("1")}, {TagKey: aws.String("b"), TagValue: aws.String("2")}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			if s.deleteAlias(t, alias); tt.current != nil {
				s.SetAlias(alias, s.Add(tt.current))
			}
			client := &recording{Client: s.client}
			store := newStore(t, client, tt.options)
			clear(tt.options.Tags) // the store has its own
			if _, err := store.Create(t.Context()); err != nil {
				t.Fatal(err)
			}
			tt.want.Description, tt.want.KeyUsage = description, types.KeyUsageTypeSignVerify
			if diff := cmp.Diff([]*kms.CreateKeyInput{tt.want}, client.created, cmpopts.IgnoreUnexported(kms.CreateKeyInput{}, types.Tag{})); diff != "" {
				t.Errorf("CreateKey (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCreateAgain gives up a next key.
func TestCreateAgain(t *testing.T) {
	for _, isFirst := range []bool{false, true} {
		s := newService(t)
		if isFirst {
			s.deleteAlias(t, alias)
		}
		store := newStore(t, s.client, awskms.StoreOptions{})
		var created [2]crypto.PublicKey
		for i := range created {
			var err error
			if created[i], err = store.Create(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		next, err := store.Next(t.Context())
		if err != nil || isEqualKey(created[0], created[1]) || !isEqualKey(created[1], next) {
			t.Errorf("first: %t: the next key is not the second one, or %v", isFirst, err)
		}
	}
}

// TestGoBack: somebody makes the alias lead to the old key again, and the next rotation creates
// a third one.
func TestGoBack(t *testing.T) {
	site := rotationtest.Start(t, testkeys.P256().Public())
	service := awslocal.NewKMS(site.Server)
	old := service.Add(testkeys.P256())
	service.SetAlias(alias, old)
	config := site.Config(http.DefaultTransport)
	store := newStore(t, kms.NewFromConfig(config), awskms.StoreOptions{})
	site.GoBack(t, store, func() { service.SetAlias(alias, old) })
	if n := site.Server.Count(awslocal.KMSCreateKey); n != 2 {
		t.Errorf("%d keys were created", n)
	}
}

// TestSwitchToAnother: another process has made another next key, which CloudFront does not trust
// under the ID.
func TestSwitchToAnother(t *testing.T) {
	for _, isFirst := range []bool{false, true} {
		s := newService(t)
		if isFirst {
			s.deleteAlias(t, alias)
		}
		store := newStore(t, s.client, awskms.StoreOptions{})
		mine, err := store.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.SetAlias(nextAlias, s.Add(testkeys.OtherP256()))
		for _, next := range []crypto.PublicKey{mine, testkeys.RSA().Public(), nil} {
			checkStoreError(t, store.Switch(t.Context(), next, "K2"), keys.ErrMismatch, "run the rotation again")
		}
		if current, err := store.Current(t.Context()); err != nil || (current == nil) != isFirst || current != nil && !isEqualKey(testkeys.P256().Public(), current) {
			t.Errorf("Switch has changed the current key, or %v", err)
		}
		for range 2 { // the second one has nothing to do
			if err := store.Switch(t.Context(), testkeys.OtherP256().Public(), "K3"); err != nil {
				t.Error(err)
			}
		}
		if current, err := store.Current(t.Context()); err != nil || !isEqualKey(testkeys.OtherP256().Public(), current) {
			t.Errorf("the current key is %v, %v", current, err)
		}
		checkStoreError(t, store.Switch(t.Context(), mine, "K2"), keys.ErrNoKey, "call Create first")
	}
}

// TestStoreRotatesTwice: a store is for any number of rotations.
func TestStoreRotatesTwice(t *testing.T) {
	s := newService(t)
	store := newStore(t, s.client, awskms.StoreOptions{})
	arns := []string{s.arn}
	for range 2 {
		if err := rotate(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		key, err := awskms.New(t.Context(), s.client, alias, awskms.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(arns, key.ARN()) {
			t.Errorf("%s leads to an old key", alias)
		}
		arns = append(arns, key.ARN())
	}
}

// TestStoreFaults has each operation fail. A key that was created is not lost.
func TestStoreFaults(t *testing.T) {
	tests := []struct {
		target   string
		want     error
		wantKeys int // that were created before the failure
	}{
		{awslocal.KMSGetPublicKey, keys.ErrAccessDenied, 0},
		{awslocal.KMSCreateAlias, keys.ErrAccessDenied, 0},
		{awslocal.KMSCreateKey, keys.ErrAccessDenied, 1},
		{awslocal.KMSUpdateAlias, keys.ErrAccessDenied, 1},
	}
	for _, tt := range tests {
		s := newService(t)
		store := newStore(t, s.client, awskms.StoreOptions{})
		s.server.Fail(tt.target, always, &awslocal.Error{Type: "AccessDeniedException", Message: "no"})
		err := rotate(t.Context(), store)
		_, operation, _ := strings.Cut(tt.target, ".")
		checkStoreError(t, err, tt.want, operation)
		if n := s.server.Count(awslocal.KMSCreateKey); n != tt.wantKeys {
			t.Errorf("%s: %d keys were created", operation, n)
		}
		if isLost := tt.target == awslocal.KMSUpdateAlias; isLost != strings.Contains(err.Error(), "has no alias: call Create of this Store again") {
			t.Errorf("%s: the error is %v", operation, err)
		}
		s.server.Recover(tt.target)
		before := s.server.Count(awslocal.KMSCreateKey)
		if err := rotate(t.Context(), store); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		if n := s.server.Count(awslocal.KMSCreateKey) - before; (n == 0) != (tt.target == awslocal.KMSUpdateAlias) {
			t.Errorf("%s: %d more keys were created", operation, n)
		}
	}
}

// TestStoreForgetsDeletedKeys: a key without an alias that somebody has deleted is not used.
func TestStoreForgetsDeletedKeys(t *testing.T) {
	s := newService(t)
	store := newStore(t, s.client, awskms.StoreOptions{})
	s.server.Fail(awslocal.KMSUpdateAlias, 1, &awslocal.Error{Type: "AccessDeniedException"})
	_, err := store.Create(t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	_, text, _ := strings.Cut(err.Error(), "the new key ")
	arn, _, _ := strings.Cut(text, " ")
	s.SetState(arn, "PendingDeletion")
	if _, err := store.Create(t.Context()); !errors.Is(err, keys.ErrPendingDeletion) {
		t.Errorf("got error %v", err)
	}
	if err := rotate(t.Context(), store); err != nil {
		t.Error(err)
	}
}

// TestStoreLostAnswers: the client of the SDK repeats a request that KMS has carried out.
func TestStoreLostAnswers(t *testing.T) {
	for _, target := range []string{awslocal.KMSGetPublicKey, awslocal.KMSCreateKey, awslocal.KMSCreateAlias, awslocal.KMSUpdateAlias} {
		s := newService(t)
		s.server.FailLate(target, 1, &awslocal.Error{Status: 500, Type: "KMSInternalException"})
		if err := rotate(t.Context(), newStore(t, s.client, awskms.StoreOptions{})); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// slow is a KMS that shows the old state of the aliases for some requests after a change.
type slow struct {
	*kms.Client
	requests int
	late     map[string]int    // requests until an alias shows its key
	before   map[string]string // the key that it shows until then; empty: no alias
}

func (s *slow) changed(name string, before string) {
	s.late[name], s.before[name] = s.requests, before
}

func (s *slow) CreateAlias(ctx context.Context, input *kms.CreateAliasInput, o ...func(*kms.Options)) (*kms.CreateAliasOutput, error) {
	s.changed(*input.AliasName, "")
	return s.Client.CreateAlias(ctx, input, o...)
}

func (s *slow) UpdateAlias(ctx context.Context, input *kms.UpdateAliasInput, o ...func(*kms.Options)) (*kms.UpdateAliasOutput, error) {
	old, err := s.Client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: input.AliasName})
	if err != nil {
		return nil, err
	}
	s.changed(*input.AliasName, *old.KeyId)
	return s.Client.UpdateAlias(ctx, input, o...)
}

func (s *slow) GetPublicKey(ctx context.Context, input *kms.GetPublicKeyInput, o ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	if s.late[*input.KeyId] > 0 {
		s.late[*input.KeyId]--
		if s.before[*input.KeyId] == "" {
			return nil, &types.NotFoundException{}
		}
		input = &kms.GetPublicKeyInput{KeyId: aws.String(s.before[*input.KeyId])}
	}
	return s.Client.GetPublicKey(ctx, input, o...)
}

// TestSlowAliases: after Create and Switch, everybody sees the new key.
func TestSlowAliases(t *testing.T) {
	for _, isFirst := range []bool{false, true} {
		s := newService(t)
		if isFirst {
			s.deleteAlias(t, alias)
		}
		client := &slow{Client: s.client, requests: 1, late: map[string]int{}, before: map[string]string{}}
		store := newStore(t, client, awskms.StoreOptions{})
		created, err := store.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next, err := store.Next(t.Context()); err != nil || !isEqualKey(created, next) {
			t.Errorf("after Create, next is %v, %v", next, err)
		}
		if err := store.Switch(t.Context(), created, "K2"); err != nil {
			t.Fatal(err)
		}
		if current, err := store.Current(t.Context()); err != nil || !isEqualKey(created, current) {
			t.Errorf("after Switch, current is %v, %v", current, err)
		}
	}
	s := newService(t)
	client := &slow{Client: s.client, requests: always, late: map[string]int{}, before: map[string]string{}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := newStore(t, client, awskms.StoreOptions{}).Create(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
}

func isEqualKey(a, b crypto.PublicKey) bool {
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

// TestAliasOfAnother: somebody else creates the alias at the same time.
func TestAliasOfAnother(t *testing.T) {
	s := newService(t)
	other := s.Add(testkeys.OtherP256())
	s.server.Before(func(target string) {
		if target == awslocal.KMSCreateAlias {
			s.SetAlias(nextAlias, other)
		}
	})
	store := newStore(t, s.client, awskms.StoreOptions{})
	_, err := store.Create(t.Context())
	checkStoreError(t, err, keys.ErrUnavailable, other)
	public, err := store.Next(t.Context())
	if err != nil || !testkeys.OtherP256().PublicKey.Equal(public) {
		t.Errorf("got %v, %v", public, err)
	}
	if n := s.server.Count(awslocal.KMSCreateKey); n != 0 {
		t.Errorf("%d keys were created", n)
	}
}

// TestStoreTimeout: Timeout limits a request, and the context limits all of them.
func TestStoreTimeout(t *testing.T) {
	for _, target := range []string{awslocal.KMSGetPublicKey, awslocal.KMSCreateAlias} {
		s := newService(t)
		store := newStore(t, s.client, awskms.StoreOptions{Timeout: 100 * time.Millisecond})
		s.server.Delay(target, always, time.Hour)
		_, err := store.Create(t.Context())
		checkKind(t, err, context.DeadlineExceeded)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = store.Create(ctx)
		checkKind(t, err, context.Canceled)
	}
}

// TestStoreArguments: mistakes in calls say what to write.
func TestStoreArguments(t *testing.T) {
	s := newService(t)
	var noClient *kms.Client
	for _, tt := range []struct {
		client awskms.StoreAPI
		alias  string
		o      awskms.StoreOptions
		want   string
	}{
		{nil, alias, awskms.StoreOptions{}, "the client is nil"},
		{noClient, alias, awskms.StoreOptions{}, "the client is nil"},
		{s.client, "cloudfront", awskms.StoreOptions{}, "alias/cloudfront"},
		{s.client, "alias/", awskms.StoreOptions{}, "alias/cloudfront"},
		{s.client, s.arn, awskms.StoreOptions{}, "alias/cloudfront"},
		{s.client, "alias/" + string(testkeys.P256PEM()), awskms.StoreOptions{}, "alias/cloudfront"},
		{s.client, "alias/" + strings.Repeat("a", 246), awskms.StoreOptions{}, "at most 251"},
		{s.client, alias, awskms.StoreOptions{Timeout: -1}, "Timeout"},
	} {
		store, err := awskms.NewStore(tt.client, tt.alias, tt.o)
		if store != nil || err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("got %v, %v, want an error with %q", store, err, tt.want)
		}
	}
	for _, store := range []*awskms.Store{nil, {}} {
		if err := rotate(t.Context(), store); err == nil || !strings.Contains(err.Error(), "make the store with NewStore") {
			t.Errorf("got error %v", err)
		}
	}
	store := newStore(t, s.client, awskms.StoreOptions{})
	var noContext context.Context
	if err := rotate(noContext, store); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("got error %v", err)
	}
	checkStoreError(t, store.Switch(t.Context(), testkeys.OtherP256().Public(), "K2"), keys.ErrNoKey, "call Create first")
	if err := store.Switch(t.Context(), testkeys.P256().Public(), "no ID"); !errors.Is(err, keys.ErrKeyPairID) {
		t.Errorf("got error %v", err)
	}
}

// passwordClient is a client with a secret that fmt would print.
type passwordClient struct {
	*kms.Client
	password string
}

func TestStorePrintsNothing(t *testing.T) {
	store := newStore(t, passwordClient{newService(t).client, "SecretOfTheClient"}, awskms.StoreOptions{})
	type application struct{ store *awskms.Store }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{store, reflect.ValueOf(store).Elem().Interface(), application{store}, &application{store}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "SecretOfTheClient") || strings.Contains(text, fmt.Sprintf("%x", "SecretOfTheClient")) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	if got, want := fmt.Sprintf("%v %d %v", store, store, &awskms.Store{}), "awskms.Store(alias/cloudfront) awskms.Store(alias/cloudfront) awskms.Store(nothing)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
