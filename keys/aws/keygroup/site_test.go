// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// A site is CloudFront with one distribution, whose key group trusts the current key of a
// store.
type site struct {
	server     *awslocal.Server
	cloudFront *awslocal.CloudFront
	url        string
	client     *cloudfront.Client
	clock      *clock
	store      *memory
	keyGroup   string
	options    keygroup.Options
	ids        []string // of all public keys that there ever were, in their order
}

const distributionID = "E2QWRUHAPOMQZL"

// newSite returns a site at noon. Its key K1 was created a month earlier, by hand.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{server: &awslocal.Server{}, clock: &clock{now: noon.AddDate(0, -1, 0)}, store: &memory{}}
	s.cloudFront = awslocal.NewCloudFront(s.server)
	s.cloudFront.SetClock(s.clock.Now)
	listener := httptest.NewServer(s.server)
	t.Cleanup(listener.Close)
	s.url = listener.URL
	s.client = newClient(s.url, http.DefaultTransport)
	id := s.createKey(t, "by-hand", "The first key", s.store.generate())
	s.store.current, s.store.next, s.store.id = s.store.next, nil, id
	s.keyGroup = s.createGroup(t, "viewers", id)
	s.cloudFront.AddDistribution(distributionID, "d111111abcdef8.cloudfront.net", s.keyGroup)
	s.clock.Set(noon)
	s.options = keygroup.Options{KeepRetired: 24 * time.Hour, MinAge: time.Hour, Settle: -1, Poll: time.Millisecond, Clock: s.clock.Now}
	return s
}

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func newClient(url string, transport http.RoundTripper) *cloudfront.Client {
	return cloudfront.New(cloudfront.Options{
		BaseEndpoint: &url, Region: "us-east-1", HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretAccessKeyOfTheExample"}, nil
		}),
		Retryer: aws.NopRetryer{},
	})
}

// rotator returns a Rotator for the key group of the site.
func (s *site) rotator(t *testing.T, client keygroup.API, o keygroup.Options, more ...string) *keygroup.Rotator {
	t.Helper()
	r, err := keygroup.New(client, o, append([]string{s.keyGroup}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *site) createKey(t *testing.T, name, comment string, public crypto.PublicKey) (id string) {
	t.Helper()
	pem, err := keys.MarshalPublic(public)
	if err != nil {
		t.Fatal(err)
	}
	output, err := s.client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: &name, CallerReference: &name, Comment: &comment, EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return *output.PublicKey.Id
}

func (s *site) createGroup(t *testing.T, name string, items ...string) (id string) {
	t.Helper()
	output, err := s.client.CreateKeyGroup(t.Context(), &cloudfront.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: items}})
	if err != nil {
		t.Fatal(err)
	}
	return *output.KeyGroup.Id
}

// setItems replaces the keys of a group, as somebody else does.
func (s *site) setItems(t *testing.T, group string, items ...string) {
	t.Helper()
	now, err := s.client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: &group})
	if err != nil {
		t.Fatal(err)
	}
	config := now.KeyGroup.KeyGroupConfig
	config.Items = items
	if _, err := s.client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{Id: &group, IfMatch: now.ETag, KeyGroupConfig: config}); err != nil {
		t.Fatal(err)
	}
}

// deleteKey deletes a public key, as somebody else does.
func (s *site) deleteKey(t *testing.T, id string) {
	t.Helper()
	now, err := s.client.GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.DeletePublicKey(t.Context(), &cloudfront.DeletePublicKeyInput{Id: &id, IfMatch: now.ETag}); err != nil {
		t.Fatal(err)
	}
}

// setComment replaces the comment of a key, as somebody else does.
func (s *site) setComment(t *testing.T, id, comment string) {
	t.Helper()
	now, err := s.client.GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	config := now.PublicKey.PublicKeyConfig
	config.Comment = &comment
	if _, err := s.client.UpdatePublicKey(t.Context(), &cloudfront.UpdatePublicKeyInput{Id: &id, IfMatch: now.ETag, PublicKeyConfig: config}); err != nil {
		t.Fatal(err)
	}
}

// groupID is the form of the IDs of key groups.
var groupID = regexp.MustCompile(`a1b2c3d4-[0-9a-f-]{27}`)

// An account is what CloudFront has: the comments of its public keys, and its key groups.
// The first key that there ever was is K1.
type account struct {
	Keys   map[string]string
	Groups map[string][]string
}

func (s *site) account(t *testing.T) account {
	t.Helper()
	listed, err := s.client.ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range listed.PublicKeyList.Items {
		if !slices.Contains(s.ids, *k.Id) {
			s.ids = append(s.ids, *k.Id)
		}
	}
	slices.Sort(s.ids)
	a := account{map[string]string{}, map[string][]string{}}
	for _, k := range listed.PublicKeyList.Items {
		a.Keys[s.short(*k.Id)] = s.short(aws.ToString(k.Comment))
	}
	groups, err := s.client.ListKeyGroups(t.Context(), &cloudfront.ListKeyGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups.KeyGroupList.Items {
		name := *g.KeyGroup.KeyGroupConfig.Name
		a.Groups[name] = []string{}
		for _, id := range g.KeyGroup.KeyGroupConfig.Items {
			a.Groups[name] = append(a.Groups[name], s.short(id))
		}
	}
	return a
}

// short replaces IDs by K1, K2 and so on.
func (s *site) short(text string) string {
	for i, id := range s.ids {
		text = strings.ReplaceAll(text, id, "K"+strconv.Itoa(i+1))
	}
	return text
}

// sentences returns steps as a person reads them.
func (s *site) sentences(t *testing.T, steps []keygroup.Step) []string {
	t.Helper()
	s.account(t) // to know the IDs
	texts := []string{}
	for _, step := range steps {
		texts = append(texts, s.short(step.String()))
	}
	return texts
}

// rotate rotates once.
func (s *site) rotate(t *testing.T) []string {
	t.Helper()
	result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store)
	if err != nil {
		t.Fatal(err)
	}
	if result.KeyPairID != s.store.id {
		t.Errorf("the result has %s, and the store %s", result.KeyPairID, s.store.id)
	}
	return s.sentences(t, result.Steps)
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

func (c *clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }

// A memory is a store in memory.
type memory struct {
	current, next crypto.Signer
	first         crypto.Signer
	id            string // of the current key
	created       int
	onSwitch      func(ctx context.Context, id string, key crypto.Signer) error
}

// generate makes the next key and returns its public key.
func (m *memory) generate() crypto.PublicKey {
	m.next = newKey()
	return m.next.Public()
}

func newKey() crypto.Signer {
	key, err := keys.GenerateECDSA()
	if err != nil {
		panic(err)
	}
	return key
}

// equal reports whether two public keys are the same.
func equal(a, b crypto.PublicKey) bool {
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

func publicOf(key crypto.Signer) (crypto.PublicKey, error) {
	if key == nil {
		return nil, nil
	}
	return key.Public(), nil
}

func (m *memory) Current(context.Context) (crypto.PublicKey, error) { return publicOf(m.current) }
func (m *memory) Next(context.Context) (crypto.PublicKey, error)    { return publicOf(m.next) }

func (m *memory) Create(context.Context) (crypto.PublicKey, error) {
	m.created++
	return m.generate(), nil
}

func (m *memory) Switch(ctx context.Context, next crypto.PublicKey, id string) error {
	if m.next == nil || !equal(m.next.Public(), next) {
		return errors.New("there is no next key")
	}
	if m.onSwitch != nil {
		if err := m.onSwitch(ctx, id, m.next); err != nil {
			return err
		}
	}
	m.current, m.next, m.id = m.next, nil, id
	return nil
}
