// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// A transport is a viewer's http.Transport that remembers the latest requests, and tells the jar about
// the cookies that it cannot see.
type transport struct {
	*http.Transport
	history history
	jar     *jar
}

// RoundTrip sends a request, and remembers how it was answered.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !isASCII(r.URL.Host) {
		if r.Body != nil {
			_ = r.Body.Close() // nothing was sent
		}
		return nil, errors.New(onlyASCII)
	}
	if note, ok := r.Context().Value(sentKey{}).(*string); ok {
		*note = t.jar.sent(r)
	}
	response, err := t.Transport.RoundTrip(r)
	answer := "got no response"
	if err == nil {
		answer = strings.TrimSpace("answered " + response.Status)
		t.jar.dropUnreadable(r.URL, response.Header["Set-Cookie"])
	}
	t.history.add(fmt.Sprintf("%s %s %s", cmp.Or(r.Method, http.MethodGet), location(asWritten(r.URL)), answer))
	return response, err
}

// A sentKey is the key of a note in a context: which cookies the latest request has. When there is a
// response, the jar has the cookies of this response as well.
type sentKey struct{}

func noteSent(ctx context.Context) context.Context {
	return context.WithValue(ctx, sentKey{}, new(string))
}

// sentWith returns the note about the request of a response.
func sentWith(response *http.Response) string {
	return *response.Request.Context().Value(sentKey{}).(*string)
}

// A history has a viewer's latest requests. It is safe for concurrent use.
type history struct {
	mu     sync.Mutex
	latest []string
}

func (h *history) add(request string) {
	const most = 6
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = append(h.latest, request)
	if len(h.latest) > most {
		h.latest = h.latest[1:]
	}
}

// before lists the requests before the latest one.
func (h *history) before() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text strings.Builder
	for _, request := range h.latest[:max(len(h.latest)-1, 0)] {
		fmt.Fprintf(&text, "before: %s\n", request)
	}
	return text.String()
}
