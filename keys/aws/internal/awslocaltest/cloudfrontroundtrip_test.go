// SPDX-License-Identifier: Apache-2.0

package awslocaltest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// same compares types of the SDK.
var same = cmp.Options{
	cmpopts.IgnoreUnexported(types.PublicKeyConfig{}, types.KeyGroupConfig{}),
	cmpopts.EquateEmpty(),
}

// TestPublicKey creates, reads, changes and deletes a public key. Each read gives the ETag
// that the next change needs.
func TestPublicKey(t *testing.T) {
	s := newService(t)
	config := publicKeyConfig(t, "a")
	sent := publicKeyConfig(t, "a")
	sent.EncodedKey = aws.String(strings.TrimSpace(*sent.EncodedKey)) // CloudFront ends it with a newline
	created, err := s.client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: sent})
	if err != nil {
		t.Fatal(err)
	}
	id := created.PublicKey.Id
	if diff := cmp.Diff(config, created.PublicKey.PublicKeyConfig, same); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(aws.ToString(created.Location), "/2020-05-31/public-key/"+*id) || created.PublicKey.CreatedTime == nil {
		t.Errorf("location %s, created %v", aws.ToString(created.Location), created.PublicKey.CreatedTime)
	}

	config.Comment = aws.String("changed <&> é")
	updated, err := s.client.UpdatePublicKey(t.Context(), &cloudfront.UpdatePublicKeyInput{Id: id, IfMatch: created.ETag, PublicKeyConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	if *updated.ETag == *created.ETag {
		t.Error("the ETag is still the same")
	}
	read, err := s.client.GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, read.PublicKey.PublicKeyConfig, same); diff != "" || *read.ETag != *updated.ETag {
		t.Errorf("ETag %s, want %s, and read (-want +got):\n%s", *read.ETag, *updated.ETag, diff)
	}
	readConfig, err := s.client.GetPublicKeyConfig(t.Context(), &cloudfront.GetPublicKeyConfigInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, readConfig.PublicKeyConfig, same); diff != "" || *readConfig.ETag != *updated.ETag {
		t.Errorf("ETag %s, want %s, and config (-want +got):\n%s", *readConfig.ETag, *updated.ETag, diff)
	}
	if _, err := s.client.DeletePublicKey(t.Context(), &cloudfront.DeletePublicKeyInput{Id: id, IfMatch: readConfig.ETag}); err != nil {
		t.Fatal(err)
	}
	if ids := s.listPublicKeys(t, 100); len(ids) != 0 {
		t.Errorf("%v are left", ids)
	}
}

// TestKeyGroup creates, reads, changes and deletes a key group.
func TestKeyGroup(t *testing.T) {
	s := newService(t)
	a, _ := s.createPublicKey(t, "a")
	b, _ := s.createPublicKey(t, "b")
	config := &types.KeyGroupConfig{Name: aws.String("g"), Items: []string{a}, Comment: aws.String("comment")}
	created, err := s.client.CreateKeyGroup(t.Context(), &cloudfront.CreateKeyGroupInput{KeyGroupConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	id := created.KeyGroup.Id
	if diff := cmp.Diff(config, created.KeyGroup.KeyGroupConfig, same); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(aws.ToString(created.Location), "/2020-05-31/key-group/"+*id) || created.KeyGroup.LastModifiedTime == nil {
		t.Errorf("location %s, modified %v", aws.ToString(created.Location), created.KeyGroup.LastModifiedTime)
	}

	config.Items, config.Comment = []string{b, a}, nil
	updated, err := s.client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{Id: id, IfMatch: created.ETag, KeyGroupConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	if *updated.ETag == *created.ETag {
		t.Error("the ETag is still the same")
	}
	config.Comment = aws.String("") // no comment comes back as an empty one
	read, err := s.client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, read.KeyGroup.KeyGroupConfig, same); diff != "" || *read.ETag != *updated.ETag {
		t.Errorf("ETag %s, want %s, and read (-want +got):\n%s", *read.ETag, *updated.ETag, diff)
	}
	readConfig, err := s.client.GetKeyGroupConfig(t.Context(), &cloudfront.GetKeyGroupConfigInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, readConfig.KeyGroupConfig, same); diff != "" || *readConfig.ETag != *updated.ETag {
		t.Errorf("ETag %s, want %s, and config (-want +got):\n%s", *readConfig.ETag, *updated.ETag, diff)
	}
	if _, err := s.client.DeleteKeyGroup(t.Context(), &cloudfront.DeleteKeyGroupInput{Id: id, IfMatch: readConfig.ETag}); err != nil {
		t.Fatal(err)
	}
	if ids := s.listKeyGroups(t, 100); len(ids) != 0 {
		t.Errorf("%v are left", ids)
	}
}

// TestLists pages through each list.
func TestLists(t *testing.T) {
	s := newService(t)
	var publicKeys, keyGroups, distributions []string
	for i := range 5 {
		key, _ := s.createPublicKey(t, fmt.Sprintf("key-%d", i))
		group, _ := s.createKeyGroup(t, fmt.Sprintf("group-%d", i), key)
		publicKeys, keyGroups = append(publicKeys, key), append(keyGroups, group)
		distributions = append(distributions, fmt.Sprintf("EDIST%d", i))
	}
	for i, id := range distributions {
		s.AddDistribution(id, domain, slices.Compact([]string{keyGroups[0], keyGroups[i]})...)
	}
	for _, pageSize := range []int{1, 2, 4, 5, 6, 100} {
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			if diff := cmp.Diff(publicKeys, s.listPublicKeys(t, pageSize)); diff != "" {
				t.Errorf("public keys (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(keyGroups, s.listKeyGroups(t, pageSize)); diff != "" {
				t.Errorf("key groups (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(distributions, s.listDistributions(t, keyGroups[0], pageSize)); diff != "" {
				t.Errorf("distributions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(distributions[3:4], s.listDistributions(t, keyGroups[3], pageSize)); diff != "" {
				t.Errorf("distributions of one group (-want +got):\n%s", diff)
			}
		})
	}
	if want, got := 5+3+2+1+1+1, s.server.Count("ListPublicKeys"); got != want {
		t.Errorf("%d pages of public keys, want %d", got, want)
	}
}

// listPublicKeys returns the IDs of all public keys.
func (s *service) listPublicKeys(t *testing.T, pageSize int) (ids []string) {
	t.Helper()
	pages := cloudfront.NewListPublicKeysPaginator(s.client, &cloudfront.ListPublicKeysInput{MaxItems: aws.Int32(int32(pageSize))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.PublicKeyList.Items {
			ids = append(ids, *item.Id)
		}
		checkEnds(t, ids)
	}
	return ids
}

// listKeyGroups returns the IDs of all key groups. The SDK has no paginator for them.
func (s *service) listKeyGroups(t *testing.T, pageSize int) (ids []string) {
	t.Helper()
	in := &cloudfront.ListKeyGroupsInput{MaxItems: aws.Int32(int32(pageSize))}
	for {
		page, err := s.client.ListKeyGroups(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.KeyGroupList.Items {
			ids = append(ids, *item.KeyGroup.Id)
		}
		checkEnds(t, ids)
		if in.Marker = page.KeyGroupList.NextMarker; in.Marker == nil {
			return ids
		}
	}
}

// listDistributions returns the IDs of all distributions of a key group. The SDK has no
// paginator for them.
func (s *service) listDistributions(t *testing.T, keyGroup string, pageSize int) (ids []string) {
	t.Helper()
	in := &cloudfront.ListDistributionsByKeyGroupInput{KeyGroupId: &keyGroup, MaxItems: aws.Int32(int32(pageSize))}
	for {
		page, err := s.client.ListDistributionsByKeyGroup(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		list := page.DistributionIdList
		ids = append(ids, list.Items...)
		checkEnds(t, ids)
		if *list.IsTruncated != (list.NextMarker != nil) || int(*list.Quantity) != len(list.Items) {
			t.Fatalf("truncated %t, next %s, %d items of %d", *list.IsTruncated, aws.ToString(list.NextMarker), *list.Quantity, len(list.Items))
		}
		if in.Marker = list.NextMarker; in.Marker == nil {
			return ids
		}
	}
}

// checkEnds fails if a list goes on and on.
func checkEnds(t *testing.T, ids []string) {
	t.Helper()
	const most = 100
	if len(ids) > most {
		t.Fatalf("a list with more than %d items: %v", most, ids)
	}
}
