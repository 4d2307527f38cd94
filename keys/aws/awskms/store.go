// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
)

// A StoreAPI is the part of [*kms.Client] that a [Store] needs. The names of its methods are
// the permissions.
type StoreAPI interface {
	CreateAlias(ctx context.Context, input *kms.CreateAliasInput, o ...func(*kms.Options)) (*kms.CreateAliasOutput, error)
	CreateKey(ctx context.Context, input *kms.CreateKeyInput, o ...func(*kms.Options)) (*kms.CreateKeyOutput, error)
	GetPublicKey(ctx context.Context, input *kms.GetPublicKeyInput, o ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	UpdateAlias(ctx context.Context, input *kms.UpdateAliasInput, o ...func(*kms.Options)) (*kms.UpdateAliasOutput, error)
}

// StoreOptions configure a [Store]. With the zero value, new keys have no tags and the default key
// policy, so your application can use them only if its IAM policy allows all keys of the
// account. You should set Tags or Policy.
type StoreOptions struct {
	// Tags are the tags of new keys. An IAM policy can allow your application to use the keys
	// with a tag, and you find old keys by it. To set tags takes the permission
	// kms:TagResource. Nil: no tags.
	Tags map[string]string
	// Policy is the key policy of new keys, as JSON. Empty: the default key policy of KMS,
	// which lets IAM policies decide.
	Policy string
	// Timeout limits each request, with all its retries. Zero: 10 seconds.
	Timeout time.Duration
}

// A Store rotates the key that an alias leads to. It is a keygroup.Store. Create it with
// [NewStore]. It is safe for concurrent use if its API is; [*kms.Client] is. But do not run two
// rotations of one alias at once.
//
// The current key is the one behind the alias, such as alias/cloudfront. The next key is the one
// behind the same name with "-next" at the end. After a rotation, both lead to one key.
//
// A [Key] goes on with the key that the alias led to when [New] was called. So your processes
// must call New again after a rotation, before the old key is removed from the key group. Find
// of keygroup.Rotator returns the key pair ID of the public key, for sign.New when a process
// starts, and for Signer.Rotate while it runs. The README has the code.
//
// A Store disables and deletes no key.
//
// All methods return the errors in the package comment. They return another error for a
// multi-Region key: aliases in other Regions would not follow, so you must rotate it by hand.
type Store struct {
	held **keeper // two pointers, because the client has credentials: see Key
}

// A keeper is the content of a Store.
type keeper struct {
	client      StoreAPI
	alias, next string
	options     StoreOptions

	mu   sync.Mutex
	made string // the ARN of a new key that got no alias; empty: there is none
}

// NewStore returns a store for the key of an alias, such as alias/cloudfront. It makes no
// request. If the alias does not exist, the first rotation creates it.
//
// It returns an error for a nil client, for a negative timeout, and for a name that is not the
// name of an alias with its prefix "alias/".
func NewStore(client StoreAPI, alias string, o StoreOptions) (*Store, error) {
	const next = "-next"
	const longest = 256
	if v := reflect.ValueOf(client); client == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("awskms: the client is nil: make one with kms.NewFromConfig")
	}
	if name, ok := strings.CutPrefix(alias, "alias/"); !ok || name == "" || checkKeyID(alias) != nil || len(alias+next) > longest {
		return nil, fmt.Errorf("awskms: %w (this is not the name of an alias): write a name of at most %d characters with its prefix, such as alias/cloudfront", keys.ErrKeyNotFound, longest-len(next))
	}
	timeout, err := Options{Timeout: o.Timeout}.timeout()
	if err != nil {
		return nil, err
	}
	o.Timeout, o.Tags = timeout, maps.Clone(o.Tags)
	k := &keeper{client: client, alias: alias, next: alias + next, options: o}
	return &Store{&k}, nil
}

// String returns the name of the alias.
func (s *Store) String() string {
	if s == nil || s.held == nil {
		return "awskms.Store(nothing)"
	}
	return "awskms.Store(" + (*s.held).alias + ")"
}

// Format writes String for every verb, because the client may have a type that prints its
// credentials.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// Current returns the public key of the key behind the alias, or nil if there is no such alias.
func (s *Store) Current(ctx context.Context) (crypto.PublicKey, error) {
	_, p, err := s.look(ctx)
	return p.current.Public(), err
}

// Next returns the public key of the key behind the alias with "-next", or nil if there is no
// such alias, or if it leads to the current key.
func (s *Store) Next(ctx context.Context) (crypto.PublicKey, error) {
	_, p, err := s.look(ctx)
	return p.nextKey().Public(), err
}

// Create creates a key in KMS, with the spec of the current key, or ECC_NIST_P256 if there is
// no current key. It makes the alias with "-next" lead to the key, and returns the public key.
//
// Call Create only if Next returns nil, or if you give up the next key: Create takes the alias
// away from it. If somebody goes back to the former key, the key that they go back from looks
// like a next key, because aliases have no history.
//
// KMS has no single request for a key with an alias. If the alias fails, the error names the
// key, and Create uses the key when you call it again. If the process is killed between the two
// requests, the key stays without an alias: the README of this package shows how to find it.
func (s *Store) Create(ctx context.Context) (crypto.PublicKey, error) {
	k, p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	if p.next == nil && p.current != nil { // a missing permission shows before the key costs money
		if err := k.createAlias(ctx, k.next, p.current.ARN()); err != nil {
			return nil, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.made == "" {
		if k.made, err = k.createKey(ctx, p.current); err != nil {
			return nil, err
		}
	}
	if p.current == nil && p.next == nil {
		err = k.createAlias(ctx, k.next, k.made)
	} else {
		err = k.updateAlias(ctx, k.next, k.made)
	}
	arn := k.made
	switch {
	case is[*types.NotFoundException](err), is[*types.KMSInvalidStateException](err):
		k.made = "" // somebody has deleted it
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w (the new key %s has no alias: call Create of this Store again, or make %s lead to the key)", err, arn, k.next)
	}
	k.made = ""
	key, err := k.waitFor(ctx, k.next, arn)
	return key.Public(), err
}

// Switch makes the alias lead to the next key, and waits until KMS says so, which can take some
// seconds. KMS has no place for the key pair ID, so Switch only checks its form.
//
// next is the public key of the next key. If another key is behind the alias with "-next", Switch
// changes nothing, and returns an error that wraps [keys.ErrMismatch]: another process has made
// that key, and CloudFront does not trust it under this ID. Run the rotation again.
//
// If next is the current key already, Switch does nothing. If there is no next key, it returns an
// error that wraps [keys.ErrNoKey].
func (s *Store) Switch(ctx context.Context, next crypto.PublicKey, keyPairID string) error {
	if err := keys.CheckID(keyPairID); err != nil {
		return fmt.Errorf("awskms: %w", err)
	}
	k, p, err := s.look(ctx)
	switch {
	case err != nil:
		return err
	case isEqual(p.current.Public(), next):
		return nil
	case p.nextKey() == nil:
		return fmt.Errorf("awskms: %w behind %s that is not the current one: call Create first", keys.ErrNoKey, k.next)
	case !isEqual(p.next.Public(), next):
		return fmt.Errorf("awskms: %w: %s leads to another key than the one to switch to, perhaps from another process: run the rotation again", keys.ErrMismatch, k.next)
	case p.current == nil:
		err = k.createAlias(ctx, k.alias, p.next.ARN())
	default:
		err = k.updateAlias(ctx, k.alias, p.next.ARN())
	}
	if err != nil {
		return err
	}
	_, err = k.waitFor(ctx, k.alias, p.next.ARN())
	return err
}

// keyPair is what the two aliases lead to. Nil: there is no such alias.
type keyPair struct{ current, next *Key }

// nextKey returns the next key, or nil.
func (p keyPair) nextKey() *Key {
	if p.current.ARN() == p.next.ARN() {
		return nil
	}
	return p.next
}

func (s *Store) look(ctx context.Context) (*keeper, keyPair, error) {
	if s == nil || s.held == nil {
		return nil, keyPair{}, errors.New("awskms: make the store with NewStore")
	}
	k := *s.held
	current, err := k.find(ctx, k.alias)
	if err != nil {
		return k, keyPair{}, err
	}
	next, err := k.find(ctx, k.next)
	if err != nil {
		return k, keyPair{}, err
	}
	return k, keyPair{current, next}, nil
}
