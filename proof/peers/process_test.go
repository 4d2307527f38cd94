// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// A process is a peer in another language, which reads requests and prints answers,
// each one JSON value on a line. It lives until the end of a test.
type process struct {
	name     string
	versions map[string]string
	stdin    io.WriteCloser
	stdout   *bufio.Reader
}

// start starts a peer and gives it the keys. What it lacks is missing, and installed
// by install.
func start(t *testing.T, install string, rsaPEM []byte, command *exec.Cmd) *process {
	t.Helper()
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // at the end of its input it ends
		_ = command.Wait()
	})
	p := &process{name: command.Path, stdin: stdin, stdout: bufio.NewReader(stdout)}
	answers := p.ask(t, []request{{Op: "set up", KeyPairID: keyPairID, Keys: map[string]string{
		"rsa": string(rsaPEM), "p256": string(testkeys.P256PEM()), "p384": string(p384PEM(t)), "pkcs8": string(testkeys.RSAPEM()),
	}}})
	if what := answers[0].Missing; what != "" {
		needs.Missing(t, what, install)
	}
	p.versions = answers[0].Versions
	return p
}

// ask hands over requests while it reads the answers, of which there are as many, in
// the same order.
func (p *process) ask(t *testing.T, requests []request) []answer {
	t.Helper()
	written := make(chan error, 1)
	go func() {
		buffered := bufio.NewWriter(p.stdin)
		encoder := json.NewEncoder(buffered)
		encoder.SetEscapeHTML(false)
		for _, r := range requests {
			if err := encoder.Encode(r); err != nil {
				written <- err
				return
			}
		}
		written <- buffered.Flush()
	}()
	answers := make([]answer, len(requests))
	for i := range answers {
		line, err := p.stdout.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%s ended after %d of %d answers: %v", p.name, i, len(requests), err)
		}
		if err := json.Unmarshal(line, &answers[i]); err != nil {
			t.Fatalf("%s: not the JSON of an answer: %v", p.name, err)
		}
	}
	// A peer that lacks something has ended already, but left its answer.
	if err := <-written; err != nil && answers[0].Missing == "" {
		t.Fatalf("%s: %v", p.name, err)
	}
	return answers
}
