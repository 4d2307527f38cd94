// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// A keyPlace is where the key pair is in a test.
type keyPlace struct {
	name  string
	flags []string
	// check checks that a program that starts now signs with a key that CloudFront trusts.
	check func(t *testing.T, a *account, folder string)
}

var inFile = keyPlace{
	name:  "file",
	flags: []string{"--private-key", "file://" + privateKeyFile, "--key-pair-id-file", "id"},
	check: func(t *testing.T, a *account, folder string) {
		if err := a.trusts(string(readFile(t, folder, "id")), readFile(t, folder, privateKeyFile)); err != nil {
			t.Fatal(err)
		}
	},
}

var inSecret = keyPlace{
	name:  "secret",
	flags: []string{"--secret", "prod/cdn"},
	check: func(t *testing.T, a *account, _ string) {
		if err := a.trustsSecret("prod/cdn"); err != nil {
			t.Fatal(err)
		}
	},
}

var inKMS = keyPlace{
	name:  "KMS",
	flags: []string{"--kms-key", "alias/cdn"},
	check: func(t *testing.T, a *account, _ string) {
		for id := range a.cloudFront.Trusted(rotatedDistribution) {
			if a.trustsKMS(id, "alias/cdn") == nil {
				return
			}
		}
		t.Fatal("CloudFront does not trust the key behind the alias")
	},
}

// TestRotateKilled: a process that removes, creates, switches and retires is killed before and
// after each request that changes something. Each time, the key that programs find is one that
// CloudFront trusts. The next process goes on, and the end is always the same.
func TestRotateKilled(t *testing.T) {
	for _, p := range []keyPlace{inFile, inSecret, inKMS} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			want, points := rotateKilled(t, p, 0)
			if points < 8 {
				t.Fatalf("a rotation has %d points", points)
			}
			for n := 1; n <= points; n++ {
				got, _ := rotateKilled(t, p, n)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("killed at point %d of %d:\n%s", n, points, diff)
				}
			}
			t.Logf("killed at %d points", points)
		})
	}
}

// A rotated is what there is after two rotations.
type rotated struct {
	Files   []string
	Keys    int // at CloudFront
	Trusted int // by the distribution
}

// rotateKilled rotates twice, the second time with a process that is killed at point n. It
// returns the end and the number of points.
func rotateKilled(t *testing.T, p keyPlace, n int) (rotated, int) {
	t.Helper()
	a, folder := newAccountFor(t), keyFolder(t)
	a.advance(2 * time.Hour)
	a.rotate(t, p, folder)
	a.advance(26 * time.Hour)

	cmd := a.command(t.Context(), p, folder)
	started := make(chan struct{})
	points := a.killAt(n, cmd, started)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	err := cmd.Wait()
	if killed := cmd.ProcessState.ExitCode() == -1; killed != (n > 0) {
		t.Fatalf("killed at point %d: %v, %v\n%s", n, killed, err, &output)
	}
	a.server.Before(nil)
	a.server.After(nil)
	p.check(t, a, folder)
	if n > 0 {
		a.rotate(t, p, folder)
		p.check(t, a, folder)
	}
	return a.rotated(t, folder), points()
}

// killAt kills the process of a command at point n: 2k-1 is before change k is carried out, and
// 2k is after that. It returns how many points there were. A kill at a request that only reads is
// a kill after the change before it. The command must have a process when started is closed.
func (a *account) killAt(n int, cmd *exec.Cmd, started <-chan struct{}) (points func() int) {
	var mu sync.Mutex
	reached := 0
	reach := func(target string) {
		if reads.MatchString(target) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if reached++; reached == n {
			<-started
			_ = cmd.Process.Kill() // the test fails if it survives
			panic(http.ErrAbortHandler)
		}
	}
	a.server.Before(reach)
	a.server.After(reach)
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return reached
	}
}

var reads = regexp.MustCompile(`(^|\.)(Get|List|Describe)`)

// rotated returns what there is.
func (a *account) rotated(t *testing.T, folder string) rotated {
	t.Helper()
	r := rotated{Trusted: len(a.cloudFront.Trusted(rotatedDistribution))}
	listed, err := a.client.ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	r.Keys = len(listed.PublicKeyList.Items)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		r.Files = append(r.Files, entry.Name())
	}
	return r
}

func newAccountFor(t *testing.T) *account {
	t.Helper()
	a, end, err := newAccount()
	t.Cleanup(end)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// keyFolder returns a folder with the test key.
func keyFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, privateKeyFile), testkeys.P256PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// command returns cfsign rotate, which runs in a folder.
func (a *account) command(ctx context.Context, p keyPlace, folder string) *exec.Cmd {
	flags := append([]string{"rotate", "--key-group", a.keyGroup, "--settle", "0s", "--keep", "25h", "--min-age", "1h"}, p.flags...)
	cmd := exec.CommandContext(ctx, os.Args[0], flags...)
	cmd.Args[0] = "cfsign" // see TestMain
	cmd.Dir = folder
	cmd.Env = os.Environ()
	for name, value := range a.environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// rotate runs the command, which must succeed.
func (a *account) rotate(t *testing.T, p keyPlace, folder string) {
	t.Helper()
	if output, err := a.command(t.Context(), p, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

// TestRotateInterrupted: Ctrl-C while the distributions do not have the key yet.
func TestRotateInterrupted(t *testing.T) {
	a, folder := newAccountFor(t), keyFolder(t)
	a.advance(2 * time.Hour)
	a.cloudFront.SetDelay(awslocal.ByHand)
	cmd := a.command(t.Context(), inFile, folder)
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "waiting for "+rotatedDistribution {
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(out)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d", err, exitInterrupted)
	}
	const want = "cfsign rotate: interrupted: run the same command again, and it goes on from here\n"
	if errOut.String() != want || len(rest) > 0 {
		t.Errorf("%q after %q, want %q", errOut.String(), rest, want)
	}
	if err := a.trusts(a.firstID, readFile(t, folder, privateKeyFile)); err != nil {
		t.Error(err)
	}
	a.cloudFront.SetDelay(0)
	a.rotate(t, inFile, folder)
	inFile.check(t, a, folder)
	if got := a.server.Count("CreatePublicKey"); got != 2 {
		t.Errorf("%d requests for CreatePublicKey, want 2: the second run must use the key of the first", got)
	}
}

func readFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
