// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"io"
	"reflect"
	"unsafe"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A freeKey has its one signature ready, so that what is measured is the library: its
// microsecond cannot be seen next to the millisecond of an RSA operation.
type freeKey struct {
	public    crypto.PublicKey
	signature []byte
}

func (f freeKey) Public() crypto.PublicKey { return f.public }

func (f freeKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return f.signature, nil }

// newFreeKey returns a key that can sign the canned policy of the workload's URL.
func newFreeKey(a algorithm, hash crypto.Hash, w *workload) (freeKey, error) {
	p, err := policy.Canned(w.url, w.expires)
	if err != nil {
		return freeKey{}, err
	}
	key := privateKey(a)
	signature, err := key.Sign(nil, scheme.Digest(hash, p.JSON()), hash)
	return freeKey{key.Public(), signature}, err
}

// overheadJobs measure what the two Go libraries cost on top of the key.
func overheadJobs(a algorithm, w *workload) ([]job, error) {
	key, err := newFreeKey(a, crypto.SHA256, w)
	if err != nil {
		return nil, err
	}
	s, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	if err := trust(s); err != nil {
		return nil, err
	}
	key1, err := newFreeKey(a, crypto.SHA1, w)
	if err != nil {
		return nil, err
	}
	sdk := awssign.NewURLSigner(keyPairID, key1)
	add := func(c contestant, operate func() (string, error)) job {
		return job{
			cells: []cell{{a, rowOverhead, c}},
			output: func(context.Context) (output, error) {
				signedURL, err := operate()
				return output{URL: signedURL}, err
			},
			measure: inProcess(1, func() error {
				_, err := operate()
				return err
			}),
		}
	}
	ctx := context.Background()
	return []job{
		add(ours, func() (string, error) { return s.URL(ctx, w.url, w.expires) }),
		add(awsGo, func() (string, error) { return sdk.Sign(w.url, w.expires) }),
	}, nil
}

// trust makes s take its key for one of the standard library, whose signatures it does
// not verify. There is no option for that, so a field of it is changed: a measurement is
// no reason for an option that makes signing less safe.
func trust(s *sign.Signer) error {
	changed := errors.New("sign.Signer is built differently now: see trust")
	pointer := reflect.ValueOf(s).Elem().FieldByName("ring")
	if pointer.Kind() != reflect.Struct || pointer.FieldByName("v").Kind() != reflect.UnsafePointer {
		return changed
	}
	load, ok := pointer.Addr().Type().MethodByName("Load")
	if !ok {
		return changed
	}
	ring := reflect.NewAt(load.Type.Out(0).Elem(), pointer.FieldByName("v").UnsafePointer()).Elem()
	key := ring.FieldByName("active")
	if key.Kind() != reflect.Pointer {
		return changed
	}
	local := key.Elem().FieldByName("local")
	if local.Kind() != reflect.Bool {
		return changed
	}
	*(*bool)(unsafe.Pointer(local.UnsafeAddr())) = true
	return nil
}
