// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"net/http"
	"slices"
	"time"
)

// A fault happens to requests instead of their operation.
type fault struct {
	target string
	times  int
	serve  func(w http.ResponseWriter, r *http.Request) (done bool)
}

// Fail has the next requests for a target answered with an error.
func (s *Server) Fail(target string, times int, e *Error) {
	s.fault(target, times, func(w http.ResponseWriter, _ *http.Request) bool {
		writeError(w, e)
		return true
	})
}

// Answer has the next requests for a target answered with a body, which need not be
// JSON.
func (s *Server) Answer(target string, times, status int, body string) {
	s.fault(target, times, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // whose failure the client notices
		return true
	})
}

// Delay has the next requests for a target wait, or end with their client.
func (s *Server) Delay(target string, times int, d time.Duration) {
	s.fault(target, times, func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(d):
			return false
		case <-r.Context().Done():
			return true
		}
	})
}

// Drop has the next requests for a target end without an answer.
func (s *Server) Drop(target string, times int) {
	s.fault(target, times, func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
}

// Recover takes back what is left of the faults of a target.
func (s *Server) Recover(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *fault) bool { return f.target == target })
}

func (s *Server) fault(target string, times int, serve func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{target: target, times: times, serve: serve})
}
