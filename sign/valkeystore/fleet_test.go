// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/test/valkeyserver"
)

const (
	processes = 8
	keyTime   = 20 * time.Millisecond // about as in KMS
)

// A kms is a server that signs as KMS does: after a while, and each time with other bytes. It
// counts its signatures over each digest.
type kms struct {
	mu     sync.Mutex
	signed map[string]int
}

func (k *kms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	digest, err := io.ReadAll(io.LimitReader(r.Body, 64))
	if err == nil {
		time.Sleep(keyTime)
		var signature []byte
		signature, err = testkeys.P256().Sign(rand.Reader, digest, crypto.SHA256)
		if err == nil {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.signed[string(digest)]++
			_, _ = w.Write(signature)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// counts returns the number of digests, and the number of signatures.
func (k *kms) counts() (digests, signatures int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range k.signed {
		signatures += n
	}
	return len(k.signed), signatures
}

// A process is another program that signs with the kms and the server.
type process struct {
	mu  sync.Mutex
	in  *json.Encoder
	out *json.Decoder
}

// startFleet starts processes of this test program that run [TestFleetProcess].
func startFleet(t *testing.T, server *valkeyserver.Server, timeout time.Duration) (*kms, []*process) {
	t.Helper()
	key := &kms{signed: map[string]int{}}
	keyServer := httptest.NewServer(key)
	t.Cleanup(keyServer.Close)
	var fleet []*process
	for range processes {
		command := exec.Command(os.Args[0], "-test.run=^TestFleetProcess$")
		command.Env = append(os.Environ(), processKMS+"="+keyServer.URL, processServer+"="+server.URL(), processTimeout+"="+timeout.String())
		command.Stderr = os.Stderr
		in, err := command.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close()
			_ = command.Wait()
		})
		fleet = append(fleet, &process{in: json.NewEncoder(in), out: json.NewDecoder(out)})
	}
	askAll(t, fleet, question{}) // until all are connected
	return key, fleet
}

// ask returns the answer of the process.
func (p *process) ask(t *testing.T, q question) reply {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var r reply
	if err := p.in.Encode(q); err != nil {
		t.Error(err)
	} else if err := p.out.Decode(&r); err != nil {
		t.Error(err)
	}
	if r.Error != "" {
		t.Error(r.Error)
	}
	return r
}

// askAll asks all processes at once.
func askAll(t *testing.T, fleet []*process, q question) []reply {
	t.Helper()
	replies := make([]reply, len(fleet))
	var asked sync.WaitGroup
	for i, p := range fleet {
		asked.Go(func() { replies[i] = p.ask(t, q) })
	}
	asked.Wait()
	return replies
}

// TestFleet: eight processes ask for the same folders at once. The key signs once for each
// folder, and all processes return the same signature.
func TestFleet(t *testing.T) {
	key, fleet := startFleet(t, valkeyserver.New(t), 20*time.Second) // the machine of the test may be slow
	const folders = 50
	for i := range folders {
		q := question{Folder: fmt.Sprint(i), Times: 1}
		replies := askAll(t, fleet, q)
		for _, r := range replies {
			if r.Query != replies[0].Query {
				t.Errorf("%s: the processes return different signatures", q.Folder)
			}
		}
	}
	// A cache signs the policy of the next window ahead of time, so there can be a few more policies.
	if digests, signatures := key.counts(); signatures != digests || digests < folders || digests > folders+folders/5 {
		t.Errorf("%d signatures over %d policies for %d folders", signatures, digests, folders)
	}
}

// TestFleetAndBrokenServer: while the server is killed, started again without its data, stopped,
// and filled with wrong signatures, no process returns a wrong signature, and none waits for
// more than the key and the timeout of the store.
func TestFleetAndBrokenServer(t *testing.T) {
	duration := 6 * time.Second
	if d, err := time.ParseDuration(os.Getenv("CFSIGN_LOAD")); err == nil {
		duration = d
	}
	server := valkeyserver.New(t)
	const storeTimeout = 250 * time.Millisecond
	key, fleet := startFleet(t, server, storeTimeout)
	client := newClient(t, server, func(o *valkey.ClientOption) { o.DisableRetry = true })
	var over atomic.Bool
	var load sync.WaitGroup
	var mu sync.Mutex
	var all reply
	for _, p := range fleet {
		load.Go(func() {
			for !over.Load() && !t.Failed() {
				r := p.ask(t, question{Folder: fmt.Sprint(mathrand.IntN(1_000_000)), Times: 20})
				mu.Lock()
				all.add(r)
				mu.Unlock()
			}
		})
	}
	for begun := time.Now(); time.Since(begun) < duration; {
		time.Sleep(duration / 12)
		switch mathrand.IntN(3) {
		case 0:
			server.Kill(t)
			time.Sleep(duration / 12)
			server.Start(t)
		case 1:
			server.Stop(t)
			time.Sleep(duration / 12)
			server.Continue(t)
		case 2:
			poison(t, client)
		}
	}
	over.Store(true)
	load.Wait()
	digests, signatures := key.counts()
	t.Logf("%d calls, %d policies, %d signatures, %d from the store, %d errors of the store; the slowest operation of the key took %v, and the slowest call %v",
		all.Calls, digests, signatures, all.StoreHits, all.StoreErrors, all.SlowestKey, all.SlowestCall)
	// The machine of the test may be slow. That no call waits without limit shows here, and the
	// exact limit in the tests of package sign, which have a clock of their own.
	if most := all.SlowestKey + storeTimeout + 5*time.Second; all.SlowestCall > most {
		t.Errorf("a call took %v, and the key took at most %v", all.SlowestCall, all.SlowestKey)
	}
	if all.Wrong > 0 || all.Calls == 0 || all.StoreHits == 0 || all.StoreErrors == 0 {
		t.Errorf("%d wrong signatures in %d calls, %d hits and %d errors of the store", all.Wrong, all.Calls, all.StoreHits, all.StoreErrors)
	}
}

// poison replaces the signatures on the server: by noise, by signatures over other policies, or
// by nothing.
func poison(t *testing.T, client valkey.Client) {
	t.Helper()
	names, err := client.Do(t.Context(), client.B().Keys().Pattern("cfsign:*").Build()).AsStrSlice()
	if err != nil {
		return // The server has just been started again, and the client is about to connect.
	}
	values := []string{"noise", "", string(make([]byte, 4096))}
	for _, name := range names {
		if value, err := client.Do(t.Context(), client.B().Get().Key(name).Build()).ToString(); err == nil && len(values) < 50 {
			values = append(values, value)
		}
		client.Do(t.Context(), client.B().Set().Key(name).Value(values[mathrand.IntN(len(values))]).Build())
	}
}
