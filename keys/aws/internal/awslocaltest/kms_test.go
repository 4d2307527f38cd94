// SPDX-License-Identifier: Apache-2.0

package awslocaltest_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

func kmsService(t *testing.T) (*awslocal.KMS, *kms.Client) {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return awslocal.NewKMS(server), kms.New(kms.Options{BaseEndpoint: &listener.URL, Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(credentials)})
}

// TestCreateKey makes keys of each kind, and describes them.
func TestCreateKey(t *testing.T) {
	service, client := kmsService(t)
	for _, tt := range []struct {
		spec        types.KeySpec
		multiRegion bool
		algorithms  int
	}{
		{types.KeySpecRsa2048, false, 6},
		{types.KeySpecEccNistP256, false, 1},
		{types.KeySpecEccNistP256, true, 1},
	} {
		t.Run(fmt.Sprint(tt.spec, tt.multiRegion), func(t *testing.T) {
			created, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{
				KeySpec: tt.spec, KeyUsage: types.KeyUsageTypeSignVerify, MultiRegion: &tt.multiRegion, Description: aws.String("of a test"),
			})
			if err != nil {
				t.Fatal(err)
			}
			m := created.KeyMetadata
			if strings.HasPrefix(*m.KeyId, "mrk-") != tt.multiRegion || *m.MultiRegion != tt.multiRegion || !strings.HasSuffix(*m.Arn, ":key/"+*m.KeyId) || *m.AWSAccountId != "111122223333" {
				t.Errorf("got the ID %s and the ARN %s", *m.KeyId, *m.Arn)
			}
			if m.KeySpec != tt.spec || m.KeyUsage != types.KeyUsageTypeSignVerify || m.KeyState != types.KeyStateEnabled || !m.Enabled ||
				len(m.SigningAlgorithms) != tt.algorithms || *m.Description != "of a test" || time.Since(*m.CreationDate).Abs() > time.Hour {
				t.Errorf("got %+v", m)
			}
			public, err := client.GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: m.KeyId})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x509.ParsePKIXPublicKey(public.PublicKey); err != nil {
				t.Error(err)
			}
			service.SetState(*m.Arn, "Disabled")
			described, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: m.Arn})
			if err != nil {
				t.Fatal(err)
			}
			if described.KeyMetadata.KeyState != types.KeyStateDisabled || described.KeyMetadata.Enabled {
				t.Errorf("disabled: got %+v", described.KeyMetadata)
			}
		})
	}
}

// TestAlias rotates an alias from key to key.
func TestAlias(t *testing.T) {
	service, client := kmsService(t)
	first, second := service.Add(testkeys.P256()), service.Add(testkeys.RSA())
	name := aws.String("alias/cdn")
	if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: name, TargetKeyId: &first}); err != nil {
		t.Fatal(err)
	}
	if got := aliasTarget(t, client, *name); got != first {
		t.Errorf("created: it points to %s, want %s", got, first)
	}
	var exists *types.AlreadyExistsException
	if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: name, TargetKeyId: &second}); !errors.As(err, &exists) {
		t.Errorf("created again: got %v, want %T", err, exists)
	}
	if _, err := client.UpdateAlias(t.Context(), &kms.UpdateAliasInput{AliasName: name, TargetKeyId: &second}); err != nil {
		t.Fatal(err)
	}
	if got := aliasTarget(t, client, *name); got != second {
		t.Errorf("updated: it points to %s, want %s", got, second)
	}
	if _, err := client.DeleteAlias(t.Context(), &kms.DeleteAliasInput{AliasName: name}); err != nil {
		t.Fatal(err)
	}
	var missing *types.NotFoundException
	for operation, err := range map[string]error{
		"DescribeKey": errorOf(client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: name})),
		"UpdateAlias": errorOf(client.UpdateAlias(t.Context(), &kms.UpdateAliasInput{AliasName: name, TargetKeyId: &second})),
		"DeleteAlias": errorOf(client.DeleteAlias(t.Context(), &kms.DeleteAliasInput{AliasName: name})),
	} {
		if !errors.As(err, &missing) {
			t.Errorf("%s of a deleted alias: got %v, want %T", operation, err, missing)
		}
	}
}

// errorOf returns the error of an operation.
func errorOf[T any](_ T, err error) error { return err }

// aliasTarget returns the ARN of the key of an alias.
func aliasTarget(t *testing.T, client *kms.Client, name string) string {
	t.Helper()
	answer, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &name})
	if err != nil {
		t.Fatal(err)
	}
	return *answer.KeyMetadata.Arn
}

// TestListAliases pages through aliases, of all keys and of one.
func TestListAliases(t *testing.T) {
	service, client := kmsService(t)
	first, second := service.Add(testkeys.P256()), service.Add(testkeys.RSA())
	for i := range 5 {
		service.SetAlias(fmt.Sprintf("alias/first-%d", i), first)
	}
	service.SetAlias("alias/second", second)
	list := func(in *kms.ListAliasesInput) (names []string) {
		t.Helper()
		pages := kms.NewListAliasesPaginator(client, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, alias := range page.Aliases {
				if !strings.HasSuffix(*alias.AliasArn, ":"+*alias.AliasName) || alias.TargetKeyId == nil {
					t.Errorf("got %+v", alias)
				}
				names = append(names, *alias.AliasName)
			}
			checkEnds(t, names)
		}
		return names
	}
	ofFirst := []string{"alias/first-0", "alias/first-1", "alias/first-2", "alias/first-3", "alias/first-4"}
	for _, limit := range []int32{1, 2, 5, 6, 100} {
		if diff := cmp.Diff(append(ofFirst[:5:5], "alias/second"), list(&kms.ListAliasesInput{Limit: &limit})); diff != "" {
			t.Errorf("%d a page (-want +got):\n%s", limit, diff)
		}
		if diff := cmp.Diff(ofFirst, list(&kms.ListAliasesInput{Limit: &limit, KeyId: &first})); diff != "" {
			t.Errorf("of a key, %d a page (-want +got):\n%s", limit, diff)
		}
	}
}
