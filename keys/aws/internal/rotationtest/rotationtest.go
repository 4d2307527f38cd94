// SPDX-License-Identifier: Apache-2.0

// Package rotationtest rotates the key of a store for tests, with a local CloudFront, and kills
// the rotation at each of its requests.
package rotationtest

import (
	"context"
	"crypto"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// A Site is a local AWS with a CloudFront whose distribution trusts one key group. It is noon,
// and the keys are a month old.
type Site struct {
	Server *awslocal.Server
	// KeyPairID is the ID of the key that CloudFront trusts at first.
	KeyPairID string

	cloudFront *awslocal.CloudFront
	url        string
	keyGroup   string
	isFirst    bool // the store has no key yet
}

const distributionID = "E2QWRUHAPOMQZL"

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// Start starts a site. first is the public key that CloudFront trusts. Nil: the store has no key
// yet, and CloudFront trusts one that nothing signs with, because a key group must have a key.
func Start(t *testing.T, first crypto.PublicKey) *Site {
	t.Helper()
	s := &Site{Server: &awslocal.Server{}}
	listener := httptest.NewServer(s.Server)
	t.Cleanup(listener.Close)
	s.url = listener.URL
	s.cloudFront = awslocal.NewCloudFront(s.Server)
	s.cloudFront.SetClock(func() time.Time { return noon.AddDate(0, -1, 0) })
	client := cloudfront.NewFromConfig(s.Config(http.DefaultTransport))
	if s.isFirst = first == nil; s.isFirst {
		first = testkeys.RSA().Public()
	}
	s.KeyPairID = createKey(t, client, first)
	group := &types.KeyGroupConfig{Name: aws.String("viewers"), Items: []string{s.KeyPairID}}
	output, err := client.CreateKeyGroup(t.Context(), &cloudfront.CreateKeyGroupInput{KeyGroupConfig: group})
	if err != nil {
		t.Fatal(err)
	}
	s.keyGroup = *output.KeyGroup.Id
	s.cloudFront.AddDistribution(distributionID, "d111111abcdef8.cloudfront.net", s.keyGroup)
	s.cloudFront.SetClock(now)
	return s
}

func now() time.Time { return noon }

func createKey(t *testing.T, client *cloudfront.Client, public crypto.PublicKey) (id string) {
	t.Helper()
	pem, err := keys.MarshalPublic(public)
	if err != nil {
		t.Fatal(err)
	}
	output, err := client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: aws.String("first"), CallerReference: aws.String("first"), EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return *output.PublicKey.Id
}

// Config returns a configuration for clients of the site that send each request once.
func (s *Site) Config(transport http.RoundTripper) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: &http.Client{Transport: transport},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller"}, nil
		}),
	}
}

// Rotator returns a Rotator for the key group of the site. It begins no second rotation.
func (s *Site) Rotator(t *testing.T, config aws.Config) *keygroup.Rotator {
	t.Helper()
	return s.rotator(t, config, time.Hour)
}

func (s *Site) rotator(t *testing.T, config aws.Config, minAge time.Duration) *keygroup.Rotator {
	t.Helper()
	r, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{
		KeepRetired: 24 * time.Hour, MinAge: minAge, Settle: -1, Poll: time.Millisecond, Clock: now,
	}, s.keyGroup)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Trusted returns the public keys that the distribution trusts, by key pair ID.
func (s *Site) Trusted() map[string]crypto.PublicKey { return s.cloudFront.Trusted(distributionID) }

// GoBack rotates the key, calls back, which makes the first key the current one again, and
// rotates twice more. The first of these rotations retires the second key, and begins nothing
// because of MinAge. The second one, without MinAge, ends with a third key.
func (s *Site) GoBack(t *testing.T, store keygroup.Store, back func()) {
	t.Helper()
	ids := []string{s.KeyPairID}
	rotate := func(minAge time.Duration) string {
		t.Helper()
		result, err := s.rotator(t, s.Config(http.DefaultTransport), minAge).Rotate(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		return result.KeyPairID
	}
	ids = append(ids, rotate(time.Hour))
	back()
	if got := rotate(time.Hour); got != s.KeyPairID {
		t.Errorf("after going back to %s, the store signs with %s", s.KeyPairID, got)
	}
	if got := rotate(0); slices.Contains(ids, got) || s.Trusted()[got] == nil {
		t.Errorf("after another rotation, the store signs with %s, want a third key after %v", got, ids)
	}
}

// A Transport calls Before with the number of each request, from 0, and After when the server
// has carried it out. An error of either ends the request. Nil: no calls.
type Transport struct {
	Before, After func(number int) error

	requests []*http.Request
}

// RoundTrip sends a request.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	number := len(t.requests)
	t.requests = append(t.requests, r)
	if t.Before != nil {
		if err := t.Before(number); err != nil {
			return nil, err
		}
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && t.After != nil {
		if err = t.After(number); err != nil {
			response.Body.Close()
			return nil, err
		}
	}
	return response, err
}

var errKilled = errors.New("the process was killed")

// killed returns a transport of a process that is killed at a request: before the request is
// sent, or after the server has carried it out.
func killed(at int, late bool) *Transport {
	kill := func(first int) func(int) error {
		return func(number int) error {
			if number >= first {
				return errKilled
			}
			return nil
		}
	}
	if late {
		return &Transport{Before: kill(at + 1), After: kill(at)}
	}
	return &Transport{Before: kill(at)}
}

// A Case is a site with a store.
type Case struct {
	*Site
	// NewStore returns the store, as a new process does.
	NewStore func(aws.Config) keygroup.Store
	// Check checks what the store has after a rotation. keyPairID is the ID of the new key.
	Check func(t *testing.T, keyPairID string)
}

// Kill kills a rotation before and after each of its requests, and lets another process finish
// it. newCase returns a new site. Requests that only read are left out: a process that is killed
// at one leaves what the last change before it has left.
func Kill(t *testing.T, newCase func(t *testing.T) Case) {
	t.Helper()
	whole := &Transport{}
	if err := newCase(t).rotate(t, whole); err != nil {
		t.Fatal(err)
	}
	for at, request := range whole.requests {
		if isRead(request) {
			continue
		}
		for _, late := range []bool{false, true} {
			c := newCase(t)
			if err := c.rotate(t, killed(at, late)); err == nil {
				t.Error("the rotation survived")
			}
			if err := c.rotate(t, &Transport{}); err != nil {
				t.Error(err)
			}
			if t.Failed() {
				t.Fatalf("killed at request %d, %s (late: %t)", at, nameOf(request), late)
			}
		}
	}
}

func nameOf(r *http.Request) string {
	return strings.TrimSpace(r.Method + " " + r.URL.Path + " " + r.Header.Get("X-Amz-Target"))
}

func isRead(r *http.Request) bool {
	target := r.Header.Get("X-Amz-Target")
	return r.Method == http.MethodGet || strings.Contains(target, ".Get") || strings.Contains(target, ".Describe")
}

// rotate rotates the key, and checks the end unless there is an error.
func (c Case) rotate(t *testing.T, transport *Transport) error {
	t.Helper()
	config := c.Config(transport)
	result, err := c.Rotator(t, config).Rotate(t.Context(), c.NewStore(config))
	if err == nil {
		c.Check(t, result.KeyPairID)
		c.checkCloudFront(t, result.KeyPairID)
	}
	return err
}

// checkCloudFront checks that one rotation took place: there is one more key, which is trusted
// like the first one, and the first one is retired if it was the current key.
func (s *Site) checkCloudFront(t *testing.T, keyPairID string) {
	t.Helper()
	listed, err := cloudfront.NewFromConfig(s.Config(http.DefaultTransport)).ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[string]string{}, map[string]string{}
	for _, key := range listed.PublicKeyList.Items {
		comment, _, _ := strings.Cut(aws.ToString(key.Comment), " 2026-")
		got[*key.Id] = comment
	}
	want[keyPairID], want[s.KeyPairID] = "", ""
	if !s.isFirst {
		want[s.KeyPairID], want[keyPairID] = "[cfsign retired", "[cfsign replaces "+s.KeyPairID+"]"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("public keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(s.Trusted()))); diff != "" {
		t.Errorf("trusted keys (-want +got):\n%s", diff)
	}
}
