// SPDX-License-Identifier: Apache-2.0

package logmixture

import (
	"bytes"
	"crypto"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/accesslog"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// newServer returns a local distribution that writes an access log, and its keys.
func newServer(t testing.TB, log io.Writer) (*httptest.Server, keys.Set) {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{KeyID: testkeys.P256().Public(), OtherID: testkeys.RSA().Public()})
	if err != nil {
		t.Fatal(err)
	}
	files := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/gone/") {
			edge.Bucket(fstest.MapFS{}).ServeHTTP(w, r)
			return
		}
		io.WriteString(w, "video")
	})
	distribution, err := edge.New(edge.Config{
		Default: edge.Behavior{Origin: files, TrustedKeyGroups: []keys.Set{trusted}, ViewerProtocolPolicy: edge.AllowAll},
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	logged := accesslog.New(distribution, log)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if viewer := r.Header.Get(viewerField); viewer != "" {
			r.RemoteAddr = net.JoinHostPort(viewer, "40000")
		}
		logged.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server, trusted
}

// A logFile collects the log.
type logFile struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// Sent is a mixture that was sent.
type Sent struct {
	// Log is the access log, a standard log of version 1.
	Log []byte
	// Keys are the trusted keys, and PEM their texts by their IDs.
	Keys keys.Set
	PEM  map[string][]byte
	// Refused are the numbers of refused requests by their causes, and Allowed is the number of
	// the others.
	Refused map[refusals.Name]int64
	Allowed int64
}

// Send sends requests, and fails the test if one is not answered as it should be.
func Send(t testing.TB, requests int) Sent {
	t.Helper()
	file := &logFile{}
	server, trusted := newServer(t, file)
	m := newMixture(t, server.URL)
	var order []kind
	for _, k := range kinds {
		for range k.share {
			order = append(order, k)
		}
	}
	if len(order) != 1000 {
		t.Fatalf("the shares are %d of 1,000", len(order))
	}
	const clients = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	sent := Sent{Keys: trusted, Refused: map[refusals.Name]int64{}, PEM: map[string][]byte{}}
	jobs := make(chan int)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for i := range jobs {
				m.send(client, order[pick(i)], i)
			}
		})
	}
	for i := range requests {
		if k := order[pick(i)]; k.want == "" {
			sent.Allowed++
		} else {
			sent.Refused[k.want]++
		}
		jobs <- i
	}
	close(jobs)
	group.Wait()
	server.Close() // waits for the log
	for _, id := range trusted.IDs() {
		key, _ := trusted.Lookup(id)
		var err error
		if sent.PEM[id], err = keys.MarshalPublic(key); err != nil {
			t.Fatal(err)
		}
	}
	sent.Log = file.b.Bytes()
	return sent
}

// pick returns a place in the order, so that all kinds come early.
func pick(i int) int { return i * 617 % 1000 }

// send sends one request, and checks the status.
func (m *mixture) send(client *http.Client, k kind, i int) {
	response, err := client.Do(k.make(m, i))
	if err != nil {
		m.t.Errorf("%s: %v", k.why, err)
		return
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	if refused := response.StatusCode == http.StatusForbidden; refused != (k.want != "") {
		m.t.Errorf("%s: status %d", k.why, response.StatusCode)
	}
}
