// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"sync"

	"github.com/cfsign/cfsign/sign"
)

// bulkJobs sign many URLs, each with a policy of its own, with one worker and with two;
// and, to know what the machine has to give, so many bare operations.
func bulkJobs(a algorithm, w *workload) ([]job, error) {
	key, digest := privateKey(a), digest256(w)
	s, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	rawURLs := w.urls
	if a == rsa2048 {
		rawURLs = rawURLs[:128] // more take too long, with fewer one worker waits for the other
	}
	workers := []struct {
		count     int
		urls, key row
	}{{1, rowBulk1, rowBulkKey1}, {2, rowBulk2, rowBulkKey2}}
	var jobs []job
	for _, n := range workers {
		jobs = append(jobs,
			job{cells: []cell{{a, n.urls, ours}}, measure: inProcess(len(rawURLs), func() error {
				signed, err := s.URLs(context.Background(), rawURLs, w.expires, sign.BulkOptions{Workers: n.count})
				if err == nil && len(signed) != len(rawURLs) {
					err = errors.New("not all URLs were signed")
				}
				return err
			}), output: func(ctx context.Context) (output, error) {
				signed, err := s.URLs(ctx, rawURLs[:1], w.expires, sign.BulkOptions{Workers: n.count})
				if err != nil {
					return output{}, err
				}
				return output{URL: signed[0]}, nil
			}},
			job{cells: []cell{{a, n.key, ours}}, measure: inProcess(len(rawURLs), func() error {
				return signParallel(key, digest, len(rawURLs), n.count)
			})},
		)
	}
	return jobs, nil
}

// signParallel does so many bare operations with so many workers.
func signParallel(key crypto.Signer, digest []byte, operations, workers int) error {
	errs := make([]error, workers)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < operations && errs[worker] == nil; i += workers {
				_, errs[worker] = key.Sign(nil, digest, crypto.SHA256)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
