// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// An account is a local AWS with a distribution, whose key group trusts the test key. The secret
// prod/cdn and the KMS key alias/cdn have that key, too. The secret empty has no value.
type account struct {
	server     *awslocal.Server
	cloudFront *awslocal.CloudFront
	secrets    *awslocal.Secrets
	kms        *awslocal.KMS
	config     aws.Config
	client     *cloudfront.Client
	keyGroup   string
	firstID    string

	mu    sync.Mutex
	later time.Duration // how far the clock of AWS is ahead
}

const rotatedDistribution = "E2QWRUHAPOMQZL"

// newAccount returns an account, and the function that ends it.
func newAccount() (*account, func(), error) {
	a := &account{server: &awslocal.Server{}}
	a.cloudFront, a.secrets, a.kms = awslocal.NewCloudFront(a.server), awslocal.NewSecrets(a.server), awslocal.NewKMS(a.server)
	a.server.SetClock(a.now)
	listener := httptest.NewServer(a.server)
	a.config = aws.Config{BaseEndpoint: &listener.URL, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "SecretAccessKeyOfTheExample", "")}
	a.client = cloudfront.NewFromConfig(a.config)
	err := a.trustFirst()
	a.secrets.Create("empty")
	value, _ := json.Marshal(pair{a.firstID, string(testkeys.P256PEM())}) // strings only
	a.secrets.Put("prod/cdn", string(value))
	a.kms.SetAlias("alias/cdn", a.kms.Add(testkeys.P256()))
	return a, listener.Close, err
}

// A pair is the value of a secret.
type pair struct{ KeyPairID, PrivateKey string }

// trustFirst creates a key group with the test key.
func (a *account) trustFirst() (err error) {
	if a.firstID, err = a.createKey("by-hand", testkeys.P256().Public()); err != nil {
		return err
	}
	if a.keyGroup, err = a.createGroup("viewers", a.firstID); err == nil {
		a.cloudFront.AddDistribution(rotatedDistribution, "d111111abcdef8.cloudfront.net", a.keyGroup)
	}
	return err
}

func (a *account) createKey(name string, public crypto.PublicKey) (string, error) {
	pem, err := keys.MarshalPublic(public)
	if err != nil {
		return "", err
	}
	key, err := a.client.CreatePublicKey(context.Background(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: &name, CallerReference: &name, EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		return "", err
	}
	return *key.PublicKey.Id, nil
}

func (a *account) createGroup(name, id string) (string, error) {
	group, err := a.client.CreateKeyGroup(context.Background(), &cloudfront.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: []string{id}}})
	if err != nil {
		return "", err
	}
	return *group.KeyGroup.Id, nil
}

// trust adds a public key to the key group.
func (a *account) trust(id string) error {
	group, err := a.client.GetKeyGroup(context.Background(), &cloudfront.GetKeyGroupInput{Id: &a.keyGroup})
	if err != nil {
		return err
	}
	config := group.KeyGroup.KeyGroupConfig
	config.Items = append(config.Items, id)
	_, err = a.client.UpdateKeyGroup(context.Background(), &cloudfront.UpdateKeyGroupInput{Id: &a.keyGroup, IfMatch: group.ETag, KeyGroupConfig: config})
	return err
}

func (a *account) now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Add(a.later)
}

func (a *account) advance(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.later += d
}

// environment returns the variables that lead the command to the account.
func (a *account) environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": *a.config.BaseEndpoint, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SecretAccessKeyOfTheExample",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
	}
}

// trusts returns an error unless the distribution trusts the private key under the ID.
func (a *account) trusts(id string, private []byte) error {
	key, err := keys.ParsePrivate(private)
	if err != nil {
		return err
	}
	return a.trustsPublic(id, key.Public())
}

func (a *account) trustsPublic(id string, public crypto.PublicKey) error {
	trusted, ok := a.cloudFront.Trusted(rotatedDistribution)[id]
	if !ok || !public.(interface{ Equal(crypto.PublicKey) bool }).Equal(trusted) {
		return fmt.Errorf("the distribution does not trust this key under %q", id)
	}
	return nil
}

// trustsSecret returns an error unless the distribution trusts the pair in a secret.
func (a *account) trustsSecret(name string) error {
	output, err := secretsmanager.NewFromConfig(a.config).GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return err
	}
	var p pair
	if err := json.Unmarshal([]byte(*output.SecretString), &p); err != nil {
		return err
	}
	return a.trusts(p.KeyPairID, []byte(p.PrivateKey))
}

// trustsKMS returns an error unless the distribution trusts the KMS key behind an alias under the
// ID.
func (a *account) trustsKMS(id, alias string) error {
	output, err := kms.NewFromConfig(a.config).GetPublicKey(context.Background(), &kms.GetPublicKeyInput{KeyId: &alias})
	if err != nil {
		return err
	}
	public, err := keys.ParsePublic(output.PublicKey)
	if err != nil {
		return err
	}
	return a.trustsPublic(id, public)
}

// awsCommand is a command for scripts:
//
//	aws start                     starts an account, and sets GROUP and FIRST
//	aws fail OPERATION TYPE       lets the next request for an operation fail
//	aws full                      allows only as many keys in a group as there are
//	aws hold                      keeps changes from the edge locations
//	aws later DURATION            advances the clock
//	aws group VARIABLE ID         creates a key group with a key
//	aws key VARIABLE FILE         creates a public key from a private one
//	aws trust ID                  adds a public key to the key group
//	aws trusts ID FILE            checks that the distribution trusts a private key
//	aws trusts-secret NAME        checks that it trusts the pair in a secret
//	aws trusts-kms ID ALIAS       checks that it trusts a key in KMS
//	aws requests OPERATION COUNT  checks how many requests there were
func awsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if args[0] == "start" {
		a, end, err := newAccount()
		ts.Check(err)
		ts.Defer(end)
		ts.Value(accountKey{}).(*accountOf).account = a
		for name, value := range a.environment() {
			ts.Setenv(name, value)
		}
		ts.Setenv("GROUP", a.keyGroup)
		ts.Setenv("FIRST", a.firstID)
		return
	}
	err := ts.Value(accountKey{}).(*accountOf).account.do(ts, args)
	if neg && err == nil {
		ts.Fatalf("aws %s succeeds", strings.Join(args, " "))
	}
	if !neg {
		ts.Check(err)
	}
}

type accountKey struct{}

// accountOf has the account of a script.
type accountOf struct{ *account }

func (a *account) do(ts *testscript.TestScript, args []string) error {
	switch args[0] {
	case "fail":
		a.server.Fail(args[1], 1, &awslocal.Error{Status: http.StatusForbidden, Type: args[2], Message: "no"})
	case "full":
		a.cloudFront.SetQuotas(awslocal.Quotas{PublicKeysInKeyGroup: len(a.cloudFront.Trusted(rotatedDistribution))})
	case "hold":
		a.cloudFront.SetDelay(awslocal.ByHand)
	case "later":
		d, err := timeflag.ParseDuration(args[1])
		a.advance(d)
		return err
	case "group":
		id, err := a.createGroup(strings.ToLower(args[1]), args[2])
		ts.Setenv(args[1], id)
		return err
	case "key":
		key, err := keys.ParsePrivate([]byte(ts.ReadFile(args[2])))
		ts.Check(err)
		id, err := a.createKey(strings.ToLower(args[1]), key.Public())
		ts.Setenv(args[1], id)
		return err
	case "trust":
		return a.trust(args[1])
	case "trusts":
		return a.trusts(args[1], []byte(ts.ReadFile(args[2])))
	case "trusts-secret":
		return a.trustsSecret(args[1])
	case "trusts-kms":
		return a.trustsKMS(args[1], args[2])
	case "requests":
		if got := fmt.Sprint(a.server.Count(args[1])); got != args[2] {
			return fmt.Errorf("%s requests for %s, want %s", got, args[1], args[2])
		}
	default:
		ts.Fatalf("there is no command aws %s", args[0])
	}
	return nil
}

// TestRotatePermissions: the policies in docs/rotate.md allow what the interfaces of the packages
// need, and nothing else. The names of their methods are the permissions.
func TestRotatePermissions(t *testing.T) {
	needed := [][]string{
		permissions[keygroup.API]("cloudfront"),
		permissions[awssecrets.StoreAPI]("secretsmanager"),
		append(permissions[awskms.StoreAPI]("kms"), "kms:TagResource"), // for --kms-tag
	}
	blocks := markdown.Code(t, "../../docs/rotate.md", "json")
	if len(blocks) != len(needed) {
		t.Fatalf("%d policies, want %d", len(blocks), len(needed))
	}
	for i, block := range blocks {
		var policy struct {
			Statement []struct{ Effect, Action, Resource any }
		}
		if err := json.Unmarshal([]byte(block), &policy); err != nil {
			t.Fatalf("%v\n%s", err, block)
		}
		var allowed []string
		for _, s := range policy.Statement {
			if s.Effect != "Allow" || s.Resource == nil {
				t.Errorf("an incomplete statement: %v", s)
			}
			for action := range strings.FieldsFuncSeq(fmt.Sprint(s.Action), func(r rune) bool { return strings.ContainsRune("[] ", r) }) {
				allowed = append(allowed, action)
			}
		}
		slices.Sort(allowed)
		slices.Sort(needed[i])
		if diff := cmp.Diff(needed[i], slices.Compact(allowed)); diff != "" {
			t.Error(diff)
		}
	}
}

// permissions returns the permissions for the methods of an interface.
func permissions[API any](service string) []string {
	var names []string
	for method := range reflect.TypeFor[API]().Methods() {
		names = append(names, service+":"+method.Name)
	}
	return names
}
