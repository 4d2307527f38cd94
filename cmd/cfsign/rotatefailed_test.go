// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// TestRotateFailsAfterSwitch: the file with the ID has the ID of the key that signs, whatever
// fails after the switch.
func TestRotateFailsAfterSwitch(t *testing.T) {
	for _, tt := range []struct {
		operation, why string
	}{
		{"ListPublicKeys", "CloudFront is read again"},
		{"UpdatePublicKey", "the old key is marked as retired"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			a, folder := newAccountFor(t), keyFolder(t)
			a.advance(2 * time.Hour)
			a.rotate(t, inFile, folder)
			a.advance(2 * time.Hour)
			a.afterSwitch(t, folder, func() {
				a.server.Fail(tt.operation, 1, &awslocal.Error{Status: http.StatusServiceUnavailable, Type: "ServiceUnavailable", Message: "later"})
			})
			output, err := a.command(t.Context(), inFile, folder).CombinedOutput()
			if err == nil || !strings.Contains(string(output), "done: sign with") {
				t.Fatalf("%v, want a failure after the switch\n%s", err, output)
			}
			inFile.check(t, a, folder)
			a.rotate(t, inFile, folder)
			inFile.check(t, a, folder)
		})
	}
}

// TestRotateCannotWriteID: if the ID cannot be written after the rotation, the error says which ID
// belongs to the key.
func TestRotateCannotWriteID(t *testing.T) {
	a, folder := newAccountFor(t), keyFolder(t)
	a.advance(2 * time.Hour)
	a.afterSwitch(t, folder, func() {
		id := filepath.Join(folder, "id")
		if err := errors.Join(os.Remove(id), os.Mkdir(id, 0o700)); err != nil {
			t.Error(err)
		}
	})
	output, err := a.command(t.Context(), inFile, folder).CombinedOutput()
	if want := "cfsign rotate: --key-pair-id-file: K0000000000006 signs now, but the file may not have it: "; err == nil || !strings.Contains(string(output), want) {
		t.Errorf("%v, want %q\n%s", err, want, output)
	}
}

// afterSwitch calls f once, after the key in a folder was replaced and before CloudFront is read
// again.
func (a *account) afterSwitch(t *testing.T, folder string, f func()) {
	t.Helper()
	before := readFile(t, folder, privateKeyFile)
	var once sync.Once
	a.server.Before(func(target string) {
		now, err := os.ReadFile(filepath.Join(folder, privateKeyFile))
		if target == "GetKeyGroup" && err == nil && !bytes.Equal(now, before) {
			once.Do(f)
		}
	})
}

// TestRotateAtOnce: while a process waits, another one for the same key file ends with an error,
// and changes nothing. A plan changes nothing anyway.
func TestRotateAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock")
	}
	a, folder := newAccountFor(t), keyFolder(t)
	a.advance(2 * time.Hour)
	a.cloudFront.SetDelay(awslocal.ByHand)
	first := a.command(t.Context(), inFile, folder)
	out, err := first.StdoutPipe()
	if err == nil {
		err = first.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "waiting for "+rotatedDistribution {
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // without a lock, it would wait, too
	defer cancel()
	output, err := a.command(ctx, inFile, folder).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "cfsign rotate: another process rotates ") || !strings.Contains(string(output), "run this again when it has ended\n") {
		t.Errorf("%v\n%s", err, output)
	}
	plan := a.command(t.Context(), inFile, folder)
	plan.Args = append(plan.Args, "--plan")
	if output, err := plan.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	a.cloudFront.Deploy()
	for lines.Scan() {
	}
	if err := first.Wait(); err != nil {
		t.Error(err)
	}
	inFile.check(t, a, folder)
	if got := a.server.Count("CreatePublicKey"); got != 2 {
		t.Errorf("%d requests for CreatePublicKey, want 2", got)
	}
}

// TestInterruptedError: Ctrl-C does not hide an error that has another reason.
func TestInterruptedError(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	disk := errors.New("no space left on device")
	for _, tt := range []struct {
		ctx       context.Context
		err, want error
		why       string
	}{
		{canceled, nil, nil, "the rotation was complete"},
		{canceled, disk, disk, "the disk was full at the same time"},
		{canceled, fmt.Errorf("GetKeyGroup: %w", context.Canceled), errInterrupted, "Ctrl-C"},
		{t.Context(), context.Canceled, context.Canceled, "no Ctrl-C"},
	} {
		if got := interrupted(tt.ctx, tt.err); !errors.Is(got, tt.want) || tt.want != errInterrupted && got != tt.want {
			t.Errorf("%v, want %v: %s", got, tt.want, tt.why)
		}
	}
}
