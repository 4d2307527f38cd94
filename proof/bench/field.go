// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// A field is all contestants that are here.
type field struct {
	jobs     []job
	peers    []*peer
	versions map[string]string
	missing  map[contestant]*missingError
}

// stop ends the child processes.
func (f *field) stop() {
	for _, p := range f.peers {
		p.stop()
	}
}

// measureEverything gathers the contestants, checks what they make, and measures.
func measureEverything(ctx context.Context, o options, progress io.Writer) (results, error) {
	if fips140.Enforced() {
		return results{}, errors.New("contestants sign SHA-1, which GODEBUG=fips140=only rules out: run it without")
	}
	w, err := newWorkload()
	if err != nil {
		return results{}, err
	}
	f, err := gather(ctx, o, w)
	if err != nil {
		return results{}, err
	}
	defer f.stop()
	if len(f.jobs) == 0 {
		return results{}, fmt.Errorf("-only %s finds nothing that can be measured", o.only)
	}
	for _, j := range f.jobs {
		if err := check(ctx, j, w); err != nil {
			return results{}, err
		}
	}
	samples, err := measureAll(ctx, f.jobs, o, progress)
	if err != nil {
		return results{}, err
	}
	return results{
		machine: thisMachine(), versions: f.versions, missing: f.missing,
		rounds: o.rounds, time: o.time, samples: samples,
	}, nil
}

// gather starts the contestants. Those that are missing do not take part.
func gather(ctx context.Context, o options, w *workload) (*field, error) {
	f := &field{
		versions: map[string]string{"AWS SDK for Go, feature/cloudfront/sign": moduleVersion("github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign")},
		missing:  map[contestant]*missingError{},
	}
	home, err := findHome()
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		f.addGo(w),
		f.addPeer(awsJS, func() (*peer, error) { return startJS(ctx, home, o.install, w) }),
		f.addPeer(botocore, func() (*peer, error) { return startPython(ctx, home, w) }),
		f.addOpenSSL(ctx),
	)
	if err != nil {
		f.stop()
		return nil, err
	}
	f.jobs = inOrder(slices.DeleteFunc(f.jobs, func(j job) bool { return !selects(o.only, j.cells) }))
	return f, nil
}

// addGo adds the contestants in this process.
func (f *field) addGo(w *workload) error {
	for _, a := range algorithms {
		f.jobs = append(f.jobs, awsJobs(a, w)...)
		for _, jobsOf := range []func(algorithm, *workload) ([]job, error){ourJobs, overheadJobs, cacheJobs, playlistJobs, bulkJobs, verificationJobs} {
			jobs, err := jobsOf(a, w)
			if err != nil {
				return err
			}
			f.jobs = append(f.jobs, jobs...)
		}
	}
	return nil
}

func (f *field) addPeer(c contestant, start func() (*peer, error)) error {
	p, err := start()
	if err != nil {
		return f.miss(c, err)
	}
	f.peers = append(f.peers, p)
	for name, version := range p.versions {
		f.versions[name] = version
	}
	for _, a := range algorithms {
		f.jobs = append(f.jobs, p.jobs(a)...)
	}
	return nil
}

func (f *field) addOpenSSL(ctx context.Context) error {
	speed, err := findOpenSSL()
	if err != nil {
		return f.miss(openssl, err)
	}
	version, err := speed.version(ctx)
	if err != nil {
		return err
	}
	f.versions["openssl"] = version
	for _, a := range algorithms {
		f.jobs = append(f.jobs, speed.job(a))
	}
	return nil
}

// miss notes a contestant that is not here.
func (f *field) miss(c contestant, err error) error {
	missing, ok := errors.AsType[*missingError](err)
	if !ok || strict() {
		return err
	}
	f.missing[c] = missing
	return nil
}

// check refuses a job whose output is wrong.
func check(ctx context.Context, j job, w *workload) error {
	if j.output == nil {
		return nil
	}
	made, err := j.output(ctx)
	if err == nil {
		err = checkOutput(j.cells[0], made, w)
	}
	if err != nil {
		return fmt.Errorf("%v: %w", j.cells[0], err)
	}
	return nil
}

// findHome returns the folder of this module, where the peers' programs are.
func findHome() (string, error) {
	for _, folder := range []string{"proof/bench", "."} {
		if _, err := os.Stat(filepath.Join(folder, "peers", "js", "package.json")); err == nil {
			return folder, nil
		}
	}
	return "", errors.New("the folder proof/bench/peers is not here: run it from the root of the repository")
}
