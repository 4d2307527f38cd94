// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// A world is AWS on this machine, whose clock is set by hand.
type world struct {
	*local
	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	l, err := newLocal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	w := &world{local: l, now: time.Now()}
	l.cloudFront.SetClock(w.clock)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// function returns the function as a new process has it.
func (w *world) function(t *testing.T, transport http.RoundTripper, change ...func(*settings)) *function {
	t.Helper()
	config := w.aws.Config.Copy()
	config.HTTPClient = &http.Client{Transport: transport}
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	s := settings{keyGroups: []string{w.keyGroup}, keepRetired: 24 * time.Hour, settle: -1, poll: time.Millisecond, clock: w.clock}
	for _, c := range change {
		c(&s)
	}
	f, err := newFunction(config, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// rotate rotates the secret as Secrets Manager does, or takes some of the steps.
func (w *world) rotate(ctx context.Context, f *function, steps ...string) error {
	return w.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
		return f.handle(ctx, events.SecretsManagerSecretRotationEvent(e))
	}, steps...)
}

// A picture is what there is after a rotation: the IDs of the keys by their names in this test,
// and the comments of public keys.
type picture struct {
	Signs, Group string
	Comments     map[string]string
}

// look returns the picture, with the IDs replaced by 1, 2, 3 in the order of their creation. It
// checks that the pair in the secret is one that CloudFront trusts.
func (w *world) look(t *testing.T) picture {
	t.Helper()
	client := cloudfront.NewFromConfig(w.aws.Config)
	listed, err := client.ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, key := range listed.PublicKeyList.Items {
		names = append(names, *key.Id, fmt.Sprint(i+1))
	}
	short := strings.NewReplacer(names...)
	p := picture{Comments: map[string]string{}}
	for _, key := range listed.PublicKeyList.Items {
		comment, _, _ := strings.Cut(aws.ToString(key.Comment), " 20") // the time
		p.Comments[short.Replace(*key.Id)] = short.Replace(comment)
	}
	id, key := w.pair(t)
	trusted := w.cloudFront.Trusted(distributionID)
	if public := trusted[id]; public == nil || !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public) {
		t.Errorf("CloudFront does not trust the pair %s in the secret", id)
	}
	p.Signs = short.Replace(id)
	for i := 1; i < len(names); i += 2 {
		if trusted[names[i-1]] != nil {
			p.Group += names[i]
		}
	}
	return p
}

// pair returns the pair in the secret.
func (w *world) pair(t *testing.T) (string, crypto.Signer) {
	t.Helper()
	source, err := awssecrets.New(t.Context(), awssecrets.Secret(secretsmanager.NewFromConfig(w.aws.Config), secretName), awssecrets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source.Pair()
}

// rotated is what there is after the first rotation.
var rotated = picture{Signs: "2", Group: "12", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign replaces 1]"}}

// TestRotations: the second one removes the first key, and the third one deletes the public key
// that the first one has created.
func TestRotations(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport)
	for i, want := range []picture{
		rotated,
		{Signs: "3", Group: "23", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 2]"}},
		{Signs: "3", Group: "23", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 2]"}}, // 2 is deleted
	} {
		if err := w.rotate(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, w.look(t)); diff != "" {
			t.Errorf("after rotation %d (-want +got):\n%s", i+1, diff)
		}
		w.advance(25 * time.Hour)
	}
}

// TestName: the marks have the name of the secret.
func TestName(t *testing.T) {
	w := newWorld(t)
	if err := w.rotate(t.Context(), w.function(t, http.DefaultTransport, func(s *settings) { s.name = "cdn" })); err != nil {
		t.Fatal(err)
	}
	want := picture{Signs: "2", Group: "12", Comments: map[string]string{"1": "[cfsign cdn: retired", "2": "[cfsign cdn: replaces 1]"}}
	if diff := cmp.Diff(want, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGoBack: somebody makes the old pair the current one again, as README.md says. The next
// rotation retires the pair that they left, and makes a third one.
func TestGoBack(t *testing.T) {
	for _, keepsPending := range []bool{false, true} {
		w := newWorld(t)
		w.secrets.KeepPending(keepsPending)
		f := w.function(t, http.DefaultTransport)
		if err := w.rotate(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		w.secrets.MoveCurrent(secretName, w.labeled(t)[awslocal.StagePrevious])
		w.secrets.Unlabel(secretName, awslocal.StagePending)
		if err := w.rotate(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		want := picture{Signs: "3", Group: "123", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 1]"}}
		if diff := cmp.Diff(want, w.look(t)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// labeled returns the IDs of the versions of the secret, by label.
func (w *world) labeled(t *testing.T) map[string]string {
	t.Helper()
	client := secretsmanager.NewFromConfig(w.aws.Config)
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

// TestIDOfAnother: somebody writes the ID of another application's key into the secret. The
// rotation must not retire that key.
func TestIDOfAnother(t *testing.T) {
	tests := []struct {
		name  string
		begin []string // steps before the edit
		edit  func(w *world, value string)
		want  string
	}{
		{"before createSecret", nil, func(w *world, value string) { w.secrets.Put(secretName, value) }, "createSecret: AWSCURRENT"},
		{"before setSecret", []string{"createSecret"}, func(w *world, value string) { w.secrets.Put(secretName, value) }, "setSecret: AWSCURRENT"},
		{"of the new pair", []string{"createSecret"}, func(w *world, value string) { w.secrets.PutPending(secretName, value) }, "setSecret: AWSPENDING"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			f := w.function(t, http.DefaultTransport)
			mine, key := w.pair(t)
			if tt.begin != nil {
				if err := w.rotate(t.Context(), f, tt.begin...); err != nil {
					t.Fatal(err)
				}
			}
			other := w.addKey(t)
			value, err := awssecrets.ReplacePair(nil, other, key)
			if err != nil {
				t.Fatal(err)
			}
			tt.edit(w, string(value))
			err = w.rotate(t.Context(), f)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `write "`+mine+`" as its keyPairId`) || strings.Contains(err.Error(), other) {
				t.Errorf("got error %v", err)
			}
			public, err := cloudfront.NewFromConfig(w.aws.Config).GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: &other})
			if err != nil {
				t.Fatal(err)
			}
			if comment := aws.ToString(public.PublicKey.PublicKeyConfig.Comment); comment != "" || w.cloudFront.Trusted(distributionID)[other] == nil {
				t.Errorf("the other key has the comment %q", comment)
			}
		})
	}
}

// addKey adds the key of another application to the key group.
func (w *world) addKey(t *testing.T) (id string) {
	t.Helper()
	client := cloudfront.NewFromConfig(w.aws.Config)
	pem, err := keys.MarshalPublic(testkeys.OtherP256().Public())
	if err != nil {
		t.Fatal(err)
	}
	public, err := client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: aws.String("other"), CallerReference: aws.String("other"), EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	group, err := client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: &w.keyGroup})
	if err != nil {
		t.Fatal(err)
	}
	c := group.KeyGroup.KeyGroupConfig
	c.Items = append(c.Items, *public.PublicKey.Id)
	if _, err := client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{Id: &w.keyGroup, IfMatch: group.ETag, KeyGroupConfig: c}); err != nil {
		t.Fatal(err)
	}
	return *public.PublicKey.Id
}

// TestEvents: the events have the JSON that Secrets Manager sends.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	handler := lambda.NewHandler(w.function(t, http.DefaultTransport).handle)
	err := w.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
		event := fmt.Sprintf(`{"Step": %q, "SecretId": %q, "ClientRequestToken": %q, "RotationToken": %q}`, e.Step, e.SecretID, e.ClientRequestToken, e.RotationToken)
		_, err := handler.Invoke(t.Context(), []byte(event))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rotated, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRepeatedSteps: each step is called twice, and Secrets Manager may begin at any step again.
func TestRepeatedSteps(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport)
	steps := []string{"createSecret", "createSecret", "setSecret", "createSecret", "setSecret", "testSecret", "setSecret", "testSecret", "finishSecret"}
	if err := w.rotate(t.Context(), f, steps...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rotated, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFinishedSteps: calls for a version that is AWSCURRENT by now change nothing.
func TestFinishedSteps(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport)
	err := w.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
		err := f.handle(t.Context(), events.SecretsManagerSecretRotationEvent(e))
		if e.Step != "finishSecret" || err != nil {
			return err
		}
		for _, step := range awslocal.RotationSteps {
			e.Step = step
			if err := f.handle(t.Context(), events.SecretsManagerSecretRotationEvent(e)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rotated, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var errKilled = errors.New("the process was killed")

// A killer is the network of a process that is killed at a request: before it is sent, or after
// it was carried out.
type killer struct {
	at       int
	late     bool
	requests []*http.Request
}

// RoundTrip sends a request, unless the process is dead.
func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	number := len(k.requests)
	if k.requests = append(k.requests, r); number > k.at || number == k.at && !k.late {
		return nil, errKilled
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && number == k.at {
		response.Body.Close()
		return nil, errKilled
	}
	return response, err
}

// changes reports whether a request changes something. A process that is killed at another one
// leaves what the last change has left.
func changes(r *http.Request) bool {
	target := r.Header.Get("X-Amz-Target")
	return r.Method != http.MethodGet && !strings.Contains(target, ".Get") && !strings.Contains(target, ".Describe")
}

// TestKilled: the function is killed before and after each request, and Secrets Manager calls
// it again. In between, no more than a public key that nothing signs with is left over.
func TestKilled(t *testing.T) {
	const never = 1000
	whole := &killer{at: never}
	w := newWorld(t)
	if err := w.rotate(t.Context(), w.function(t, whole)); err != nil {
		t.Fatal(err)
	}
	for at, request := range whole.requests {
		if !changes(request) {
			continue
		}
		for _, late := range []bool{false, true} {
			w := newWorld(t)
			if err := w.rotate(t.Context(), w.function(t, &killer{at: at, late: late})); err == nil {
				t.Error("the rotation survived")
			}
			if err := w.retry(t); err != nil {
				t.Errorf("killed at request %d (late: %t): %v", at, late, err)
				continue
			}
			got := w.look(t)
			want := rotated
			if len(got.Comments) == 3 { // the public key of a pair that was lost
				want = picture{Signs: "3", Group: "13", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 1]"}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("killed at request %d (late: %t) (-want +got):\n%s", at, late, diff)
			}
			w.checkLater(t)
		}
	}
}

// retry goes on with the rotation, unless it is finished. Then Secrets Manager repeats the last
// step.
func (w *world) retry(t *testing.T) error {
	t.Helper()
	f := w.function(t, http.DefaultTransport)
	client := secretsmanager.NewFromConfig(w.aws.Config)
	described, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String(secretName)})
	if err != nil {
		return err
	}
	for id, labels := range described.VersionIdsToStages {
		if strings.Contains(strings.Join(labels, " "), stageCurrent) && len(described.VersionIdsToStages) > 1 && !strings.Contains(fmt.Sprint(described.VersionIdsToStages), stagePending) {
			return f.handle(t.Context(), events.SecretsManagerSecretRotationEvent{Step: "finishSecret", SecretID: secretName, ClientRequestToken: id})
		}
	}
	return w.rotate(t.Context(), f)
}

// checkLater rotates twice more: nothing is left of the first rotation.
func (w *world) checkLater(t *testing.T) {
	t.Helper()
	for range 2 {
		w.advance(25 * time.Hour)
		if err := w.rotate(t.Context(), w.function(t, http.DefaultTransport)); err != nil {
			t.Fatal(err)
		}
	}
	got := w.look(t)
	want := picture{Signs: "3", Group: "23", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 2]"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("two rotations later (-want +got):\n%s", diff)
	}
}

// TestConcurrentCalls: Lambda may call the function twice for one event.
func TestConcurrentCalls(t *testing.T) {
	for range 5 {
		w := newWorld(t)
		err := w.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
			var both sync.WaitGroup
			errs := make([]error, 2)
			for i := range errs {
				f := w.function(t, http.DefaultTransport)
				both.Go(func() { errs[i] = f.handle(t.Context(), events.SecretsManagerSecretRotationEvent(e)) })
			}
			both.Wait()
			if errs[0] != nil && errs[1] != nil {
				return errors.Join(errs...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.look(t); got.Signs == "1" || got.Comments["1"] != "[cfsign retired" || got.Comments[got.Signs] != "[cfsign replaces 1]" {
			t.Errorf("got %+v", got)
		}
		w.checkLater(t)
	}
}

// TestOvertakenCall: another call for the same event writes its pair first. The slower one leaves
// that pair alone.
func TestOvertakenCall(t *testing.T) {
	w := newWorld(t)
	slow, fast := w.function(t, http.DefaultTransport), w.function(t, http.DefaultTransport)
	isOvertaken := false
	err := w.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
		event := events.SecretsManagerSecretRotationEvent(e)
		w.aws.Before(func(target string) {
			if target == awslocal.SecretsPutValue && !isOvertaken {
				isOvertaken = true
				if err := fast.handle(t.Context(), event); err != nil {
					t.Error(err)
				}
			}
		})
		return slow.handle(t.Context(), event)
	})
	if err != nil || !isOvertaken {
		t.Fatalf("overtaken: %t, %v", isOvertaken, err)
	}
	want := picture{Signs: "3", Group: "13", Comments: map[string]string{"1": "[cfsign retired", "2": "[cfsign retired", "3": "[cfsign replaces 1]"}}
	if diff := cmp.Diff(want, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.checkLater(t)
}

// TestRefusals: calls that are not from a rotation, and secrets that cannot be rotated.
func TestRefusals(t *testing.T) {
	key := func(w *world) string {
		_, key := w.pair(t)
		text, err := awssecrets.ReplacePair(nil, "K1", key)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	call := func(w *world, step, token string) error {
		return w.function(t, http.DefaultTransport).handle(t.Context(), events.SecretsManagerSecretRotationEvent{Step: step, SecretID: secretName, ClientRequestToken: token})
	}
	tests := []struct {
		name string
		do   func(w *world) error
		want string
	}{
		{"rotation is off", func(w *world) error {
			token := w.secrets.Put(secretName, key(w))
			w.secrets.SetRotation(secretName, false)
			return call(w, "createSecret", token)
		}, "aws secretsmanager rotate-secret"},
		{"unknown token", func(w *world) error { return call(w, "createSecret", "12345678-1234-1234-1234-123456789012") }, "only Secrets Manager"},
		{"not pending", func(w *world) error {
			token := w.secrets.PutPending(secretName, key(w))
			w.secrets.PutPending(secretName, key(w))
			w.secrets.Put(secretName, key(w))
			return call(w, "createSecret", token)
		}, "only Secrets Manager"},
		{"previous", func(w *world) error {
			token := w.secrets.Put(secretName, key(w))
			w.secrets.Put(secretName, key(w))
			return call(w, "setSecret", token)
		}, "not AWSPENDING"},
		{"unknown step", func(w *world) error {
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport), "deleteSecret")
		}, `unknown step "deleteSecret"`},
		{"set before create", func(w *world) error {
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport), "setSecret")
		}, "createSecret comes first"},
		{"finish before set", func(w *world) error {
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport), "createSecret", "finishSecret")
		}, "does not have"},
		{"a key alone", func(w *world) error {
			w.secrets.Put(secretName, strings.ReplaceAll(key(w), "keyPairId", "id"))
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport))
		}, "keyPairId and privateKey"},
		{"no pair", func(w *world) error {
			w.secrets.Put(secretName, "secret text")
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport))
		}, "AWSCURRENT"},
		{"no value", func(w *world) error {
			w.secrets.Create(secretName)
			w.secrets.SetRotation(secretName, true)
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport))
		}, "write the first key pair"},
		{"another pair pending", func(w *world) error {
			w.secrets.PutPending(secretName, strings.ReplaceAll(key(w), "keyPairId", "id"))
			return w.rotate(t.Context(), w.function(t, http.DefaultTransport))
		}, "remove the label"},
		{"no secret", func(w *world) error {
			f := w.function(t, http.DefaultTransport)
			return f.handle(t.Context(), events.SecretsManagerSecretRotationEvent{Step: "createSecret", SecretID: "prod/other"})
		}, "ResourceNotFoundException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			err := tt.do(w)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), "secret text") {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestSecretInAnswers: no error repeats what AWS or a proxy answers, apart from which permission
// is missing.
func TestSecretInAnswers(t *testing.T) {
	const secret = "-----BEGIN PRIVATE KEY-----"
	tests := []struct{ name, body, want string }{
		{"cut off", `{"SecretString": "` + secret, ""},
		{"quoted", `{"__type": "ValidationException", "message": "Value '` + secret + `' failed"}`, "ValidationException"},
		{"denied", `{"__type": "AccessDeniedException", "message": "not authorized to perform the action"}`, "not authorized to perform the action"},
	}
	for _, target := range []string{awslocal.SecretsDescribe, awslocal.SecretsGetValue, awslocal.SecretsPutValue, awslocal.SecretsUpdateStage} {
		for _, tt := range tests {
			w := newWorld(t)
			w.aws.Answer(target, 10, 400, tt.body)
			err := w.rotate(t.Context(), w.function(t, http.DefaultTransport))
			_, operation, _ := strings.Cut(target, ".")
			if err == nil || !strings.Contains(err.Error(), operation) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s, %s: got error %v", operation, tt.name, err)
			}
		}
	}
}

// TestTimeout: the function ends before Lambda ends it, and goes on when it is called again.
func TestTimeout(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport)
	w.cloudFront.SetDelay(awslocal.ByHand)
	if err := w.rotate(t.Context(), f, "createSecret", "setSecret"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second) // five of them are the margin
	defer cancel()
	err := w.rotate(ctx, f, "testSecret")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Secrets Manager tries again") || ctx.Err() != nil {
		t.Errorf("got error %v, and the context has ended: %t", err, ctx.Err() != nil)
	}
	w.cloudFront.Deploy()
	if err := w.rotate(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rotated, w.look(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
