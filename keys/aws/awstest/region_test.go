// SPDX-License-Identifier: Apache-2.0

package awstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys/aws/awstest"
)

// TestRegions: a Region is the same from wherever it is reached.
func TestRegions(t *testing.T) {
	cloud := awstest.New(t)
	west, ireland := cloud.Region("us-west-2"), cloud.Region("eu-west-1")
	for reason, tt := range map[string]struct{ got, want *awstest.AWS }{
		"the Region itself":                {cloud.Region("us-east-1"), cloud},
		"the second call":                  {cloud.Region("us-west-2"), west},
		"back from a Region":               {west.Region("us-east-1"), cloud},
		"from one Region to another one":   {west.Region("eu-west-1"), ireland},
		"a Region, from the Region itself": {west.Region("us-west-2"), west},
		"a new one, from a Region":         {west.Region("mx-central-1"), cloud.Region("mx-central-1")},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got another %s", reason, tt.got.Config.Region)
		}
	}
	if cloud == west || west == ireland || west.Config.Region != "us-west-2" || ireland.Config.Region != "eu-west-1" {
		t.Errorf("Regions %s, %s and %s", cloud.Config.Region, west.Config.Region, ireland.Config.Region)
	}
	for _, name := range []string{"", "us-west-2a", "US-WEST-2", "uswest2", "us-west-0", "cn-north-1", "us-gov-west-1", "us-iso-east-1"} {
		if got := panicOf(func() { cloud.Region(name) }); !strings.Contains(got, "write a Region of the partition aws, such as us-west-2") {
			t.Errorf("%q: got the panic %q", name, got)
		}
	}
}

// TestRegionalServices: a Region has its own keys, secrets and parameters, with the Region in
// their ARNs, and its own counts and faults.
func TestRegionalServices(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	for _, place := range []*awstest.AWS{cloud, west} {
		place.KMS.Add(nil, "alias/cdn")
		place.Secrets.Put("cdn", "secret of "+place.Config.Region)
		place.Parameters.Put("cdn", "parameter of "+place.Config.Region)
	}
	read := func(place *awstest.AWS) []string {
		t.Helper()
		key, err := kms.NewFromConfig(place.Config).GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: aws.String("alias/cdn")})
		if err != nil {
			t.Fatal(err)
		}
		client := secretsmanager.NewFromConfig(place.Config)
		secret, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("cdn")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: secret.ARN}); err != nil {
			t.Error(err)
		}
		parameter, err := ssm.NewFromConfig(place.Config).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("cdn"), WithDecryption: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		arn, _, _ := strings.Cut(*key.KeyId, ":key/")
		return []string{arn, *secret.ARN, *secret.SecretString, *parameter.Parameter.ARN, *parameter.Parameter.Value}
	}
	for _, place := range []*awstest.AWS{cloud, west} {
		region := place.Config.Region
		want := []string{
			"arn:aws:kms:" + region + ":111122223333",
			"arn:aws:secretsmanager:" + region + ":111122223333:secret:cdn-a1B2c3", "secret of " + region,
			"arn:aws:ssm:" + region + ":111122223333:parameter/cdn", "parameter of " + region,
		}
		if diff := cmp.Diff(want, read(place)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", region, diff)
		}
	}
	west.Fail("kms:Sign", 0, "AccessDeniedException")
	if err := signOnce(t.Context(), cloud, "alias/cdn"); err != nil {
		t.Errorf("the fault of another Region: %v", err)
	}
	if err := signOnce(t.Context(), west, "alias/cdn"); codeOf(err) != "AccessDeniedException" {
		t.Errorf("got %v", err)
	}
	west.Recover("kms:Sign")
	if err := signOnce(t.Context(), west, "alias/cdn"); err != nil {
		t.Error(err)
	}
	if east, west := cloud.Count("kms:Sign"), west.Count("kms:Sign"); east != 1 || west != 2 {
		t.Errorf("%d and %d requests, want 1 and 2", east, west)
	}
}

// TestRegionOfTheClient: a request goes to the Region for which its client signs, whichever Region
// the configuration is from, and counts there.
func TestRegionOfTheClient(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	for _, place := range []*awstest.AWS{cloud, west} {
		place.KMS.Add(nil, "alias/cdn")
		place.Secrets.Put("cdn", "secret of "+place.Config.Region)
		place.Parameters.Put("cdn", "parameter of "+place.Config.Region)
	}
	for _, tt := range []struct {
		reason, region string
		config         aws.Config
	}{
		{"the Region of the configuration", "us-east-1", cloud.Config},
		{"another Region of the client", "us-west-2", cloud.Config},
		{"the same, the other way round", "us-east-1", west.Config},
	} {
		config := tt.config.Copy()
		config.Region = tt.region
		key, err := kms.NewFromConfig(config).GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: aws.String("alias/cdn")})
		if err != nil {
			t.Fatal(err)
		}
		secret, err := secretsmanager.NewFromConfig(tt.config, func(o *secretsmanager.Options) { o.Region = tt.region }).
			GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("cdn")})
		if err != nil {
			t.Fatal(err)
		}
		parameter, err := ssm.NewFromConfig(config).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("cdn"), WithDecryption: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		arn, _, _ := strings.Cut(*key.KeyId, ":key/")
		want := []string{"arn:aws:kms:" + tt.region + ":111122223333", "secret of " + tt.region, "parameter of " + tt.region}
		if diff := cmp.Diff(want, []string{arn, *secret.SecretString, *parameter.Parameter.Value}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
	if east, west := cloud.Count("kms:GetPublicKey"), west.Count("kms:GetPublicKey"); east != 2 || west != 1 {
		t.Errorf("%d and %d requests, want 2 and 1", east, west)
	}
}

// TestOtherRegions: a Region that the test has not asked for has no keys, and the local AWS says
// which Regions it does not have. CloudFront's clients reach it with each Region.
func TestOtherRegions(t *testing.T) {
	cloud := awstest.New(t)
	cloud.KMS.Add(nil, "alias/cdn")
	for region, want := range map[string]struct{ code, message string }{
		"eu-west-1":     {"NotFoundException", "arn:aws:kms:eu-west-1:111122223333:alias/cdn is not found"},
		"cn-north-1":    {"UnknownOperationException", `no Region "cn-north-1": write a Region of the partition aws, such as us-west-2`},
		"us-gov-west-1": {"UnknownOperationException", `no Region "us-gov-west-1"`},
		"east":          {"UnknownOperationException", `no Region "east"`},
	} {
		config := cloud.Config.Copy()
		config.Region = region
		_, err := kms.NewFromConfig(config).GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: aws.String("alias/cdn")})
		if codeOf(err) != want.code || !strings.Contains(err.Error(), want.message) {
			t.Errorf("%s: got %v, want %s: %s", region, err, want.code, want.message)
		}
		if _, err := cloudfront.NewFromConfig(config).ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{}); err != nil {
			t.Errorf("%s: %v", region, err)
		}
	}
	if n := cloud.Region("eu-west-1").Count("kms:GetPublicKey"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestOtherRegionsARNs: an ARN does not lead to another Region.
func TestOtherRegionsARNs(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2").Config
	cloud.Secrets.Put("cdn", "value")
	cloud.Parameters.Put("cdn", "value")
	errorOf := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"NotFoundException: Invalid arn us-east-1": signOnce(t.Context(), cloud.Region("us-west-2"), cloud.KMS.Add(nil)),
		"ResourceNotFoundException: ": errorOf(secretsmanager.NewFromConfig(west).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
			SecretId: aws.String("arn:aws:secretsmanager:us-east-1:111122223333:secret:cdn-a1B2c3"),
		})),
		"ParameterNotFound: ": errorOf(ssm.NewFromConfig(west).GetParameter(t.Context(), &ssm.GetParameterInput{
			Name: aws.String("arn:aws:ssm:us-east-1:111122223333:parameter/cdn"),
		})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// TestReplicas: the SDK's client reads which keys a multi-Region key has.
func TestReplicas(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	arn := cloud.KMS.AddMultiRegion(nil)
	replica := cloud.KMS.Replicate(arn, west.KMS)
	for place, want := range map[*awstest.AWS]types.MultiRegionKeyType{cloud: types.MultiRegionKeyTypePrimary, west: types.MultiRegionKeyTypeReplica} {
		_, id, _ := strings.Cut(arn, ":key/")
		answer, err := kms.NewFromConfig(place.Config).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &id})
		if err != nil {
			t.Fatal(err)
		}
		c := answer.KeyMetadata.MultiRegionConfiguration
		if c == nil || c.MultiRegionKeyType != want {
			t.Fatalf("%s: got %v, want %s", place.Config.Region, c, want)
		}
		var got []string
		for _, key := range append([]types.MultiRegionKey{*c.PrimaryKey}, c.ReplicaKeys...) {
			got = append(got, *key.Region, *key.Arn)
		}
		if diff := cmp.Diff([]string{"us-east-1", arn, "us-west-2", replica}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place.Config.Region, diff)
		}
	}
}

// TestKeyIDs: two keys of an account never have the same ID, so a replica never meets another key.
func TestKeyIDs(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	seen := map[string]bool{}
	for _, place := range []*awstest.AWS{cloud, west, cloud, west} {
		arn := place.KMS.AddMultiRegion(nil)
		_, id, _ := strings.Cut(arn, ":key/")
		if seen[id] {
			t.Errorf("the ID %s is there twice", id)
		}
		seen[id] = true
		other := west
		if place == west {
			other = cloud
		}
		if replica := place.KMS.Replicate(arn, other.KMS); !strings.HasSuffix(replica, ":key/"+id) || !strings.Contains(replica, ":"+other.Config.Region+":") {
			t.Errorf("got the replica %s", replica)
		}
	}
}

// TestGlobalCloudFront: each Region leads to the same CloudFront, with the same counts and faults.
func TestGlobalCloudFront(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	if cloud.CloudFront != west.CloudFront || west.CloudFront != west.Region("eu-west-1").CloudFront {
		t.Error("a Region has a CloudFront of its own")
	}
	d := west.CloudFront.AddDistribution(newPublic(t))
	list := func(place *awstest.AWS) error {
		answer, err := cloudfront.NewFromConfig(place.Config).ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{})
		if err == nil && (len(answer.PublicKeyList.Items) != 1 || *answer.PublicKeyList.Items[0].Id != d.KeyPairIDs[0]) {
			t.Errorf("%s: got the public keys %v", place.Config.Region, answer.PublicKeyList.Items)
		}
		return err
	}
	for _, place := range []*awstest.AWS{cloud, west} {
		if err := list(place); err != nil {
			t.Error(err)
		}
		place.Fail("cloudfront:ListPublicKeys", 2, "AccessDenied")
		for _, caller := range []*awstest.AWS{west, cloud} {
			if err := list(caller); codeOf(err) != "AccessDenied" {
				t.Errorf("a fault in %s, a request in %s: %v", place.Config.Region, caller.Config.Region, err)
			}
		}
	}
	west.Fail("cloudfront:ListPublicKeys", 0, "AccessDenied")
	cloud.Recover("cloudfront:ListPublicKeys")
	if err := list(west); err != nil {
		t.Errorf("after Recover in another Region: %v", err)
	}
	for _, place := range []*awstest.AWS{cloud, west} {
		if n := place.Count("cloudfront:ListPublicKeys"); n != 7 {
			t.Errorf("%s: %d requests, want 7", place.Config.Region, n)
		}
	}
}

// TestSharedClock: the clock of one Region is the clock of all, and so are its jumps.
func TestSharedClock(t *testing.T) {
	cloud := awstest.New(t)
	west := cloud.Region("us-west-2")
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	west.SetClock(func() time.Time { return now })
	created := func(place *awstest.AWS) time.Duration {
		t.Helper()
		arn := place.KMS.Add(nil)
		answer, err := kms.NewFromConfig(place.Config).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &arn})
		if err != nil {
			t.Fatal(err)
		}
		return answer.KeyMetadata.CreationDate.Sub(now)
	}
	for _, place := range []*awstest.AWS{cloud, west, cloud.Region("eu-west-1")} {
		if got := created(place); got != 0 {
			t.Errorf("%s is ahead by %v", place.Config.Region, got)
		}
	}
	west.Hasten(time.Hour)
	if got := created(cloud); got < time.Hour {
		t.Errorf("us-east-1 is ahead by %v", got)
	}
}

// TestClose ends all Regions from one of them, and no Region starts after that.
func TestClose(t *testing.T) {
	for _, from := range []string{"us-east-1", "us-west-2"} {
		cloud := awstest.Start()
		west := cloud.Region("us-west-2")
		places := map[*awstest.AWS]string{cloud: cloud.KMS.Add(nil), west: west.KMS.Add(nil)}
		ended := make(chan error, len(places))
		for place, arn := range places {
			if err := signOnce(t.Context(), place, arn); err != nil {
				t.Fatal(err)
			}
			place.Hang("kms:Sign", 0)
			go func() { ended <- signOnce(context.Background(), place, arn) }()
		}
		for cloud.Count("kms:Sign") < 2 || west.Count("kms:Sign") < 2 {
			time.Sleep(time.Millisecond)
		}
		cloud.Region(from).Close()
		for range places {
			if err := <-ended; err == nil {
				t.Errorf("%s: a request has survived Close", from)
			}
		}
		for place, arn := range places {
			place.Recover("kms:Sign")
			var dial *net.OpError
			if err := signOnce(t.Context(), place, arn); !errors.As(err, &dial) || dial.Op != "dial" {
				t.Errorf("%s still listens, closed from %s: %v", place.Config.Region, from, err)
			}
		}
		if got := cloud.Region("us-west-2"); got != west {
			t.Error("got another Region after Close")
		}
		if got := panicOf(func() { west.Region("eu-west-1") }); !strings.Contains(got, `is closed: call Region("eu-west-1") before Close`) {
			t.Errorf("got the panic %q", got)
		}
		cloud.Close()
	}
}

// TestCloseEarly: Close does not wait for the rest of a request.
func TestCloseEarly(t *testing.T) {
	cloud := awstest.Start()
	address := strings.TrimPrefix(*cloud.Config.BaseEndpoint, "http://")
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "POST / HTTP/1.1\r\nHost: "+address+"\r\nContent-Length: 100\r\nX-Amz-Target: TrentService.Sign\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Read(make([]byte, 1)); err != nil { // 100 Continue: the server reads the body
		t.Fatal(err)
	}
	cloud.Close()
}

// TestNewCloses: a local AWS ends with its test.
func TestNewCloses(t *testing.T) {
	var cloud *awstest.AWS
	t.Run("test", func(t *testing.T) { cloud = awstest.New(t) })
	var dial *net.OpError
	if err := signOnce(t.Context(), cloud, "alias/cdn"); !errors.As(err, &dial) || dial.Op != "dial" {
		t.Errorf("got %v", err)
	}
}
