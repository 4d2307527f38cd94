// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/internal/rotationtest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

var _ keygroup.Store = (*awssecrets.Store)(nil)

func newStore(t *testing.T, client awssecrets.StoreAPI, o awssecrets.StoreOptions) *awssecrets.Store {
	t.Helper()
	store, err := awssecrets.NewStore(client, secretName, o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// other members of a secret, which a rotation must keep.
const others = `"user": "admin", "nested": {"privateKey": [1, "x"]}, "user": null`

// oldValue is a secret as people write them.
func oldValue(id string) string {
	return "{" + others + ", " + strings.Trim(jsonOf("CLOUDFRONT_PRIVATE_KEY", pemOf(keyA), "publicKeyPem", publicOf(keyA), "Key-Pair-Id", id), "{}") + "\n}"
}

// TestStoreRotates: applications see the old pair and then the new one, whenever they look.
func TestStoreRotates(t *testing.T) {
	site := rotationtest.Start(t, keyA.Public())
	secrets := awslocal.NewSecrets(site.Server)
	secrets.Put(secretName, oldValue(site.KeyPairID))
	reader := secretsmanager.NewFromConfig(site.Config(http.DefaultTransport))
	var told events
	source := newSource(t, awssecrets.Secret(reader, secretName), awssecrets.Options{Observe: told.add})
	var seen []string
	config := site.Config(&rotationtest.Transport{After: func(int) error {
		err := source.Refresh(t.Context())
		id, key := source.Pair()
		if len(seen) == 0 || seen[len(seen)-1] != id {
			seen = append(seen, id)
		}
		if public := site.Trusted()[id]; public == nil || !isPublic(key, public) {
			t.Errorf("the distribution does not trust %s with the key in the secret", id)
		}
		return err
	}})
	store := newStore(t, secretsmanager.NewFromConfig(config), awssecrets.StoreOptions{})
	result, err := site.Rotator(t, config).Rotate(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{site.KeyPairID, result.KeyPairID}, seen); diff != "" {
		t.Errorf("IDs that the source had (-want +got):\n%s", diff)
	}
	_, key := source.Pair()
	checkTrusted(t, source, map[string]crypto.Signer{site.KeyPairID: keyA, result.KeyPairID: key})
	if errs := told.take(); len(errs) > 0 {
		t.Errorf("Observe was told %v", errs)
	}
	want := strings.NewReplacer(
		site.KeyPairID, result.KeyPairID,
		jsonText(pemOf(keyA)), jsonText(pemOf(key)), jsonText(publicOf(keyA)), jsonText(publicOf(key)),
	).Replace(oldValue(site.KeyPairID))
	if got := valueOf(t, reader); got != want {
		t.Error("the rest of the secret has changed")
	}
}

// TestStoreRotatesTwice: a store is for any number of rotations, and AWSPREVIOUS follows.
func TestStoreRotatesTwice(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	store := newStore(t, l.sm, awssecrets.StoreOptions{})
	source := newSource(t, l.secret(), awssecrets.Options{})
	for _, id := range []string{"K2", "K3"} {
		_, before := source.Pair()
		public, err := store.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Switch(t.Context(), public, id); err != nil {
			t.Fatal(err)
		}
		refresh(t, source)
		got, key := source.Pair()
		if got != id || isKey(key, before) {
			t.Errorf("got %s, want %s with another key", got, id)
		}
	}
	if diff := cmp.Diff([]string{"K2", "K3"}, source.Trusted().IDs()); diff != "" {
		t.Errorf("trusted keys (-want +got):\n%s", diff)
	}
}

// jsonText is a string in JSON, without its quotation marks.
func jsonText(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", `\n`), `"`, `\"`)
}

func isPublic(key crypto.Signer, public crypto.PublicKey) bool {
	return key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public)
}

// valueOf returns the text of AWSCURRENT.
func valueOf(t *testing.T, client *secretsmanager.Client) string {
	t.Helper()
	output, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretName)})
	if err != nil {
		t.Fatal(err)
	}
	if output.SecretString == nil {
		return string(output.SecretBinary)
	}
	return *output.SecretString
}

// TestStoreIsKilled at every request. The next process finishes what the one before began, with
// a Secrets Manager that leaves AWSPENDING on the version that becomes AWSCURRENT, or not.
func TestStoreIsKilled(t *testing.T) {
	for _, tt := range []struct{ isFirst, keepsPending bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
		rotationtest.Kill(t, func(t *testing.T) rotationtest.Case {
			var first crypto.PublicKey
			if !tt.isFirst {
				first = keyA.Public()
			}
			site := rotationtest.Start(t, first)
			secrets := awslocal.NewSecrets(site.Server)
			secrets.KeepPending(tt.keepsPending)
			if tt.isFirst {
				secrets.Create(secretName)
			} else {
				secrets.Put(secretName, pairJSON(site.KeyPairID, keyA))
			}
			return rotationtest.Case{
				Site: site,
				NewStore: func(config aws.Config) keygroup.Store {
					return newStore(t, secretsmanager.NewFromConfig(config), awssecrets.StoreOptions{})
				},
				Check: func(t *testing.T, keyPairID string) { checkRotated(t, site, keyPairID) },
			}
		})
	}
}

// checkRotated checks the secret after a rotation to a key.
func checkRotated(t *testing.T, site *rotationtest.Site, keyPairID string) {
	t.Helper()
	client := secretsmanager.NewFromConfig(site.Config(http.DefaultTransport))
	id, key := newSource(t, awssecrets.Secret(client, secretName), awssecrets.Options{}).Pair()
	if id != keyPairID || !isPublic(key, site.Trusted()[keyPairID]) {
		t.Errorf("the secret has the ID %s, and the key of %s: %t", id, keyPairID, isPublic(key, site.Trusted()[keyPairID]))
	}
	labels := labeled(t, client)
	if pending := labels[awslocal.StagePending]; pending != "" && pending != labels[awslocal.StageCurrent] {
		t.Error("a version is still AWSPENDING")
	}
}

// labeled returns the IDs of the versions of the secret, by label.
func labeled(t *testing.T, client *secretsmanager.Client) map[string]string {
	t.Helper()
	described, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String(secretName)})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for id, labels := range described.VersionIdsToStages {
		for _, label := range labels {
			ids[label] = id
		}
	}
	return ids
}

// TestStoreStates has every state that a secret can be in.
func TestStoreStates(t *testing.T) {
	own := errors.New("no special value")
	bare := func(key crypto.Signer) string { return jsonOf("privateKey", pemOf(key), "publicKey", publicOf(key)) }
	created := func(key crypto.Signer) string {
		return strings.NewReplacer(`": "`, `":"`, `", "`, `","`).Replace(bare(key))
	}
	// putFirst puts the first version of a secret, which Secrets Manager makes AWSCURRENT.
	putFirst := func(s *awslocal.Secrets, value string) { s.MoveCurrent(secretName, s.PutPending(secretName, value)) }
	const none = ""
	tests := []struct {
		name, why        string
		current, pending string // values; empty: there is no version
		prepare          func(*awslocal.Secrets)
		want             error // own: any other error
		says             string
		wantNext         crypto.Signer
	}{
		{name: "a pair", current: pairJSON("K1", keyA), why: "nothing has begun"},
		{name: "a next key", current: pairJSON("K1", keyA), pending: bare(keyB), wantNext: keyB, why: "Create was called"},
		{name: "a next pair", current: pairJSON("K1", keyA), pending: pairJSON("K2", keyB), wantNext: keyB, why: "Switch was interrupted before it moved the label"},
		{name: "the same key", current: pairJSON("K1", keyA), pending: bare(keyA), why: "Switch has switched, with another version"},
		{name: "no value yet", current: none, prepare: func(s *awslocal.Secrets) { s.Create(secretName) }, why: "the first rotation"},
		{
			name: "pending without a value", current: pairJSON("K1", keyA), why: "a Lambda function was given up",
			prepare: func(s *awslocal.Secrets) {
				s.SetRotation(secretName, true)
				_ = s.Rotate(secretName, func(awslocal.RotationEvent) error { return own })
				s.SetRotation(secretName, false)
			},
		},
		{name: "a first key", current: none, prepare: func(s *awslocal.Secrets) { putFirst(s, created(keyB)) }, wantNext: keyB, why: "Create was called"},
		{
			name: "a first pair", current: none, wantNext: keyB, why: "Switch was interrupted before it moved the label",
			prepare: func(s *awslocal.Secrets) {
				putFirst(s, created(keyB))
				s.PutPending(secretName, pairJSON("K2", keyB))
			},
		},
		{
			name: "AWSPENDING on AWSCURRENT", current: pairJSON("K1", keyB), why: "Switch was interrupted after it moved the label",
			prepare: func(s *awslocal.Secrets) {
				s.KeepPending(true)
				s.MoveCurrent(secretName, s.PutPending(secretName, pairJSON("K2", keyA)))
			},
		},
		{
			name: "AWSPENDING on AWSPREVIOUS", current: pairJSON("K1", keyA), why: "somebody has gone back",
			prepare: func(s *awslocal.Secrets) {
				s.KeepPending(true)
				s.MoveCurrent(secretName, s.PutPending(secretName, pairJSON("K2", keyB)))
				s.Put(secretName, pairJSON("K1", keyA))
			},
		},
		{
			name: "a first key and more", current: none, want: keys.ErrKeyPairID, says: "keyPairId and privateKey", why: "Switch would lose the other members",
			prepare: func(s *awslocal.Secrets) {
				putFirst(s, strings.Replace(created(keyB), "{", `{"database":"password",`, 1))
			},
		},
		{
			name: "a pair for a key and more", current: none, want: keys.ErrKeyPairID, says: "keyPairId and privateKey", why: "the same",
			prepare: func(s *awslocal.Secrets) {
				putFirst(s, strings.Replace(created(keyB), "{", `{"database":"password",`, 1))
				s.PutPending(secretName, pairJSON("K2", keyB))
			},
		},
		{name: "a key alone", current: pemOf(keyA), want: keys.ErrKeyPairID, says: "keyPairId and privateKey", why: "applications have the ID from elsewhere"},
		{name: "JSON without an ID", current: bare(keyA), want: keys.ErrKeyPairID, says: "keyPairId and privateKey", why: "the same"},
		{name: "no key", current: jsonOf("keyPairId", "K1"), want: keys.ErrNoKey, says: "privateKey", why: "another secret"},
		{name: "another public key", current: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyB)), want: keys.ErrMismatch, says: "publicKey", why: "half a rotation by hand"},
		{name: "pending text", current: pairJSON("K1", keyA), pending: "a note", want: keys.ErrNoKey, says: "AWSPENDING", why: "somebody's own use of the label"},
		{name: "rotated by Lambda", current: pairJSON("K1", keyA), prepare: func(s *awslocal.Secrets) { s.SetRotation(secretName, true) }, want: own, says: "cancel-rotate-secret", why: "two rotations disturb each other"},
		{name: "deleted", current: pairJSON("K1", keyA), prepare: func(s *awslocal.Secrets) { s.Delete(secretName) }, want: keys.ErrPendingDeletion, says: "restore", why: "applications read nothing"},
		{name: "no secret", prepare: func(*awslocal.Secrets) {}, want: keys.ErrKeyNotFound, says: secretName, why: "a wrong name or Region"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocal(t, 1)
			if tt.current != none {
				l.secrets.Put(secretName, tt.current)
			}
			if tt.pending != none {
				l.secrets.PutPending(secretName, tt.pending)
			}
			if tt.prepare != nil {
				tt.prepare(l.secrets)
			}
			store := newStore(t, l.sm, awssecrets.StoreOptions{})
			current, err := store.Current(t.Context())
			checkStoreError(t, err, tt.want, tt.says)
			if want := tt.current != none && tt.want == nil; (current != nil) != want || want && !isPublic(keyA, current) {
				t.Errorf("%s: current is %v", tt.why, current)
			}
			next, err := store.Next(t.Context())
			checkStoreError(t, err, tt.want, tt.says)
			if (next != nil) != (tt.wantNext != nil) || next != nil && !isPublic(tt.wantNext, next) {
				t.Errorf("%s: next is %v", tt.why, next)
			}
			for _, change := range []func() error{
				func() error { return store.Switch(t.Context(), keyB.Public(), "K9") },
				func() error { _, err := store.Create(t.Context()); return err },
			} {
				if err := change(); tt.want != nil {
					checkStoreError(t, err, tt.want, tt.says)
				}
			}
		})
	}
}

// checkStoreError checks an error, which must not have a part of a key in it.
func checkStoreError(t *testing.T, err, want error, says string) {
	t.Helper()
	for _, kind := range []error{
		keys.ErrKeyPairID, keys.ErrNoKey, keys.ErrMismatch, keys.ErrPendingDeletion, keys.ErrKeyNotFound,
		keys.ErrAccessDenied, keys.ErrThrottled, keys.ErrUnavailable, keys.ErrMalformedKey,
	} {
		if got := errors.Is(err, kind); got != errors.Is(want, kind) {
			t.Errorf("errors.Is(err, %q) is %t: %v", kind, got, err)
		}
	}
	if (err == nil) != (want == nil) {
		t.Errorf("got error %v, want %v", err, want)
	}
	if err != nil {
		checkNoSecret(t, err.Error(), keyA, keyB)
		if !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "awssecrets: ") {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
}

// TestStoreKeyTypes: the next key has the type of the current one.
func TestStoreKeyTypes(t *testing.T) {
	rsaKey := func() (crypto.Signer, error) { return keyC, nil }
	tests := []struct {
		name, why string
		current   crypto.Signer
		generate  func() (crypto.Signer, error)
		wantRSA   bool
	}{
		{"P-256", "only the key changes", keyA, nil, false},
		{"RSA", "CloudFront's other tools may not know P-256", keyC, nil, true},
		{"first", "short signatures", nil, nil, false},
		{"own", "from an HSM with a better source of randomness, say", keyA, rsaKey, true},
	}
	for _, tt := range tests {
		l := newLocal(t, 1)
		if l.secrets.Create(secretName); tt.current != nil {
			l.secrets.Put(secretName, pairJSON("K1", tt.current))
		}
		store := newStore(t, l.sm, awssecrets.StoreOptions{Generate: tt.generate})
		public, err := store.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, isRSA := public.(*rsa.PublicKey); isRSA != tt.wantRSA {
			t.Errorf("%s: got a %T (%s)", tt.name, public, tt.why)
		}
	}
}

// TestCreateAgain gives up a next pair, unless it is the first one.
func TestCreateAgain(t *testing.T) {
	for _, isFirst := range []bool{false, true} {
		l := newLocal(t, 1)
		if l.secrets.Create(secretName); !isFirst {
			l.secrets.Put(secretName, pairJSON("K1", keyA))
		}
		store := newStore(t, l.sm, awssecrets.StoreOptions{})
		var created [2]crypto.PublicKey
		for i := range created {
			var err error
			if created[i], err = store.Create(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if isPublicEqual(created[0], created[1]) != isFirst {
			t.Errorf("first: %t: the second Create returned the wrong key", isFirst)
		}
		if next, err := store.Next(t.Context()); err != nil || !isPublicEqual(created[1], next) {
			t.Errorf("first: %t: the next key is not the second one, or %v", isFirst, err)
		}
		if err := store.Switch(t.Context(), created[1], "K2"); err != nil {
			t.Error(err)
		}
	}
}

func isPublicEqual(a, b crypto.PublicKey) bool {
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

// TestStoreGenerators that fail write nothing.
func TestStoreGenerators(t *testing.T) {
	failed := errors.New("the token is locked")
	for name, generate := range map[string]func() (crypto.Signer, error){
		"error":       func() (crypto.Signer, error) { return nil, failed },
		"nil":         func() (crypto.Signer, error) { return nil, nil },
		"not a key":   func() (crypto.Signer, error) { return struct{ crypto.Signer }{keyA}, nil },
		"RSA of 1024": func() (crypto.Signer, error) { return &rsa.PrivateKey{}, nil },
	} {
		l := newLocal(t, 1)
		l.secrets.Put(secretName, pairJSON("K1", keyA))
		public, err := newStore(t, l.sm, awssecrets.StoreOptions{Generate: generate}).Create(t.Context())
		if err == nil || public != nil || name == "error" && !errors.Is(err, failed) {
			t.Errorf("%s: got %v, %v", name, public, err)
		}
		if n := l.server.Count(awslocal.SecretsPutValue); n != 0 {
			t.Errorf("%s: %d versions were written", name, n)
		}
	}
}

// TestSwitch: what it refuses, and what it need not do.
func TestSwitch(t *testing.T) {
	l := newLocal(t, 1)
	first := l.secrets.PutBinary(secretName, []byte(pairJSON("K1", keyA)))
	store := newStore(t, l.sm, awssecrets.StoreOptions{})
	checkStoreError(t, store.Switch(t.Context(), keyB.Public(), "K2"), keys.ErrNoKey, "call Create first")
	public, err := store.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStoreError(t, store.Switch(t.Context(), public, "no ID"), keys.ErrKeyPairID, "key pair ID")
	for range 2 {
		if err := store.Switch(t.Context(), public, "K2"); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.server.Count(awslocal.SecretsUpdateStage); n != 1 {
		t.Errorf("the label was moved %d times", n)
	}
	checkStoreError(t, store.Switch(t.Context(), public, "K3"), keys.ErrNoKey, "call Create first")
	checkStoreError(t, store.Switch(t.Context(), keyB.Public(), "K2"), keys.ErrNoKey, "call Create first")
	output, err := l.sm.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretName)})
	if err != nil || output.SecretBinary == nil {
		t.Errorf("the secret is not binary any more, or %v", err)
	}
	l.secrets.MoveCurrent(secretName, first) // somebody goes back
	if public, err := store.Current(t.Context()); err != nil || !isPublic(keyA, public) {
		t.Errorf("got %v, %v", public, err)
	}
}

// TestSwitchToAnother: another process has made another next pair, which CloudFront does not trust
// under the ID.
func TestSwitchToAnother(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	store := newStore(t, l.sm, awssecrets.StoreOptions{})
	mine, err := store.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.secrets.PutPending(secretName, jsonOf("privateKey", pemOf(keyB)))
	before := labeled(t, l.sm)
	for _, next := range []crypto.PublicKey{mine, keyC.Public(), nil} {
		checkStoreError(t, store.Switch(t.Context(), next, "K2"), keys.ErrMismatch, "run the rotation again")
	}
	if diff := cmp.Diff(before, labeled(t, l.sm)); diff != "" {
		t.Errorf("labels (-before +after):\n%s", diff)
	}
	if err := store.Switch(t.Context(), keyB.Public(), "K3"); err != nil {
		t.Error(err)
	}
	checkPair(t, newSource(t, l.secret(), awssecrets.Options{}), "K3", keyB)
}

// TestPendingStays: if Secrets Manager leaves AWSPENDING on the version that becomes AWSCURRENT,
// Switch removes the label. The pair is never the next one again, even if Switch is interrupted
// before that.
func TestPendingStays(t *testing.T) {
	for _, isInterrupted := range []bool{false, true} {
		l := newLocal(t, 1)
		l.secrets.KeepPending(true)
		first := l.secrets.Put(secretName, pairJSON("K1", keyA))
		store := newStore(t, l.sm, awssecrets.StoreOptions{})
		if isInterrupted {
			l.server.After(func(target string) {
				if target == awslocal.SecretsUpdateStage {
					l.server.Fail(target, 1, &awslocal.Error{Type: "AccessDeniedException"})
				}
			})
			checkStoreError(t, rotate(t.Context(), store), keys.ErrAccessDenied, "UpdateSecretVersionStage")
			l.server.After(nil)
		} else if err := rotate(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		labels := labeled(t, l.sm)
		want := map[string]string{awslocal.StageCurrent: labels[awslocal.StageCurrent], awslocal.StagePrevious: first}
		if isInterrupted {
			want[awslocal.StagePending] = want[awslocal.StageCurrent]
		}
		if diff := cmp.Diff(want, labels); diff != "" || labels[awslocal.StageCurrent] == first {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
		checkNoNext(t, store)
		l.secrets.MoveCurrent(secretName, first)
		checkNoNext(t, store)
		if err := rotate(t.Context(), store); err != nil { // Create moves the label
			t.Error(err)
		}
		if labels := labeled(t, l.sm); labels[awslocal.StagePending] != "" || labels[awslocal.StagePrevious] != first {
			t.Errorf("after going back and another rotation, the labels are %v", labels)
		}
	}
}

// TestGoBack: somebody makes AWSPREVIOUS the current version again, and the next rotation makes a
// third pair.
func TestGoBack(t *testing.T) {
	for _, keepsPending := range []bool{false, true} {
		site := rotationtest.Start(t, keyA.Public())
		secrets := awslocal.NewSecrets(site.Server)
		secrets.KeepPending(keepsPending)
		first := secrets.Put(secretName, pairJSON(site.KeyPairID, keyA))
		client := secretsmanager.NewFromConfig(site.Config(http.DefaultTransport))
		site.GoBack(t, newStore(t, client, awssecrets.StoreOptions{}), func() { secrets.MoveCurrent(secretName, first) })
	}
}

func checkNoNext(t *testing.T, store *awssecrets.Store) {
	t.Helper()
	if next, err := store.Next(t.Context()); next != nil || err != nil {
		t.Errorf("next is %v, %v", next, err)
	}
}

// TestSwitchLosesNothing: somebody adds a member to the secret while Switch writes it.
func TestSwitchLosesNothing(t *testing.T) {
	tests := []struct {
		name   string
		target string
		edits  int
		want   error
	}{
		{"before the new version", awslocal.SecretsPutValue, 1, nil},
		{"before the label moves", awslocal.SecretsUpdateStage, 1, nil},
		{"several times", awslocal.SecretsUpdateStage, 4, nil},
		{"all the time", awslocal.SecretsUpdateStage, 1000, keys.ErrUnavailable},
	}
	for _, tt := range tests {
		l := newLocal(t, 1)
		l.secrets.Put(secretName, pairJSON("K1", keyA))
		l.secrets.PutPending(secretName, jsonOf("privateKey", pemOf(keyB)))
		edits := 0
		l.server.Before(func(target string) {
			if target == tt.target && edits < tt.edits {
				edits++
				l.secrets.Put(secretName, strings.Replace(pairJSON("K1", keyA), "{", `{"edits": "`+strings.Repeat("x", edits)+`", `, 1))
			}
		})
		err := newStore(t, l.sm, awssecrets.StoreOptions{}).Switch(t.Context(), keyB.Public(), "K2")
		l.server.Before(nil)
		checkStoreError(t, err, tt.want, "somebody else")
		value := valueOf(t, l.sm)
		if !strings.Contains(value, `{"edits": "`+strings.Repeat("x", edits)+`", `) {
			t.Errorf("%s: the edit is lost", tt.name)
		}
		if id, _, err := awssecrets.ParsePair([]byte(value)); err != nil || (id == "K2") != (tt.want == nil) {
			t.Errorf("%s: the secret has %s, %v", tt.name, id, err)
		}
	}
}
