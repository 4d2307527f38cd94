// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// A place is the KMS of one Region, with a client for it.
type place struct {
	*awslocal.KMS
	server *awslocal.Server
	client *kms.Client
	arn    string
}

// newPlaces returns Regions of a partition with one multi-Region key. No network is involved.
func newPlaces(partition string, codes ...string) []*place {
	var all []*place
	for _, code := range codes {
		server := &awslocal.Server{}
		p := &place{KMS: awslocal.NewKMSIn(server, partition, code), server: server}
		p.client = kms.New(kms.Options{Region: code, Credentials: credentials(good), HTTPClient: handlerClient{server}, Retryer: impatient()})
		if len(all) == 0 {
			p.arn = p.AddMultiRegion(testkeys.P256())
		} else {
			p.arn = all[0].Replicate(all[0].arn, p.KMS)
		}
		p.SetAlias(alias, p.arn)
		all = append(all, p)
	}
	return all
}

// two returns two Regions, and what Options.Observe gets.
func two() (east, west *place, seen *events) {
	all := newPlaces("aws", "us-east-1", "us-west-2")
	return all[0], all[1], &events{}
}

// id is the ID of a key in an ARN.
func (p *place) id() string {
	_, id, _ := strings.Cut(p.arn, ":key/")
	return id
}

func (p *place) count() requests {
	return requests{Public: p.server.Count(awslocal.KMSGetPublicKey), Sign: p.server.Count(awslocal.KMSSign)}
}

// die makes every request hang.
func (p *place) die() {
	p.server.Delay(awslocal.KMSSign, always, 1000*time.Hour)
	p.server.Delay(awslocal.KMSGetPublicKey, always, 1000*time.Hour)
}

func (p *place) live() {
	p.server.Recover(awslocal.KMSSign)
	p.server.Recover(awslocal.KMSGetPublicKey)
}

// events keeps what Options.Observe gets.
type events struct {
	mu  sync.Mutex
	all []awskms.Event
}

func (e *events) add(_ context.Context, event awskms.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// take returns the events, and forgets them.
func (e *events) take() []awskms.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all
	e.all = nil
	return all
}

// summary says who failed, and who took over.
func summary(all []awskms.Event) (lines []string) {
	for _, e := range all {
		line := e.Operation + " " + e.Region
		if e.Err == nil {
			line += " works again"
		}
		if e.TookOver != "" {
			line += ", " + e.TookOver + " took over"
		}
		lines = append(lines, line)
	}
	return lines
}

// newReplicated is New for the key of the first place with replicas in the others.
func newReplicated(t testing.TB, o awskms.Options, all ...*place) *awskms.Key {
	t.Helper()
	for _, p := range all[1:] {
		o.Replicas = append(o.Replicas, p.client)
	}
	key, err := awskms.New(t.Context(), all[0].client, all[0].id(), o)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// checkSigns fails unless a key signs. It returns how long that takes.
func checkSigns(t testing.TB, key *awskms.Key) time.Duration {
	t.Helper()
	began := time.Now()
	signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
	if err != nil || !ecdsa.VerifyASN1(&testkeys.P256().PublicKey, digest, signature) {
		t.Errorf("not signed: %v", err)
	}
	return time.Since(began)
}

// TestReplicaTakesOver has the first Region fail in every way. The other Region signs, and
// goes on to sign.
func TestReplicaTakesOver(t *testing.T) {
	fail := func(status int, code string) func(*place) {
		return func(p *place) {
			p.server.Fail(awslocal.KMSSign, always, &awslocal.Error{Status: status, Type: code})
		}
	}
	state := func(state string) func(*place) {
		return func(p *place) { p.SetState(p.arn, state) }
	}
	tests := []struct {
		name, why string
		prepare   func(*place)
		want      error
		requests  int
	}{
		{"throttled", "the quota of a Region is used up", fail(400, "ThrottlingException"), keys.ErrThrottled, attempts},
		{"failing", "an outage", fail(500, "KMSInternalException"), keys.ErrUnavailable, attempts},
		{"dropped", "the connection ends", func(p *place) { p.server.Drop(awslocal.KMSSign, always) }, keys.ErrUnavailable, attempts},
		{"hanging", "no answer at all", (*place).die, context.DeadlineExceeded, 1},
		{"malformed", "a page of a proxy", func(p *place) { p.server.Answer(awslocal.KMSSign, always, 200, "<html>") }, keys.ErrUnavailable, 1},
		{"disabled", "each Region has a state of its own", state("Disabled"), keys.ErrDisabled, 1},
		{"pending deletion", "each Region has a state of its own", state("PendingDeletion"), keys.ErrPendingDeletion, 1},
		{"pending replica deletion", "the primary key waits for its replicas", state("PendingReplicaDeletion"), keys.ErrPendingDeletion, 1},
		{"denied", "each Region has a key policy of its own", fail(400, "AccessDeniedException"), keys.ErrAccessDenied, 1},
		{"not found", "the replica was deleted", fail(400, "NotFoundException"), keys.ErrKeyNotFound, 1},
		{"another key", "KMS never does this", func(p *place) { p.Replace(p.arn, testkeys.OtherP256()) }, keys.ErrSignature, 1},
		{"another ID", "KMS never does this", func(p *place) {
			p.AlterSignature(func(a *awslocal.KMSSignature) { a.KeyID += "0" })
		}, keys.ErrMismatch, 1},
		{"another Region's ARN", "not the one that New found", func(p *place) {
			p.AlterSignature(func(a *awslocal.KMSSignature) { a.KeyID = strings.Replace(a.KeyID, "us-east-1", "eu-west-1", 1) })
		}, keys.ErrMismatch, 1},
		{"another kind of key", "KMS never does this", func(p *place) { p.Replace(p.arn, testkeys.RSA()) }, keys.ErrUnsupportedKey, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				east, west, seen := two()
				key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
				tt.prepare(east)
				for range 3 {
					checkSigns(t, key)
				}
				all := seen.take()
				if diff := cmp.Diff([]string{"Sign us-east-1, us-west-2 took over"}, summary(all)); diff != "" {
					t.Fatalf("%s: events (-want +got):\n%s", tt.why, diff)
				}
				checkKind(t, all[0].Err, tt.want)
				checkNoSecret(t, all[0].Err)
				if text := all[0].String(); !strings.Contains(text, "us-east-1") {
					t.Errorf("the event does not name the Region: %s", text)
				}
				if diff := cmp.Diff([]requests{{1, tt.requests}, {0, 3}}, []requests{east.count(), west.count()}); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestAllRegionsFail: the error has the reasons of all, and no other.
func TestAllRegionsFail(t *testing.T) {
	east, west, seen := two()
	key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
	east.server.Fail(awslocal.KMSSign, always, &awslocal.Error{Type: "ThrottlingException"})
	west.SetState(west.arn, "Disabled")
	signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
	if signature != nil || err == nil {
		t.Fatalf("a signature, and %v", err)
	}
	for _, kind := range kinds {
		want := kind == keys.ErrThrottled || kind == keys.ErrDisabled
		if got := errors.Is(err, kind); got != want {
			t.Errorf("errors.Is(err, %q) is %t: %v", kind, got, err)
		}
	}
	checkNoSecret(t, err)
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ThrottlingException" {
		t.Errorf("the SDK's error is not found: %v", err)
	}
	for _, code := range []string{"us-east-1", "us-west-2"} {
		if !strings.Contains(err.Error(), code) {
			t.Errorf("the error does not name %s: %v", code, err)
		}
	}
	if diff := cmp.Diff([]string{"Sign us-east-1", "Sign us-west-2"}, summary(seen.take())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	// A failure of all does not keep one that works again from being asked.
	west.SetState(west.arn, "Enabled")
	checkSigns(t, key)
	if diff := cmp.Diff([]string{"Sign us-east-1, us-west-2 took over", "Sign us-west-2 works again"}, summary(seen.take())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestAllRegionsFailWithSecrets: no Region's secret is in the error.
func TestAllRegionsFailWithSecrets(t *testing.T) {
	east, west, _ := two()
	for _, p := range []*place{east, west} {
		p.server.Fail(awslocal.KMSGetPublicKey, always, &awslocal.Error{Type: "InvalidSignatureException", Message: "x-amz-security-token:TokenOfTheSession"})
	}
	_, err := awskms.New(t.Context(), east.client, east.id(), awskms.Options{Replicas: []awskms.API{west.client}})
	checkKind(t, err, keys.ErrAccessDenied)
	checkNoSecret(t, err)
}

// TestReplicaNames: New finds the key by each of its names, in the first Region or in the
// other, and the signatures come from the Region that is left.
func TestReplicaNames(t *testing.T) {
	aliasOf := func(p *place) string { return strings.Replace(p.arn, "key/"+p.id(), alias, 1) }
	arnOf := func(p *place) string { return p.arn }
	anyAlias := func(*place) string { return alias }
	tests := []struct {
		name, why string
		keyID     func(*place) string
		partition string
		codes     []string
		foreign   bool
	}{
		{"ID", "the name in all Regions", (*place).id, "aws", []string{"us-east-1", "us-west-2"}, false},
		{"ARN", "each Region has its own", arnOf, "aws", []string{"us-east-1", "us-west-2"}, false},
		{"alias", "each Region has one", anyAlias, "aws", []string{"us-east-1", "us-west-2"}, false},
		{"ARN of an alias", "each Region has its own", aliasOf, "aws", []string{"us-east-1", "us-west-2"}, false},
		{"ARN, foreign", "a key of another account", arnOf, "aws", []string{"us-east-1", "us-west-2"}, true},
		{"ARN of an alias, foreign", "a key of another account", aliasOf, "aws", []string{"us-east-1", "us-west-2"}, true},
		{"ARN, China", "another partition", arnOf, "aws-cn", []string{"cn-north-1", "cn-northwest-1"}, false},
		{"ARN, GovCloud", "another partition", arnOf, "aws-us-gov", []string{"us-gov-west-1", "us-gov-east-1"}, true},
	}
	for _, tt := range tests {
		for _, dead := range []int{0, 1} {
			t.Run(tt.name+", without "+tt.codes[dead], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					all := newPlaces(tt.partition, tt.codes...)
					if tt.foreign {
						all[0].SetForeign()
						all[1].SetForeign()
					}
					all[dead].die()
					other := all[1-dead]
					key, err := awskms.New(t.Context(), all[0].client, tt.keyID(all[0]), awskms.Options{Replicas: []awskms.API{all[1].client}})
					if err != nil {
						t.Fatalf("%s: %v", tt.why, err)
					}
					if key.ARN() != other.arn {
						t.Errorf("%s: the ARN is %s, want %s", tt.why, key.ARN(), other.arn)
					}
					if took := checkSigns(t, key); took != 0 {
						t.Errorf("%s: the Region that answered was not asked first: it took %v", tt.why, took)
					}
					all[dead].live()
					other.die()
					checkSigns(t, key) // by the name that was not tried before
				})
			})
		}
	}
}

// TestSilentClients do not say their Region.
func TestSilentClients(t *testing.T) {
	east, west, seen := two()
	silent := []awskms.API{struct{ awskms.API }{east.client}, struct{ awskms.API }{west.client}}
	key, err := awskms.New(t.Context(), silent[0], east.id(), awskms.Options{Replicas: silent[1:], Observe: seen.add})
	if err != nil {
		t.Fatal(err)
	}
	east.SetState(east.arn, "Disabled")
	checkSigns(t, key)
	if diff := cmp.Diff([]string{"Sign client, Options.Replicas[0] took over"}, summary(seen.take())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	_, err = awskms.New(t.Context(), silent[0], east.arn, awskms.Options{Replicas: silent[1:]})
	if err == nil || !strings.Contains(err.Error(), "Options.Replicas[0] does not say its Region") {
		t.Errorf("named by an ARN: %v", err)
	}
	// The Region of the first client is in the ARN. West answers New, and then east signs.
	key, err = awskms.New(t.Context(), silent[0], strings.Replace(east.arn, "key/"+east.id(), alias, 1), awskms.Options{Replicas: []awskms.API{west.client}})
	if err != nil || key.ARN() != west.arn {
		t.Fatalf("%v: %v", key, err)
	}
	east.SetState(east.arn, "Enabled")
	west.SetState(west.arn, "Disabled")
	checkSigns(t, key)
}

// TestRefusedReplicas makes no request that another setting would not need.
func TestRefusedReplicas(t *testing.T) {
	east, west, _ := two()
	single := east.Add(testkeys.OtherP256())
	_, singleID, _ := strings.Cut(single, ":key/")
	east.SetAlias("alias/single", single)
	tests := []struct {
		name, why string
		keyID     string
		replicas  []awskms.API
		options   awskms.Options
		want      error
		advice    string
		requests  int // to the first Region; there are none to the other
	}{
		{"single-Region ID", "made without --multi-region", singleID, []awskms.API{west.client}, awskms.Options{}, keys.ErrUnsupportedKey, "aws kms create-key --multi-region", 0},
		{"single-Region ARN", "made without --multi-region", single, []awskms.API{west.client}, awskms.Options{}, keys.ErrUnsupportedKey, "aws kms replicate-key", 0},
		{"single-Region alias", "only KMS knows", "alias/single", []awskms.API{west.client}, awskms.Options{}, keys.ErrUnsupportedKey, "mrk-", 1},
		{"nil", "a client that was not made", east.id(), []awskms.API{west.client, nil}, awskms.Options{}, nil, "Options.Replicas[1] is nil", 0},
		{"nil pointer", "a client that was not made", east.id(), []awskms.API{(*kms.Client)(nil)}, awskms.Options{}, nil, "Options.Replicas[0] is nil", 0},
		{"the same client", "its outage is the outage of both", east.id(), []awskms.API{east.client}, awskms.Options{}, nil, "has the Region us-east-1, and client has it too", 0},
		{"two of one Region", "a copied line", east.id(), []awskms.API{west.client, west.client}, awskms.Options{}, nil, "Options.Replicas[1] has the Region us-west-2, and Options.Replicas[0] has it too", 0},
		{"unexpected key", "a wrong setting, which another Region must not hide", east.id(), []awskms.API{west.client}, awskms.Options{Public: testkeys.OtherP256().Public()}, keys.ErrMismatch, "Options.Public", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, beforeWest := east.count(), west.count()
			tt.options.Replicas = tt.replicas
			key, err := awskms.New(t.Context(), east.client, tt.keyID, tt.options)
			checkKind(t, err, tt.want)
			if key != nil || err == nil || !strings.Contains(err.Error(), tt.advice) {
				t.Errorf("%s: %v, want an error that says %q", tt.why, err, tt.advice)
			}
			before.Public += tt.requests
			if diff := cmp.Diff([]requests{before, beforeWest}, []requests{east.count(), west.count()}); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNewStops at a Region with a wrong key, because the settings are wrong then.
func TestNewStops(t *testing.T) {
	for _, tt := range []struct {
		name, why string
		alter     func(*awslocal.KMSPublicKey)
		want      error
	}{
		{"another ID", "not the key that was asked for", func(a *awslocal.KMSPublicKey) { a.KeyID += "0" }, keys.ErrMismatch},
		{"encryption", "made for another use", func(a *awslocal.KMSPublicKey) { a.KeyUsage = "ENCRYPT_DECRYPT" }, keys.ErrUnsupportedKey},
	} {
		east, west, seen := two()
		east.AlterPublicKey(tt.alter)
		key, err := awskms.New(t.Context(), east.client, east.id(), awskms.Options{Replicas: []awskms.API{west.client}, Observe: seen.add})
		checkKind(t, err, tt.want)
		if key != nil || west.count() != (requests{}) {
			t.Errorf("%s: %v, and %+v to the other Region", tt.why, err, west.count())
		}
		if diff := cmp.Diff([]string{"GetPublicKey us-east-1"}, summary(seen.take())); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", tt.why, diff)
		}
	}
}

// TestUnrelatedAnswer: a Region that is asked by the ID must answer with a related key, even
// if the signature verifies.
func TestUnrelatedAnswer(t *testing.T) {
	for _, tt := range []struct{ name, old, new string }{
		{"account", "111122223333", "444455556666"},
		{"partition", "arn:aws:", "arn:aws-cn:"},
		{"ID", "key/mrk-", "key/mrk-0"},
		{"no ARN", "arn:aws:kms:us-west-2:111122223333:key/", ""},
	} {
		east, west, seen := two()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		east.SetState(east.arn, "Disabled")
		west.AlterSignature(func(a *awslocal.KMSSignature) { a.KeyID = strings.Replace(a.KeyID, tt.old, tt.new, 1) })
		_, err := key.SignContext(t.Context(), digest, crypto.SHA256)
		if !errors.Is(err, keys.ErrMismatch) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// TestHashOfReplicas asks no Region.
func TestHashOfReplicas(t *testing.T) {
	east, west, seen := two()
	key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
	_, err := key.SignContext(t.Context(), digest, crypto.SHA1)
	checkKind(t, err, keys.ErrHash)
	if diff := cmp.Diff([]requests{{1, 0}, {}}, []requests{east.count(), west.count()}); diff != "" || len(seen.take()) != 0 {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
