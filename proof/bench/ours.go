// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"fmt"
	"maps"

	"github.com/cfsign/cfsign/sign"
)

// ourJobs are those of cfsign with a key of one algorithm.
func ourJobs(a algorithm, w *workload) ([]job, error) {
	key := privateKey(a)
	s, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	once := func(r row) func(context.Context) (output, error) {
		return func(context.Context) (output, error) { return oursOnce(r, s, w) }
	}
	cells := func(r row) []cell { return []cell{{a, r, ours}} }
	digest := digest256(w)
	bare := func() error {
		_, err := key.Sign(nil, digest, crypto.SHA256)
		return err
	}
	canned := func() error {
		_, err := s.URL(ctx, w.url, w.expires)
		return err
	}
	custom := func() error {
		signed, err := s.Sign(ctx, w.custom)
		if err != nil {
			return err
		}
		_, err = signed.URL(w.url)
		return err
	}
	cookies := func() error {
		signed, err := s.Sign(ctx, w.custom)
		if err != nil {
			return err
		}
		_, err = signed.CookieSet().Cookies(sign.CookieAttributes{})
		return err
	}
	thousand := func() error {
		signed, err := s.Sign(ctx, w.custom)
		if err != nil {
			return err
		}
		for _, rawURL := range w.urls {
			if _, err := signed.URL(rawURL); err != nil {
				return err
			}
		}
		return nil
	}
	signed, err := s.Sign(ctx, w.custom)
	if err != nil {
		return nil, err
	}
	next := func() error {
		_, err := signed.URL(w.url)
		return err
	}
	return []job{
		{cells: cells(rowKey), measure: inProcess(1, bare), output: func(context.Context) (output, error) {
			signature, err := key.Sign(nil, digest, crypto.SHA256)
			return output{Signature: signature, Hash: "SHA256"}, err
		}},
		{cells: cells(rowCanned), measure: inProcess(1, canned), output: once(rowCanned)},
		{cells: cells(rowCustom), measure: inProcess(1, custom), output: once(rowCustom)},
		{cells: cells(rowCookies), measure: inProcess(1, cookies), output: once(rowCookies)},
		{cells: cells(rowThousand), measure: inProcess(len(w.urls), thousand), output: once(rowThousand)},
		{cells: cells(rowNext), measure: inProcess(1, next), output: once(rowNext)},
	}, nil
}

// oursOnce makes the output of a row.
func oursOnce(r row, s *sign.Signer, w *workload) (output, error) {
	ctx := context.Background()
	switch r {
	case rowCanned, rowOverhead, rowBulk1, rowBulk2:
		signedURL, err := s.URL(ctx, w.url, w.expires)
		return output{URL: signedURL}, err
	}
	signed, err := s.Sign(ctx, w.custom)
	if err != nil {
		return output{}, err
	}
	switch r {
	case rowCustom, rowThousand, rowNext:
		signedURL, err := signed.URL(w.url)
		return output{URL: signedURL}, err
	case rowCookies:
		return output{Cookies: maps.Collect(signed.CookieSet().All())}, nil
	}
	return output{}, fmt.Errorf("row %s has no output to compare", r)
}
