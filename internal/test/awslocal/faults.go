// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"net/http"
	"slices"
	"time"
)

// A fault happens to requests instead of their operation, or instead of its answer.
type fault struct {
	target string
	times  int
	late   bool // after the operation was carried out
	serve  func(w http.ResponseWriter, r *http.Request, p protocol) (done bool)
}

// Fail answers the next requests for a target with an error.
func (s *Server) Fail(target string, times int, e *Error) {
	s.fault(&fault{target: target, times: times, serve: failWith(e)})
}

// FailLate carries out the next requests for a target, and then answers with an error.
// A retry finds that the work is already done.
func (s *Server) FailLate(target string, times int, e *Error) {
	s.fault(&fault{target: target, times: times, late: true, serve: failWith(e)})
}

func failWith(e *Error) func(http.ResponseWriter, *http.Request, protocol) bool {
	return func(w http.ResponseWriter, _ *http.Request, p protocol) bool {
		p.writeError(w, e)
		return true
	}
}

// Answer answers the next requests for a target with a body, which can be anything.
func (s *Server) Answer(target string, times, status int, body string) {
	s.fault(&fault{target: target, times: times, serve: func(w http.ResponseWriter, _ *http.Request, p protocol) bool {
		w.Header().Set("Content-Type", p.contentType())
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client notices a failure
		return true
	}})
}

// Delay delays the next requests for a target, until the client gives up.
func (s *Server) Delay(target string, times int, d time.Duration) {
	s.fault(&fault{target: target, times: times, serve: func(_ http.ResponseWriter, r *http.Request, _ protocol) bool {
		select {
		case <-time.After(d):
			return false
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // no answer, even if the server ends and not the client
		}
	}})
}

// Drop ends the next requests for a target without an answer.
func (s *Server) Drop(target string, times int) {
	s.fault(&fault{target: target, times: times, serve: drop})
}

// DropLate carries out the next requests for a target, and ends them without an answer.
func (s *Server) DropLate(target string, times int) {
	s.fault(&fault{target: target, times: times, late: true, serve: drop})
}

func drop(http.ResponseWriter, *http.Request, protocol) bool { panic(http.ErrAbortHandler) }

// Recover removes the remaining faults of a target.
func (s *Server) Recover(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *fault) bool { return f.target == target })
}

func (s *Server) fault(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}
