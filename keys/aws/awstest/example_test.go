// SPDX-License-Identifier: Apache-2.0

package awstest_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// newSigner is a function of your program.
func newSigner(ctx context.Context, config aws.Config) (*sign.Signer, error) {
	key, err := awskms.New(ctx, kms.NewFromConfig(config), "alias/cloudfront", awskms.Options{})
	if err != nil {
		return nil, err
	}
	return sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
}

// TestSigner is the test that the package comment has.
func TestSigner(t *testing.T) {
	cloud := awstest.New(t)
	cloud.KMS.Add(nil, "alias/cloudfront") // nil: a new key
	signer, err := newSigner(t.Context(), cloud.Config)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := signer.URL(t.Context(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if n := cloud.Count("kms:Sign"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// t stands for the parameter of a test.
var t = &exampleT{}

// exampleT prints the failures of a test.
type exampleT struct{ testing.TB }

func (*exampleT) Helper()                           {}
func (*exampleT) Context() context.Context          { return context.Background() }
func (*exampleT) Cleanup(func())                    {}
func (*exampleT) Fatal(args ...any)                 { log.Fatal(args...) }
func (*exampleT) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// The signer works until the key is disabled.
func ExampleNew() {
	cloud := awstest.New(t)
	arn := cloud.KMS.Add(nil, "alias/cloudfront")
	signer, err := newSigner(context.Background(), cloud.Config)
	if err != nil {
		t.Fatal(err)
	}
	cloud.KMS.SetState(arn, "Disabled")

	_, err = signer.URL(context.Background(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	fmt.Println(errors.Is(err, keys.ErrDisabled), cloud.Count("kms:Sign"))
	// Output: true 1
}

// A program can run without an account, too.
func ExampleStart() {
	cloud := awstest.Start()
	defer cloud.Close()
	cloud.KMS.Add(nil, "alias/cloudfront")
	signer, err := newSigner(context.Background(), cloud.Config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID())
	// Output: K2JCJMDEHXQW5F
}

// Three signatures fail in three ways, and the fourth one does not. The SDK's client tries again
// when it is throttled: the first signature is denied at the third try.
func ExampleAWS_Fail() {
	cloud := awstest.New(t)
	cloud.KMS.Add(nil, "alias/cloudfront")
	key, err := awskms.New(context.Background(), kms.NewFromConfig(cloud.Config), "alias/cloudfront", awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}

	cloud.Fail("kms:Sign", 2, "ThrottlingException")
	cloud.Fail("kms:Sign", 1, "AccessDeniedException")
	cloud.Hang("kms:Sign", 1) // until the context of the caller ends
	cloud.Answer("kms:Sign", 1, http.StatusOK, `{"Signature": "AAAA"}`)

	digest := sha256.Sum256([]byte("policy"))
	for range 4 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, err := key.SignContext(ctx, digest[:], crypto.SHA256)
		cancel()
		switch {
		case errors.Is(err, keys.ErrAccessDenied):
			fmt.Println("denied")
		case errors.Is(err, context.DeadlineExceeded):
			fmt.Println("too late")
		case err != nil:
			fmt.Println("a wrong answer")
		default:
			fmt.Println("signed")
		}
	}
	fmt.Println(cloud.Count("kms:Sign"), "requests")
	// Output:
	// denied
	// too late
	// a wrong answer
	// signed
	// 6 requests
}

// The key is disabled in one Region, and the other one signs.
func ExampleKMS_Replicate() {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	arn := cloud.KMS.AddMultiRegion(nil)
	replica := cloud.KMS.Replicate(arn, west.KMS)
	_, keyID, _ := strings.Cut(replica, ":key/")

	key, err := awskms.New(context.Background(), kms.NewFromConfig(cloud.Config), keyID, awskms.Options{
		Replicas: []awskms.API{kms.NewFromConfig(west.Config)},
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud.KMS.SetState(arn, "Disabled")
	digest := sha256.Sum256([]byte("policy"))
	_, err = key.SignContext(context.Background(), digest[:], crypto.SHA256)
	fmt.Println(err, cloud.Count("kms:Sign"), west.Count("kms:Sign"))
	// Output: <nil> 1 1
}

// A rotation, from the secret to the viewer. The distribution of edgetest gets the keys once before
// the rotation, and once after it.
func ExampleCloudFront_AddDistribution() {
	ctx := context.Background()
	cloud := awstest.New(t)
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	cloud.Hasten(10 * time.Minute) // keygroup waits for 5 minutes, and the test does not
	distribution := cloud.CloudFront.AddDistribution(key.Public())
	pair, err := awssecrets.ReplacePair(nil, distribution.KeyPairIDs[0], key)
	if err != nil {
		t.Fatal(err)
	}
	cloud.Secrets.Put("prod/cdn", string(pair))
	behavior := edge.Behavior{
		Origin:           edge.Bucket(fstest.MapFS{"a.jpg": {Data: []byte("JPEG")}}),
		TrustedKeyGroups: []keys.Set{distribution.Trusted()},
	}
	cdn := edgetest.NewDistribution(t, edge.Config{Default: behavior})

	// Your code rotates the key.
	rotator, err := keygroup.New(cloudfront.NewFromConfig(cloud.Config), keygroup.Options{}, distribution.KeyGroupID)
	if err != nil {
		t.Fatal(err)
	}
	client := secretsmanager.NewFromConfig(cloud.Config)
	store, err := awssecrets.NewStore(client, "prod/cdn", awssecrets.StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rotator.Rotate(ctx, store); err != nil {
		t.Fatal(err)
	}

	// What it signs now opens a file, because the test brings the new keys to the distribution.
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	keyPairID, rotated := source.Pair()
	signer, err := sign.New(keyPairID, rotated, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	link, err := signer.URL(ctx, "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cdn.Denied(t, link, verify.ErrUnknownKey)
	behavior.TrustedKeyGroups = []keys.Set{distribution.Trusted()}
	cdn.Update(t, edge.Config{Default: behavior})
	fmt.Println(cdn.Allowed(t, link).Status)
	cdn.Denied(t, "https://cdn.example.com/a.jpg", verify.ErrMissing)
	fmt.Println(keyPairID != distribution.KeyPairIDs[0])
	// Output:
	// 200 OK
	// true
}
