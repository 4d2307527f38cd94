// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/edge"
)

// Allowed fetches a URL with the server's Client, and fails the test with the
// explanation unless the distribution lets it through to the origin. The body of
// the response has been read and can be read again; it need not be closed.
func (s *Server) Allowed(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	response := s.get(t, rawURL)
	if d := s.Decision(t, response); d.Status != 0 {
		t.Errorf("edgetest: refused with %d, want it allowed\n%s", d.Status, describe(d))
	}
	return response
}

// Denied fetches a URL with the server's Client, and fails the test with the
// explanation unless the distribution refuses the credential for reason, one of
// the sentinels of package verify. The body is as in Allowed.
func (s *Server) Denied(t testing.TB, rawURL string, reason error) *http.Response {
	t.Helper()
	response := s.get(t, rawURL)
	d := s.Decision(t, response)
	switch {
	case d.Status == 0:
		t.Errorf("edgetest: allowed, want it denied because %q\n%s", reason, describe(d))
	case d.Report == nil || !errors.Is(d.Report.Err, reason):
		t.Errorf("edgetest: refused with %d, want it denied because %q\n%s", d.Status, reason, describe(d))
	}
	return response
}

// Decision returns what the distribution decided about the request to which it
// answered response. It fails the test if that came from elsewhere, or is not one of
// the last thousands. For redirects that were followed it is the last decision.
func (s *Server) Decision(t testing.TB, response *http.Response) edge.Decision {
	t.Helper()
	d, ok := s.log.get(response.Header.Get("X-Amz-Cf-Id"))
	if !ok {
		t.Fatalf("edgetest: no decision is known about this response, with the status %s: did it come from a host given to Handle?", response.Status)
	}
	return d
}

func (s *Server) get(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil)
	if err != nil {
		t.Fatal("edgetest: the URL cannot be requested") // whose error would repeat it
	}
	response, err := s.Client.Do(request)
	if err != nil {
		t.Fatalf("edgetest: %v", errors.Unwrap(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("edgetest: %v", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

func describe(d edge.Decision) string {
	if d.Report != nil {
		return d.Report.String()
	}
	return d.Reason
}

// decisions are the last ones, by the ID of their request.
type decisions struct {
	mu    sync.Mutex
	all   map[string]edge.Decision
	order []string
}

func (l *decisions) add(d edge.Decision) {
	const most = 10_000
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]edge.Decision{}
	}
	if len(l.order) == most {
		delete(l.all, l.order[0])
		l.order = l.order[1:]
	}
	l.all[d.RequestID] = d
	l.order = append(l.order, d.RequestID)
}

func (l *decisions) get(requestID string) (edge.Decision, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, ok := l.all[requestID]
	return d, ok
}
