// SPDX-License-Identifier: Apache-2.0

package awslocaltest_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

const (
	distribution = "EDFDVBD6EXAMPLE"
	domain       = "d111111abcdef8.cloudfront.net"
)

// A view is what a client sees of a distribution.
type view struct {
	Status string
	Active map[string][]string // key pair IDs by key group
}

func (s *service) view(t *testing.T) view {
	t.Helper()
	answer, err := s.client.GetDistribution(t.Context(), &cloudfront.GetDistributionInput{Id: aws.String(distribution)})
	if err != nil {
		t.Fatal(err)
	}
	d := answer.Distribution
	if *d.DomainName != domain || answer.ETag == nil || *d.ActiveTrustedKeyGroups.Enabled != (len(d.ActiveTrustedKeyGroups.Items) > 0) || !*d.DistributionConfig.Enabled {
		t.Errorf("got %+v", d)
	}
	v := view{Status: *d.Status, Active: map[string][]string{}}
	for _, group := range d.ActiveTrustedKeyGroups.Items {
		v.Active[*group.KeyGroupId] = group.KeyPairIds.Items
	}
	return v
}

// updateKeyGroup replaces the public keys of a key group, and returns its new ETag.
func (s *service) updateKeyGroup(t *testing.T, id, etag string, publicKeys ...string) string {
	t.Helper()
	answer, err := s.client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{
		Id: &id, IfMatch: &etag, KeyGroupConfig: &types.KeyGroupConfig{Name: aws.String("g"), Items: publicKeys},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *answer.ETag
}

// TestDeployment steps a change of a key group to the edge locations.
func TestDeployment(t *testing.T) {
	s := newService(t)
	a, aETag := s.createPublicKey(t, "a")
	b, _ := s.createPublicKey(t, "b")
	group, etag := s.createKeyGroup(t, "g", a)
	s.AddDistribution(distribution, domain, group)
	check := func(step, status string, active ...string) {
		t.Helper()
		want := view{Status: status, Active: map[string][]string{group: active}}
		if diff := cmp.Diff(want, s.view(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
		if diff := cmp.Diff(active, slices.Sorted(maps.Keys(s.Trusted(distribution)))); diff != "" {
			t.Errorf("%s: trusted (-want +got):\n%s", step, diff)
		}
	}
	check("added", "Deployed", a)
	s.SetDelay(awslocal.ByHand)
	etag = s.updateKeyGroup(t, group, etag, a, b)
	check("b is on its way", "InProgress", a)
	s.HideProgress(true)
	check("b is on its way, unseen", "Deployed", a)
	s.HideProgress(false)
	s.Deploy()
	check("b has arrived", "Deployed", a, b)

	s.updateKeyGroup(t, group, etag, b)
	if _, err := s.client.DeletePublicKey(t.Context(), &cloudfront.DeletePublicKeyInput{Id: &a, IfMatch: &aETag}); err != nil {
		t.Fatal(err)
	}
	check("a is deleted, and still trusted", "InProgress", a, b)
	s.Deploy()
	check("a is gone", "Deployed", b)
}

// TestDeploymentTakesTime moves a clock.
func TestDeploymentTakesTime(t *testing.T) {
	s := newService(t)
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	s.SetClock(func() time.Time { return now })
	s.SetDelay(10 * time.Minute)
	a, _ := s.createPublicKey(t, "a")
	b, _ := s.createPublicKey(t, "b")
	group, etag := s.createKeyGroup(t, "g", a)
	s.AddDistribution(distribution, domain, group)
	etag = s.updateKeyGroup(t, group, etag, a, b)
	now = now.Add(6 * time.Minute)
	s.updateKeyGroup(t, group, etag, b)
	for _, tt := range []struct {
		after time.Duration // the first change
		want  view
	}{
		{6 * time.Minute, view{"InProgress", map[string][]string{group: {a}}}},
		{10*time.Minute - 1, view{"InProgress", map[string][]string{group: {a}}}},
		{10 * time.Minute, view{"InProgress", map[string][]string{group: {a, b}}}},
		{16 * time.Minute, view{"Deployed", map[string][]string{group: {b}}}},
	} {
		now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC).Add(tt.after)
		if diff := cmp.Diff(tt.want, s.view(t)); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", tt.after, diff)
		}
	}
}

// TestNoSuchDistribution has no distributions.
func TestNoSuchDistribution(t *testing.T) {
	s := newService(t)
	_, err := s.client.GetDistribution(t.Context(), &cloudfront.GetDistributionInput{Id: aws.String(distribution)})
	checkError[*types.NoSuchDistribution](t, err, http.StatusNotFound)
}

// TestRetries has the SDK retry what a service throttles, and what it loses.
func TestRetries(t *testing.T) {
	throttling := &awslocal.Error{Type: "Throttling", Message: "Rate exceeded"}
	unavailable := &awslocal.Error{Status: http.StatusServiceUnavailable, Type: "ServiceUnavailable"}
	for _, tt := range []struct {
		name  string
		fault func(s *awslocal.Server)
		want  int // requests
	}{
		{"throttled", func(s *awslocal.Server) { s.Fail("ListKeyGroups", 2, throttling) }, 3},
		{"unavailable", func(s *awslocal.Server) { s.Fail("ListKeyGroups", 1, unavailable) }, 2},
		{"dropped", func(s *awslocal.Server) { s.Drop("ListKeyGroups", 1) }, 2},
		{"lost answer", func(s *awslocal.Server) { s.DropLate("ListKeyGroups", 1) }, 2},
		{"late failure", func(s *awslocal.Server) { s.FailLate("ListKeyGroups", 1, unavailable) }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			tt.fault(s.server)
			if _, err := s.client.ListKeyGroups(t.Context(), &cloudfront.ListKeyGroupsInput{}); err != nil {
				t.Fatal(err)
			}
			if got := s.server.Count("ListKeyGroups"); got != tt.want {
				t.Errorf("%d requests, want %d", got, tt.want)
			}
		})
	}
	s := newService(t)
	s.server.Fail("ListKeyGroups", 3, throttling)
	_, err := s.client.ListKeyGroups(t.Context(), &cloudfront.ListKeyGroupsInput{})
	var code smithy.APIError
	if !errors.As(err, &code) || code.ErrorCode() != "Throttling" || code.ErrorMessage() != "Rate exceeded" {
		t.Errorf("throttled at each attempt: got %v", err)
	}
}

// TestRetryAfterLostAnswer is what breaks retries: the first attempt did its work, and the
// second one finds it done.
func TestRetryAfterLostAnswer(t *testing.T) {
	s := newService(t)
	s.server.DropLate("CreatePublicKey", 1)
	_, err := s.client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: publicKeyConfig(t, "a")})
	checkError[*types.PublicKeyAlreadyExists](t, err, http.StatusConflict)
	key := s.listPublicKeys(t, 100)[0]

	group, etag := s.createKeyGroup(t, "g", key)
	s.server.FailLate("UpdateKeyGroup", 1, &awslocal.Error{Status: http.StatusInternalServerError, Type: "InternalError"})
	_, err = s.client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{Id: &group, IfMatch: &etag, KeyGroupConfig: &types.KeyGroupConfig{Name: aws.String("h"), Items: []string{key}}})
	checkError[*types.PreconditionFailed](t, err, http.StatusPreconditionFailed)

	read, err := s.client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: &group})
	if err != nil {
		t.Fatal(err)
	}
	s.server.DropLate("DeleteKeyGroup", 1)
	_, err = s.client.DeleteKeyGroup(t.Context(), &cloudfront.DeleteKeyGroupInput{Id: &group, IfMatch: read.ETag})
	checkError[*types.NoSuchResource](t, err, http.StatusNotFound)
}
