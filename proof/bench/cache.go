// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"maps"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// cacheJobs make the cookies of a user whose policy was signed before.
func cacheJobs(a algorithm, w *workload) ([]job, error) {
	s, err := sign.New(keyPairID, privateKey(a), sign.Options{})
	if err != nil {
		return nil, err
	}
	cache, err := sign.NewCache(s, time.Hour, sign.CacheOptions{})
	if err != nil {
		return nil, err
	}
	return []job{{
		cells: []cell{{a, rowCache, ours}},
		measure: inProcess(1, func() error {
			signed, err := cache.Sign(context.Background(), w.folder, policy.Conditions{})
			if err != nil {
				return err
			}
			_, err = signed.CookieSet().Cookies(sign.CookieAttributes{})
			return err
		}),
		output: func(ctx context.Context) (output, error) {
			signed, err := cache.Sign(ctx, w.folder, policy.Conditions{})
			return output{Cookies: maps.Collect(signed.CookieSet().All())}, err
		},
	}}, nil
}
