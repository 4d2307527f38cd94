// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/cfsign/cfsign/keys"
)

// A state is what CloudFront has.
type state struct {
	now    time.Time // by CloudFront's clock
	groups []string  // the Rotator's key groups
	// trusted are the IDs of the public keys in each key group of the account.
	trusted map[string][]string
	keys    []publicKey // all of the account, in the order of their creation
}

// A publicKey is a public key at CloudFront.
type publicKey struct {
	id      string
	name    string
	print   fingerprint // zero: CloudFront cannot verify signatures with the key
	text    string      // the comment without the mark
	mark    mark
	created time.Time
}

// A fingerprint identifies the key itself. CloudFront can have one key under several IDs.
type fingerprint string

// unknown is the fingerprint of a key that a plan has not created.
const unknown fingerprint = "unknown"

// fingerprintOf returns the fingerprint of a key that CloudFront accepts. A nil key has none.
func fingerprintOf(key crypto.PublicKey) (fingerprint, error) {
	if key == nil {
		return "", nil
	}
	text, err := keys.MarshalPublic(key)
	if err != nil {
		return "", fmt.Errorf("keygroup: %w", err)
	}
	block, _ := pem.Decode(text)
	sum := sha256.Sum256(block.Bytes)
	return fingerprint(hex.EncodeToString(sum[:])), nil
}

// name returns the name of the public key that a Rotator creates.
func (p fingerprint) name() string {
	const enough = 16 // hexadecimal digits
	return namePrefix + string(p[:enough])
}

// read reads the state.
func (r *Rotator) read(ctx context.Context) (*state, error) {
	s := &state{groups: r.groups, trusted: map[string][]string{}}
	for _, id := range r.groups {
		group, err := r.keyGroup(ctx, id)
		if err != nil {
			return nil, err
		}
		s.trusted[id] = group.KeyGroup.KeyGroupConfig.Items
		s.now = r.timeOf(group)
	}
	if err := r.readOtherGroups(ctx, s); err != nil {
		return nil, err
	}
	return s, r.readKeys(ctx, s)
}

// timeOf returns the time of CloudFront's answer.
func (r *Rotator) timeOf(group *cloudfront.GetKeyGroupOutput) time.Time {
	if r.options.Clock == nil {
		if at, ok := awsmiddleware.GetServerTime(group.ResultMetadata); ok {
			return at
		}
		return time.Now()
	}
	return r.options.Clock()
}

func (r *Rotator) readOtherGroups(ctx context.Context, s *state) error {
	var marker *string
	for {
		page, err := call(ctx, "ListKeyGroups", r.client.ListKeyGroups, &cloudfront.ListKeyGroupsInput{Marker: marker})
		if err != nil {
			return err
		}
		if page.KeyGroupList == nil {
			return incomplete("ListKeyGroups")
		}
		for _, item := range page.KeyGroupList.Items {
			if item.KeyGroup == nil || item.KeyGroup.KeyGroupConfig == nil {
				return incomplete("ListKeyGroups")
			}
			// The answers about the Rotator's own groups are newer.
			if id := aws.ToString(item.KeyGroup.Id); !slices.Contains(s.groups, id) {
				s.trusted[id] = item.KeyGroup.KeyGroupConfig.Items
			}
		}
		if marker = page.KeyGroupList.NextMarker; aws.ToString(marker) == "" {
			return nil
		}
	}
}

func (r *Rotator) readKeys(ctx context.Context, s *state) error {
	var marker *string
	for {
		page, err := call(ctx, "ListPublicKeys", r.client.ListPublicKeys, &cloudfront.ListPublicKeysInput{Marker: marker})
		if err != nil {
			return err
		}
		if page.PublicKeyList == nil {
			return incomplete("ListPublicKeys")
		}
		for _, item := range page.PublicKeyList.Items {
			k := publicKey{id: aws.ToString(item.Id), name: aws.ToString(item.Name), created: aws.ToTime(item.CreatedTime)}
			k.text, k.mark = splitComment(aws.ToString(item.Comment))
			// Keys for field-level encryption can have other sizes.
			if public, err := keys.ParsePublic([]byte(aws.ToString(item.EncodedKey))); err == nil {
				k.print, _ = fingerprintOf(public) // a key that was parsed has one
			}
			s.keys = append(s.keys, k)
		}
		if marker = page.PublicKeyList.NextMarker; aws.ToString(marker) == "" {
			slices.SortStableFunc(s.keys, func(a, b publicKey) int { return a.created.Compare(b.created) })
			return nil
		}
	}
}

// key returns the key with an ID, or nil.
func (s *state) key(id string) *publicKey {
	for i := range s.keys {
		if s.keys[i].id == id {
			return &s.keys[i]
		}
	}
	return nil
}

// like returns the keys with a fingerprint. The zero fingerprint has none.
func (s *state) like(p fingerprint) []*publicKey {
	var found []*publicKey
	for i := range s.keys {
		if p != "" && s.keys[i].print == p {
			found = append(found, &s.keys[i])
		}
	}
	return found
}

// best returns the key with a fingerprint, or nil. Of several IDs of one key, it prefers the
// one that most of the Rotator's groups have.
func (s *state) best(p fingerprint) *publicKey {
	var best *publicKey
	for _, k := range s.like(p) {
		if best == nil || s.mine(k.id) > s.mine(best.id) {
			best = k
		}
	}
	return best
}

// mine returns how many key groups of the Rotator have the key.
func (s *state) mine(id string) int { return len(s.groupsOf(id)) - len(s.others(id)) }

// groupsOf returns the key groups that have the key.
func (s *state) groupsOf(id string) []string {
	var with []string
	for _, group := range slices.Sorted(maps.Keys(s.trusted)) {
		if slices.Contains(s.trusted[group], id) {
			with = append(with, group)
		}
	}
	return with
}

// others returns the key groups that have the key and that the Rotator does not manage.
func (s *state) others(id string) []string {
	return slices.DeleteFunc(s.groupsOf(id), func(group string) bool { return slices.Contains(s.groups, group) })
}

// namePrefix is how the names of the Rotator's public keys begin.
const namePrefix = "cfsign-"

// isMade reports whether a Rotator created the public key at CloudFront.
func (k *publicKey) isMade() bool { return strings.HasPrefix(k.name, namePrefix) }

// without returns the key groups of the Rotator that do not have a key.
func (s *state) without(p fingerprint) []string {
	var without []string
	for _, group := range s.groups {
		if !slices.ContainsFunc(s.like(p), func(k *publicKey) bool { return slices.Contains(s.trusted[group], k.id) }) {
			without = append(without, group)
		}
	}
	return without
}

// isTrusted reports whether all groups of the Rotator have the key.
func (s *state) isTrusted(id string) bool {
	return !slices.ContainsFunc(s.groups, func(group string) bool { return !slices.Contains(s.trusted[group], id) })
}
