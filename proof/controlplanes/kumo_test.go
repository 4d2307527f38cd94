// SPDX-License-Identifier: Apache-2.0

package controlplanes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"
	"github.com/sivchari/kumo"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// An account is a control plane with what the calls have made there.
type account struct {
	*cloudfront.Client
	ids, etags, locations map[string]string // by name
}

func newAccount(endpoint string) *account {
	return &account{
		Client: cloudfront.New(cloudfront.Options{
			BaseEndpoint: &endpoint, Region: "us-east-1", Retryer: aws.NopRetryer{},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller"}, nil
			}),
		}),
		ids: map[string]string{}, etags: map[string]string{}, locations: map[string]string{},
	}
}

// outcome describes an error by its status and code, or what a call answered.
func outcome(answer string, err error) string {
	var response *awshttp.ResponseError
	var coded smithy.APIError
	switch {
	case err == nil:
		return answer
	case errors.As(err, &response) && errors.As(err, &coded):
		return fmt.Sprintf("%d %s", response.HTTPStatusCode(), coded.ErrorCode())
	}
	return err.Error()
}

// createKey creates a public key.
func createKey(reference, name string, key string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.CreatePublicKey(ctx, &cloudfront.CreatePublicKeyInput{
			PublicKeyConfig: &types.PublicKeyConfig{CallerReference: &reference, Name: &name, EncodedKey: &key},
		})
		if err != nil {
			return outcome("", err)
		}
		a.ids[name], a.etags[name], a.locations[name] = *answer.PublicKey.Id, *answer.ETag, aws.ToString(answer.Location)
		return "created"
	}
}

// createKeyWithComment creates a public key with a comment.
func createKeyWithComment(reference, name, key, comment string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		_, err := a.CreatePublicKey(ctx, &cloudfront.CreatePublicKeyInput{
			PublicKeyConfig: &types.PublicKeyConfig{CallerReference: &reference, Name: &name, EncodedKey: &key, Comment: &comment},
		})
		return outcome("created", err)
	}
}

// createGroup creates a key group of public keys, by their names. A name that does not exist
// is an ID.
func createGroup(name string, publicKeys ...string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.CreateKeyGroup(ctx, &cloudfront.CreateKeyGroupInput{
			KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: a.all(publicKeys)},
		})
		if err != nil {
			return outcome("", err)
		}
		a.ids[name], a.etags[name], a.locations[name] = *answer.KeyGroup.Id, *answer.ETag, aws.ToString(answer.Location)
		return "created"
	}
}

// idForm describes the ID of a resource.
func idForm(name string) func(context.Context, *account) string {
	return func(_ context.Context, a *account) string {
		return strings.Map(func(r rune) rune {
			if r == 'K' || r == '-' {
				return r
			}
			return '0'
		}, a.ids[name])
	}
}

func (a *account) id(name string) *string {
	if id, ok := a.ids[name]; ok {
		return &id
	}
	return &name
}

// location says whether the location of a resource ends in its ID.
func location(name string) func(context.Context, *account) string {
	return func(_ context.Context, a *account) string {
		if a.locations[name] == "" {
			return "no location"
		}
		return fmt.Sprint("it ends in the ID: ", strings.HasSuffix(a.locations[name], "/"+a.ids[name]))
	}
}

func (a *account) all(names []string) []string {
	ids := []string{}
	for _, name := range names {
		ids = append(ids, *a.id(name))
	}
	return ids
}

// etag returns the ETag of a resource, or nil.
func (a *account) etag(name string) *string {
	if etag, ok := a.etags[name]; ok {
		return &etag
	}
	return nil
}

func deleteKey(name, etagOf string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		_, err := a.DeletePublicKey(ctx, &cloudfront.DeletePublicKeyInput{Id: a.id(name), IfMatch: a.etag(etagOf)})
		return outcome("deleted", err)
	}
}

func deleteGroup(name, etagOf string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		_, err := a.DeleteKeyGroup(ctx, &cloudfront.DeleteKeyGroupInput{Id: a.id(name), IfMatch: a.etag(etagOf)})
		return outcome("deleted", err)
	}
}

// getKey reads a public key, and says what it got.
func getKey(name, encoded string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.GetPublicKey(ctx, &cloudfront.GetPublicKeyInput{Id: a.id(name)})
		if err != nil {
			return outcome("", err)
		}
		return fmt.Sprintf("the name %s, the same ETag: %t, the same key: %t", *answer.PublicKey.PublicKeyConfig.Name,
			*answer.ETag == a.etags[name], *answer.PublicKey.PublicKeyConfig.EncodedKey == encoded)
	}
}

func getGroup(name string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.GetKeyGroup(ctx, &cloudfront.GetKeyGroupInput{Id: a.id(name)})
		if err != nil {
			return outcome("", err)
		}
		return fmt.Sprintf("the name %s, %d keys, the same ETag: %t", *answer.KeyGroup.KeyGroupConfig.Name,
			len(answer.KeyGroup.KeyGroupConfig.Items), *answer.ETag == a.etags[name])
	}
}

func listKeys(most int32) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.ListPublicKeys(ctx, &cloudfront.ListPublicKeysInput{MaxItems: &most})
		if err != nil {
			return outcome("", err)
		}
		return fmt.Sprintf("%d of at most %d, more: %t", len(answer.PublicKeyList.Items), *answer.PublicKeyList.MaxItems, answer.PublicKeyList.NextMarker != nil)
	}
}

func listGroups(most int32) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		answer, err := a.ListKeyGroups(ctx, &cloudfront.ListKeyGroupsInput{MaxItems: &most})
		if err != nil {
			return outcome("", err)
		}
		return fmt.Sprintf("%d of at most %d, more: %t", len(answer.KeyGroupList.Items), *answer.KeyGroupList.MaxItems, answer.KeyGroupList.NextMarker != nil)
	}
}

func updateGroup(name string, publicKeys ...string) func(context.Context, *account) string {
	return func(ctx context.Context, a *account) string {
		_, err := a.UpdateKeyGroup(ctx, &cloudfront.UpdateKeyGroupInput{
			Id: a.id(name), IfMatch: a.etag(name), KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: a.all(publicKeys)},
		})
		return outcome("updated", err)
	}
}

// The sources of the answers that differ.
const (
	createKeyPage   = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreatePublicKey.html"
	deleteKeyPage   = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeletePublicKey.html"
	listKeysPage    = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListPublicKeys.html"
	createGroupPage = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyGroup.html"
	updateGroupPage = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateKeyGroup.html"
	deleteGroupPage = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteKeyGroup.html"
	quotasPage      = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
	keysPage        = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html"
	nameIssue       = "https://github.com/medplum/medplum/issues/5272"
	newlineIssue    = "https://github.com/hashicorp/terraform-provider-aws/issues/40295"
)

// TestKumo makes the same calls to both, in one account each.
func TestKumo(t *testing.T) {
	text, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	key := string(text)
	var server awslocal.Server
	awslocal.NewCloudFront(&server)
	listener := httptest.NewServer(&server)
	defer listener.Close()
	emulator := kumo.NewServer()
	defer emulator.Close()
	ours, theirs := newAccount(listener.URL), newAccount(emulator.URL)

	for _, tt := range []struct {
		name   string
		call   func(context.Context, *account) string
		ours   string
		theirs string // "": the same
		source string // of ours, if they differ
	}{
		{"create a key", createKey("r1", "a", key), "created", "", ""},
		{"its location", location("a"), "it ends in the ID: true", "no location", createKeyPage},
		{"its ID", idForm("a"), "K0000000000000", "", ""},
		{"the same again", createKey("r1", "a", key), "409 PublicKeyAlreadyExists", "", ""},
		{"another name with the same reference", createKey("r1", "b", key), "409 PublicKeyAlreadyExists", "", ""},
		{"a key without the last newline", createKey("r2", "b", strings.TrimSpace(key)), "created", "", ""},
		{"list keys", listKeys(100), "2 of at most 100, more: false", "", ""},
		{"list a page of keys", listKeys(1), "1 of at most 1, more: true", "2 of at most 100, more: false", listKeysPage},
		{"read a key", getKey("a", key), "the name a, the same ETag: true, the same key: true", "", ""},
		{"read the one without the last newline", getKey("b", key), "the name b, the same ETag: true, the same key: true", "the name b, the same ETag: true, the same key: false", newlineIssue},
		{"read no key", getKey("K1", key), "404 NoSuchPublicKey", "", ""},

		{"create a key group", createGroup("g", "a", "b"), "created", "", ""},
		{"its location", location("g"), "it ends in the ID: true", "no location", createGroupPage},
		{"its ID", idForm("g"), "00000000-0000-0000-0000-000000000000", "000000000000000000000000000000000000", createGroupPage},
		{"the same name again", createGroup("g", "a"), "409 KeyGroupAlreadyExists", "", ""},
		{"list key groups", listGroups(100), "1 of at most 100, more: false", "", ""},
		{"read a key group", getGroup("g"), "the name g, 2 keys, the same ETag: true", "", ""},
		{"read no key group", getGroup("none"), "404 NoSuchResource", "", ""},
		{"change a key group", updateGroup("g", "a", "b"), "updated", "405 UnknownError", updateGroupPage},
		{"delete a key in use", deleteKey("a", "a"), "409 PublicKeyInUse", "", ""},
		{"delete no key", deleteKey("K1", "a"), "404 NoSuchPublicKey", "", ""},
		{"delete no key group", deleteGroup("none", "g"), "404 NoSuchResource", "", ""},
		{"delete a key group with another ETag", deleteGroup("g", "a"), "412 PreconditionFailed", "deleted", deleteGroupPage},

		{"another key with the same name", createKey("r3", "a", key), "409 PublicKeyAlreadyExists", "created", nameIssue},
		{"no PEM", createKey("r4", "c", "no key"), "400 InvalidArgument", "created", createKeyPage},
		{"a private key", createKey("r5", "d", string(testkeys.P256PEM())), "400 InvalidArgument", "created", keysPage},
		{"a long comment", createKeyWithComment("r6", "e", key, strings.Repeat("a", 129)), "400 InvalidArgument", "created", createKeyPage},
		{"a key group without keys", createGroup("h"), "400 InvalidArgument", "created", createGroupPage},
		{"a key group with a key that does not exist", createGroup("i", "K1"), "400 InvalidArgument", "404 NoSuchPublicKey", createGroupPage},
		{"too many keys in a key group", createGroup("j", "a", "b", "a", "b", "a", "b"), "400 TooManyPublicKeysInKeyGroup", "created", quotasPage},
		{"one more key", createKey("r7", "f", key), "created", "", ""},
		{"delete it without an ETag", deleteKey("f", "none"), "400 InvalidIfMatchVersion", "deleted", deleteKeyPage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.call(t.Context(), ours); got != tt.ours {
				t.Errorf("awslocal: got %s, want %s", got, tt.ours)
			}
			want := tt.theirs
			if want == "" {
				want = tt.ours
			} else if tt.source == "" {
				t.Error("a difference must have a source")
			}
			if got := tt.call(t.Context(), theirs); got != want {
				t.Errorf("kumo: got %s, want %s: if kumo has changed, decide again which answer is right", got, want)
			}
		})
	}
}
