// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// A peer is a contestant in another language: a child process that reads jobs and
// prints results, each one JSON value on a line. It lives through all rounds.
type peer struct {
	contestant contestant
	rows       []row
	versions   map[string]string

	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

// A peerJob is one line to a peer.
type peerJob struct {
	SetUp     *peerSetUp `json:"setUp,omitempty"`
	Algorithm algorithm  `json:"algorithm,omitempty"`
	Row       row        `json:"row,omitempty"`
	// Nanoseconds is for how long to measure. Zero: work once, for the output.
	Nanoseconds int64 `json:"nanoseconds,omitempty"`
}

// A peerSetUp is the workload for a peer.
type peerSetUp struct {
	KeyPairID string               `json:"keyPairId"`
	Keys      map[algorithm]string `json:"keys"` // PEM
	URL       string               `json:"url"`
	URLs      []string             `json:"urls"`
	Policy    string               `json:"policy"`
	Expires   int64                `json:"expires"`
}

// A peerResult is one line from a peer.
type peerResult struct {
	output
	Count       int64             `json:"count"`
	Nanoseconds int64             `json:"nanoseconds"`
	Versions    map[string]string `json:"versions"`
	Missing     string            `json:"missing"`
	Error       string            `json:"error"`
}

// startPeer starts the program and sets it up. What it lacks is a missingError.
func startPeer(ctx context.Context, p *peer, w *workload, install, name string, args ...string) error {
	p.command = exec.CommandContext(ctx, name, args...)
	p.command.Stderr = os.Stderr
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	p.stdout = bufio.NewReader(stdout)
	if err := p.command.Start(); err != nil {
		return err
	}
	setUp := peerSetUp{
		KeyPairID: keyPairID, Keys: map[algorithm]string{}, URL: w.url, URLs: w.urls,
		Policy: string(w.custom.JSON()), Expires: w.expires.Unix(),
	}
	for _, a := range algorithms {
		setUp.Keys[a] = string(privatePEM(a))
	}
	result, err := p.do(peerJob{SetUp: &setUp})
	if result.Missing != "" {
		err = &missingError{what: result.Missing, install: install}
	}
	if err != nil {
		p.stop()
		return err
	}
	p.versions = result.Versions
	return nil
}

// do hands over one job and waits for its result.
func (p *peer) do(j peerJob) (peerResult, error) {
	line, err := json.Marshal(j)
	if err != nil {
		return peerResult{}, err
	}
	// A peer that lacks something has ended already, but left its answer.
	_, writeErr := p.stdin.Write(append(line, '\n'))
	line, err = p.stdout.ReadBytes('\n')
	if err != nil {
		return peerResult{}, fmt.Errorf("%s ended: %w", p.contestant.title(), errors.Join(writeErr, err))
	}
	return parsePeerResult(line)
}

// parsePeerResult reads one line of a peer.
func parsePeerResult(line []byte) (peerResult, error) {
	var result peerResult
	if err := json.Unmarshal(line, &result); err != nil {
		return peerResult{}, fmt.Errorf("not the JSON of a result: %w", err)
	}
	if result.Error != "" && result.Missing == "" {
		return peerResult{}, errors.New(result.Error)
	}
	return result, nil
}

// stop ends the process.
func (p *peer) stop() {
	_ = p.stdin.Close() // at the end of its input it ends
	_ = p.command.Wait()
}

// jobs are the peer's, for one algorithm.
func (p *peer) jobs(a algorithm) []job {
	var jobs []job
	for _, r := range p.rows {
		jobs = append(jobs, job{
			cells: []cell{{a, r, p.contestant}},
			output: func(context.Context) (output, error) {
				result, err := p.do(peerJob{Algorithm: a, Row: r})
				return result.output, err
			},
			measure: func(_ context.Context, limit time.Duration) ([]sample, error) {
				result, err := p.do(peerJob{Algorithm: a, Row: r, Nanoseconds: int64(limit)})
				if err == nil && result.Count <= 0 {
					err = errors.New("nothing was measured")
				}
				if err != nil {
					return nil, err
				}
				return []sample{{nanoseconds: float64(result.Nanoseconds) / float64(result.Count)}}, nil
			},
		})
	}
	return jobs
}
