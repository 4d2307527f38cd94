// SPDX-License-Identifier: Apache-2.0

package awstest_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cloudfronttypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// codeOf returns the code of an error of AWS, or "".
func codeOf(err error) string {
	var apiError smithy.APIError
	if !errors.As(err, &apiError) {
		return ""
	}
	return apiError.ErrorCode()
}

func signOnce(ctx context.Context, cloud *awstest.AWS, keyID string) error {
	digest := sha256.Sum256([]byte("policy"))
	_, err := kms.NewFromConfig(cloud.Config).Sign(ctx, &kms.SignInput{
		KeyId: &keyID, Message: digest[:], MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256,
	})
	return err
}

// TestFaults: a fault strikes as often as it says, and then the operation works again.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, reason string
		fault        func(cloud *awstest.AWS)
		want         string // the code of the error
		requests     int
	}{
		{"throttled twice", "the client tries three times", func(c *awstest.AWS) { c.Fail("kms:Sign", 2, "ThrottlingException") }, "", 3},
		{"throttled", "the client gives up", func(c *awstest.AWS) { c.Fail("kms:Sign", 0, "ThrottlingException") }, "ThrottlingException", 3},
		{"a fault of the server", "a status of 5xx is tried again", func(c *awstest.AWS) { c.Fail("kms:Sign", 0, "KMSInternalException") }, "KMSInternalException", 3},
		{"not available", "the same", func(c *awstest.AWS) { c.Fail("kms:Sign", 0, "DependencyTimeoutException") }, "DependencyTimeoutException", 3},
		{"denied", "another try does not help", func(c *awstest.AWS) { c.Fail("kms:Sign", 0, "AccessDeniedException") }, "AccessDeniedException", 1},
		{"two faults", "they come one after the other", func(c *awstest.AWS) {
			c.Fail("kms:Sign", 1, "ThrottlingException")
			c.Fail("kms:Sign", 1, "AccessDeniedException")
		}, "AccessDeniedException", 2},
		{"the last status", "599 is one, too", func(c *awstest.AWS) { c.Answer("kms:Sign", 0, 599, `{"__type": "NewException"}`) }, "NewException", 1},
		{"an answer", "it can be anything", func(c *awstest.AWS) { c.Answer("kms:Sign", 0, 418, `{"__type": "TeapotException"}`) }, "TeapotException", 1},
		{"another operation", "it is not concerned", func(c *awstest.AWS) { c.Fail("kms:GetPublicKey", 0, "AccessDeniedException") }, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := awstest.New(t)
			arn := cloud.KMS.Add(nil)
			tt.fault(cloud)
			err := signOnce(t.Context(), cloud, arn)
			if got := codeOf(err); got != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("%s: got %v, want the code %q", tt.reason, err, tt.want)
			}
			if n := cloud.Count("kms:Sign"); n != tt.requests {
				t.Errorf("%s: %d requests, want %d", tt.reason, n, tt.requests)
			}
			cloud.Recover("kms:Sign")
			if err := signOnce(t.Context(), cloud, arn); err != nil {
				t.Errorf("recovered: %v", err)
			}
		})
	}
}

// TestRetries: clients try three times, and do not pause.
func TestRetries(t *testing.T) {
	r := awstest.New(t).Config.Retryer()
	if n := r.MaxAttempts(); n != 3 {
		t.Errorf("%d tries, want 3", n)
	}
	for try := range 3 {
		if d, err := r.RetryDelay(try, errors.New("throttled")); err != nil || d != 0 {
			t.Errorf("try %d: a pause of %v, %v", try, d, err)
		}
	}
}

// TestHang: a request ends with its context, or with the local AWS.
func TestHang(t *testing.T) {
	cloud := awstest.Start()
	arn := cloud.KMS.Add(nil)
	cloud.Hang("kms:Sign", 0)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := signOnce(ctx, cloud, arn); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	const many = 20 // one of them tries again while the local AWS ends
	before, ended := cloud.Count("kms:Sign"), make(chan error, many)
	for range many {
		go func() { ended <- signOnce(context.Background(), cloud, arn) }()
	}
	for cloud.Count("kms:Sign") < before+many {
		time.Sleep(time.Millisecond)
	}
	cloud.Close()
	for range many {
		if err := <-ended; err == nil {
			t.Error("a request has survived Close")
		}
	}
}

// TestUnknownOperations: the local AWS says what it has instead of an operation that it does not
// have, to clients and to a test.
func TestUnknownOperations(t *testing.T) {
	cloud := awstest.New(t)
	for name, call := range map[string]struct {
		do   func() error
		want string
	}{
		"kms": {func() error {
			_, err := kms.NewFromConfig(cloud.Config).Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("a"), Plaintext: []byte("a")})
			return err
		}, `no operation "TrentService.Encrypt": it has CreateAlias, CreateKey, DeleteAlias, DescribeKey, GetPublicKey, ListAliases, Sign, UpdateAlias`},
		"secretsmanager": {func() error {
			_, err := secretsmanager.NewFromConfig(cloud.Config).ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
			return err
		}, `it has DescribeSecret, GetSecretValue, `},
		"cloudfront": {func() error {
			_, err := cloudfront.NewFromConfig(cloud.Config).ListDistributions(t.Context(), &cloudfront.ListDistributionsInput{})
			return err
		}, `no operation GET /2020-05-31/distribution: it has CreatePublicKey, `},
	} {
		err := call.do()
		if codeOf(err) != "UnknownOperationException" || !strings.Contains(err.Error(), call.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, call.want)
		}
	}
	for _, operation := range []string{"kms:Sing", "Sign", "TrentService.Sign", "s3:GetObject", "", "kms:", "dynamodb:PutItem"} {
		for name, do := range map[string]func(){
			"Count":   func() { cloud.Count(operation) },
			"Fail":    func() { cloud.Fail(operation, 1, "ThrottlingException") },
			"Answer":  func() { cloud.Answer(operation, 1, 200, "") },
			"Hang":    func() { cloud.Hang(operation, 1) },
			"Recover": func() { cloud.Recover(operation) },
		} {
			if got := panicOf(do); !strings.Contains(got, "there is no operation") || !strings.Contains(got, "kms:Sign, kms:UpdateAlias, secretsmanager:") {
				t.Errorf("%s of %q: %q", name, operation, got)
			}
		}
	}
}

// panicOf returns the panic of a function, or "".
func panicOf(do func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	do()
	return ""
}

// TestDocumentedOperations: the package comment names all operations, and no others.
func TestDocumentedOperations(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "counts their requests:\n")
	list, _, _ = strings.Cut(list, "\nOther operations")
	var documented []string
	service := ""
	for _, word := range strings.Fields(strings.ReplaceAll(list, ",", "")) {
		if name, ok := strings.CutSuffix(word, ":"); ok {
			service = name
			continue
		}
		documented = append(documented, service+":"+word)
	}
	_, known, _ := strings.Cut(panicOf(func() { awstest.New(t).Count("") }), "write one of ")
	if diff := cmp.Diff(strings.Split(known, ", "), documented); diff != "" {
		t.Errorf("operations in the package comment (-known +documented):\n%s", diff)
	}
}

// TestMistakes: what a test does wrong says what to write.
func TestMistakes(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	arn, many := cloud.KMS.Add(nil), cloud.KMS.AddMultiRegion(nil)
	replica := cloud.KMS.Replicate(many, west.KMS)
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, do := range map[string]func(){
		`write "alias/cdn"`:                   func() { cloud.KMS.Add(nil, "cdn") },
		`there is no key "arn:x"`:             func() { cloud.KMS.SetState("arn:x", "Disabled") },
		`write one of Enabled, Disabled`:      func() { cloud.KMS.SetState(arn, "disabled") },
		`is not a multi-Region key`:           func() { cloud.KMS.Replicate(arn, west.KMS) },
		`there is no key "arn:mrk-y"`:         func() { cloud.KMS.Replicate("arn:mrk-y", west.KMS) },
		`needs the KMS of another Region`:     func() { cloud.KMS.Replicate(many, cloud.KMS) },
		`cloud.Region("us-west-2").KMS`:       func() { cloud.KMS.Replicate(many, nil) },
		`of the same AWS`:                     func() { cloud.KMS.Replicate(many, awstest.New(t).Region("us-west-2").KMS) },
		`there is already a key "` + replica:  func() { cloud.KMS.Replicate(many, west.KMS) },
		`is nil (*ecdsa.PrivateKey): pass`:    func() { cloud.KMS.Add((*ecdsa.PrivateKey)(nil)) },
		`is nil (*rsa.PrivateKey): pass`:      func() { cloud.KMS.AddMultiRegion((*rsa.PrivateKey)(nil)) },
		`is nil (<nil>): pass a key of`:       func() { cloud.KMS.Replace(arn, nil) },
		`no keys of the type ed25519.Private`: func() { cloud.KMS.Add(ed25519.NewKeyFromSeed(make([]byte, 32))) },
		`the alias "alias/aws/cdn"`:           func() { cloud.KMS.Add(nil, "alias/aws/cdn") },
		`the alias "alias/"`:                  func() { cloud.KMS.Add(nil, "alias/") },
		`needs the code of an error`:          func() { cloud.Fail("kms:Sign", 1, "") },
		`Fail got -1 requests`:                func() { cloud.Fail("kms:Sign", -1, "ThrottlingException") },
		`Answer got -2 requests`:              func() { cloud.Answer("kms:Sign", -2, 200, "") },
		`Hang got -3 requests`:                func() { cloud.Hang("kms:Sign", -3) },
		`got the status 1: write one from`:    func() { cloud.Answer("kms:Sign", 503, 1, "") },
		`got the status 199`:                  func() { cloud.Answer("kms:Sign", 1, 199, "") },
		`got the status 600`:                  func() { cloud.Answer("kms:Sign", 1, 600, "") },
		`a body for the status 204`:           func() { cloud.Answer("cloudfront:DeleteKeyGroup", 1, 204, "{}") },
		`a body for the status 304`:           func() { cloud.Answer("cloudfront:GetKeyGroup", 1, 304, "{}") },
		`Hasten got -1s`:                      func() { cloud.Hasten(-time.Second) },
		`SetDelay got -1ns`:                   func() { cloud.CloudFront.SetDelay(-1) },
		`there is no secret "a"`:              func() { cloud.Secrets.Delete("a") },
		`there is no secret "b"`:              func() { cloud.Secrets.MoveCurrent("b", "1") },
		`a secret is "a b"`:                   func() { cloud.Secrets.Put("a b", "value") },
		`a secret is ""`:                      func() { cloud.Secrets.Create("") },
		`a parameter is "a:1"`:                func() { cloud.Parameters.Put("a:1", "value") },
		`AWS reserves names that begin with`:  func() { cloud.Parameters.Put("/aws/cdn", "value") },
		`slash: write "/prod/cdn"`:            func() { cloud.Parameters.Put("prod/cdn", "value") },
		`has 513 characters: write up to 512`: func() { cloud.Secrets.PutPending(strings.Repeat("a", 513), "value") },
		`Items must have at least one public`: func() { cloud.CloudFront.AddDistribution() },
		`P-256`:                               func() { cloud.CloudFront.AddDistribution(large.Public()) },
		`the RSA key is empty`:                func() { cloud.CloudFront.AddDistribution((*rsa.PublicKey)(nil)) },
		`no key: it is nil`:                   func() { cloud.CloudFront.AddDistribution(nil) },
	} {
		if got := panicOf(do); !strings.Contains(got, want) {
			t.Errorf("got the panic %q, want %q in it", got, want)
		}
	}
	if n := cloud.Count("kms:Sign"); n != 0 {
		t.Errorf("%d requests", n)
	}
	if err := signOnce(t.Context(), cloud, arn); err != nil {
		t.Errorf("after calls that panic: %v", err)
	}
	version := cloud.Secrets.Put("a", "1")
	if got := panicOf(func() { cloud.Secrets.MoveCurrent("a", version+"0") }); !strings.Contains(got, "has no version") {
		t.Errorf("got the panic %q", got)
	}
}

// TestQuotas: what CloudFront refuses in AddDistribution names the quota.
func TestQuotas(t *testing.T) {
	cloud := awstest.New(t)
	five := make([]crypto.PublicKey, 5)
	for i := range five {
		five[i] = newPublic(t)
	}
	for range 2 {
		cloud.CloudFront.AddDistribution(five...)
	}
	if got := panicOf(func() { cloud.CloudFront.AddDistribution(five[0]) }); !strings.Contains(got, "TooManyPublicKeys: ") {
		t.Errorf("the 11th public key: got the panic %q", got)
	}
	if got := panicOf(func() { awstest.New(t).CloudFront.AddDistribution(append(five, five[0])...) }); !strings.Contains(got, "TooManyPublicKeysInKeyGroup: ") {
		t.Errorf("the 6th public key of a key group: got the panic %q", got)
	}
}

// TestRealKeys: keys of each kind that CloudFront has sign, and states and wrong keys show.
func TestRealKeys(t *testing.T) {
	cloud := awstest.New(t)
	otherRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]crypto.Signer{"P-256": {testkeys.P256(), testkeys.OtherP256()}, "RSA": {testkeys.RSA(), otherRSA}} {
		private, other := pair[0], pair[1]
		arn := cloud.KMS.Add(private)
		key, err := awskms.New(t.Context(), kms.NewFromConfig(cloud.Config), arn, awskms.Options{Public: private.Public()})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		digest := sha256.Sum256([]byte("policy"))
		for _, step := range []struct {
			do   func()
			want error
		}{
			{func() {}, nil},
			{func() { cloud.KMS.SetState(arn, "PendingDeletion") }, keys.ErrPendingDeletion},
			{func() { cloud.KMS.SetState(arn, "Enabled") }, nil},
			{func() { cloud.KMS.Replace(arn, other) }, keys.ErrSignature},
		} {
			step.do()
			_, err := key.SignContext(t.Context(), digest[:], crypto.SHA256)
			if !errors.Is(err, step.want) {
				t.Errorf("%s: got %v, want %v", name, err, step.want)
			}
		}
	}
}

// TestSecretStages: versions and labels move as in a rotation.
func TestSecretStages(t *testing.T) {
	cloud := awstest.New(t)
	client := secretsmanager.NewFromConfig(cloud.Config)
	read := func(stage string) string {
		t.Helper()
		answer, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("prod/cdn"), VersionStage: &stage})
		if err != nil {
			return codeOf(err)
		}
		return *answer.SecretString
	}
	check := func(step, current, previous, pending string) {
		t.Helper()
		got := []string{read("AWSCURRENT"), read("AWSPREVIOUS"), read("AWSPENDING")}
		if diff := cmp.Diff([]string{current, previous, pending}, got); diff != "" {
			t.Errorf("%s: current, previous and pending (-want +got):\n%s", step, diff)
		}
	}
	const none = "ResourceNotFoundException"
	cloud.Secrets.Create("prod/cdn")
	check("created", none, none, none)
	first := cloud.Secrets.Put("prod/cdn", "one")
	check("put", "one", none, none)
	second := cloud.Secrets.PutPending("prod/cdn", "two")
	check("pending", "one", none, "two")
	cloud.Secrets.MoveCurrent("prod/cdn", second)
	check("finished", "two", "one", none)
	cloud.Secrets.MoveCurrent("prod/cdn", first)
	check("undone", "one", "two", none)
	cloud.Secrets.Delete("prod/cdn")
	check("deleted", "InvalidRequestException", "InvalidRequestException", "InvalidRequestException")
	cloud.Secrets.Restore("prod/cdn")
	check("restored", "one", "two", none)
}

// TestParameters: package awssecrets reads a parameter, and not what was deleted.
func TestParameters(t *testing.T) {
	cloud := awstest.New(t)
	pair, err := awssecrets.ReplacePair(nil, "K2JCJMDEHXQW5F", testkeys.P256())
	if err != nil {
		t.Fatal(err)
	}
	if first, second := cloud.Parameters.Put("/prod/cdn", "one"), cloud.Parameters.Put("/prod/cdn", string(pair)); first != 1 || second != 2 {
		t.Errorf("versions %d and %d", first, second)
	}
	where := awssecrets.Parameter(ssm.NewFromConfig(cloud.Config), "/prod/cdn")
	if _, err := awssecrets.New(t.Context(), where, awssecrets.Options{}); err != nil {
		t.Error(err)
	}
	cloud.Parameters.Delete("/prod/cdn")
	if _, err := awssecrets.New(t.Context(), where, awssecrets.Options{}); !errors.Is(err, keys.ErrKeyNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

// A clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestClock: a rotation waits for the edge locations, and a retired key goes when its time has
// come, by the clock of the local AWS.
func TestClock(t *testing.T) {
	cloud := awstest.New(t)
	now := &clock{now: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)}
	cloud.SetClock(now.Now)
	d := cloud.CloudFront.AddDistribution(testkeys.P256().Public())
	pair, err := awssecrets.ReplacePair(nil, d.KeyPairIDs[0], testkeys.P256())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Secrets.Put("prod/cdn", string(pair))
	store, err := awssecrets.NewStore(secretsmanager.NewFromConfig(cloud.Config), "prod/cdn", awssecrets.StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rotator, err := keygroup.New(cloudfront.NewFromConfig(cloud.Config), keygroup.Options{
		KeepRetired: 24 * time.Hour, MinAge: 48 * time.Hour, Settle: -1, Poll: time.Millisecond,
	}, d.KeyGroupID)
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(trusted int) {
		t.Helper()
		if _, err := rotator.Rotate(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		if ids := d.Trusted().IDs(); len(ids) != trusted {
			t.Errorf("%v are trusted, want %d", ids, trusted)
		}
	}

	now.Advance(30 * 24 * time.Hour)
	cloud.CloudFront.SetDelay(time.Hour)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		rotate(2)
	}()
	for cloud.Count("cloudfront:GetDistribution") < 3 {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-ended:
		t.Error("the rotation has not waited for the edge locations")
	default:
	}
	now.Advance(time.Hour)
	<-ended

	cloud.CloudFront.SetDelay(0)
	now.Advance(23 * time.Hour)
	rotate(2)
	now.Advance(2 * time.Hour)
	rotate(1)
	if _, ok := d.Trusted().Lookup(d.KeyPairIDs[0]); ok {
		t.Error("the retired key is still trusted")
	}
	key, err := cloudfront.NewFromConfig(cloud.Config).GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: &d.Trusted().IDs()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC); !key.PublicKey.CreatedTime.Equal(want) {
		t.Errorf("the new key was created at %v, want %v", key.PublicKey.CreatedTime, want)
	}
}

// TestStaleETag: another change in between is an error, as everywhere at CloudFront.
func TestStaleETag(t *testing.T) {
	cloud := awstest.New(t)
	d := cloud.CloudFront.AddDistribution(testkeys.P256().Public(), testkeys.RSA().Public())
	client := cloudfront.NewFromConfig(cloud.Config)
	group, err := client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: &d.KeyGroupID})
	if err != nil {
		t.Fatal(err)
	}
	config := group.KeyGroup.KeyGroupConfig
	config.Items = d.KeyPairIDs[:1]
	update := &cloudfront.UpdateKeyGroupInput{Id: &d.KeyGroupID, IfMatch: group.ETag, KeyGroupConfig: config}
	if _, err := client.UpdateKeyGroup(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	var stale *cloudfronttypes.PreconditionFailed
	if _, err := client.UpdateKeyGroup(t.Context(), update); !errors.As(err, &stale) {
		t.Errorf("got %v, want %T", err, stale)
	}
	if diff := cmp.Diff(d.KeyPairIDs[:1], d.Trusted().IDs()); diff != "" {
		t.Errorf("trusted keys (-want +got):\n%s", diff)
	}
}

// TestHasten: the jumps are added to the clock of the test, whichever comes first.
func TestHasten(t *testing.T) {
	start := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, reason string
		do           func(cloud *awstest.AWS, now func() time.Time)
		atLeast      time.Duration // that AWS is ahead of the test's clock
		atMost       time.Duration
	}{
		{"SetClock", "no jumps", func(c *awstest.AWS, now func() time.Time) { c.SetClock(now) }, 0, 0},
		{"SetClock, Hasten", "both count", func(c *awstest.AWS, now func() time.Time) { c.SetClock(now); c.Hasten(time.Hour) }, time.Hour, 24 * time.Hour},
		{"Hasten, SetClock", "both count", func(c *awstest.AWS, now func() time.Time) { c.Hasten(time.Hour); c.SetClock(now) }, time.Hour, 24 * time.Hour},
		{"Hasten twice", "the second one counts", func(c *awstest.AWS, now func() time.Time) {
			c.SetClock(now)
			c.Hasten(1000 * time.Hour)
			c.Hasten(time.Hour)
		}, time.Hour, 24 * time.Hour},
		{"Hasten ends", "zero is no jump", func(c *awstest.AWS, now func() time.Time) { c.SetClock(now); c.Hasten(time.Hour); c.Hasten(0) }, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud, now := awstest.New(t), &clock{now: start}
			tt.do(cloud, now.Now)
			for range 2 {
				now.Advance(100 * 24 * time.Hour)
				id := cloud.CloudFront.AddDistribution(newPublic(t)).KeyPairIDs[0]
				key, err := cloudfront.NewFromConfig(cloud.Config).GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: &id})
				if err != nil {
					t.Fatal(err)
				}
				if ahead := key.PublicKey.CreatedTime.Sub(now.Now()); ahead < tt.atLeast || ahead > tt.atMost {
					t.Errorf("%s: the local AWS is ahead by %v, want %v to %v", tt.reason, ahead, tt.atLeast, tt.atMost)
				}
			}
		})
	}
}

// TestAtOnce: everything can be used at once. The race detector finds what is not safe.
func TestAtOnce(t *testing.T) {
	cloud := awstest.New(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			alias := fmt.Sprintf("alias/key-%d", i)
			arn := cloud.KMS.Add(nil, alias)
			cloud.KMS.SetState(arn, "Enabled")
			cloud.SetClock(time.Now)
			cloud.Hasten(time.Nanosecond)
			cloud.Secrets.Put("shared", "value")
			cloud.Parameters.Put("/shared", "value")
			if i < 5 {
				cloud.CloudFront.AddDistribution(newPublic(t)).Trusted()
			}
			cloud.Answer("kms:GetPublicKey", 1, http.StatusOK, "{}")
			cloud.Recover("kms:GetPublicKey")
			if err := signOnce(t.Context(), cloud, alias); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := cloud.Count("kms:Sign"); n != 8 {
		t.Errorf("%d requests, want 8", n)
	}
}

func newPublic(t *testing.T) crypto.PublicKey {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Error(err)
		return nil
	}
	return key.Public()
}
