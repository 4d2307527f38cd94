// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Operation answers the JSON body of a request with a value to be written as JSON,
// or with an [*Error].
type Operation func(body []byte) (any, error)

// A Server answers requests for its operations. The zero Server has no operations. It is one Region,
// and takes requests that are signed for any: [ScopeOf] tells them apart. It is safe for concurrent
// use.
type Server struct {
	mu            sync.Mutex
	operations    map[string]Operation
	cloudFront    *CloudFront // nil: there is none
	clock         func() time.Time
	faults        []*fault
	counts        map[string]int
	before, after func(target string) // hooks; nil: none
}

// Handle adds an operation by its target, such as TrentService.Sign.
func (s *Server) Handle(target string, o Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.operations == nil {
		s.operations = map[string]Operation{}
	}
	s.operations[target] = o
}

// Operations returns the targets of all operations, in their order.
func (s *Server) Operations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets := slices.Collect(maps.Keys(s.operations))
	if s.cloudFront != nil {
		targets = append(targets, s.cloudFront.names...)
	}
	slices.Sort(targets)
	return targets
}

// SetClock sets the clock for all dates that the services write, and for the delay of
// deployments of CloudFront. Clients follow the date of answers when they sign requests, so with
// a clock of its own the server takes requests of any date. Nil: time.Now.
func (s *Server) SetClock(clock func() time.Time) {
	s.mu.Lock()
	s.clock = clock
	c := s.cloudFront
	s.mu.Unlock()
	if c != nil {
		c.SetClock(clock)
	}
}

// now returns the time of the server's clock.
func (s *Server) now() time.Time {
	if clock := s.ownClock(); clock != nil {
		return clock()
	}
	return time.Now()
}

func (s *Server) ownClock() func() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// seconds is a date in an answer.
func (s *Server) seconds() float64 { return float64(s.now().UnixMilli()) / 1000 }

// Count returns the number of requests for a target, including failed ones.
func (s *Server) Count(target string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[target]
}

// Before makes the server call f with the target of each request, before the server carries
// it out and before a fault strikes. The request waits until f returns. The server does not
// call f for requests that are not signed. Nil: no calls.
func (s *Server) Before(f func(target string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// After makes the server call f with the target of each request that it has carried out or
// refused, before the client gets the answer. The server does not call f for requests that
// end in a fault before that. Nil: no calls.
func (s *Server) After(f func(target string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = f
}

// ServeHTTP answers one request. Requests with the path of CloudFront's API go to the
// [CloudFront] that was added last. Requests for services that the server does not have get an
// error that their clients can read.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	cloudFront, clock := s.cloudFront, s.clock
	s.mu.Unlock()
	if clock != nil {
		w.Header().Set("Date", clock().UTC().Format(http.TimeFormat))
	}
	if cloudFront != nil && strings.HasPrefix(r.URL.Path, cloudFrontPath) {
		cloudFront.handler.ServeHTTP(w, r)
		return
	}
	target := r.Header.Get("X-Amz-Target")
	if s.namesOf(target) == nil {
		s.refuseService(w, r)
		return
	}
	s.serve(w, r, target, jsonProtocolOf(target), func(body []byte) (any, error) {
		s.mu.Lock()
		operation := s.operations[target]
		s.mu.Unlock()
		if operation == nil {
			return nil, s.unknown(target)
		}
		return operation(body)
	})
}

// A protocol is how the clients and the server of a service write to each other.
type protocol interface {
	// check refuses what the service refuses before it reads the body. anyDate says that the
	// date of the signature does not matter.
	check(r *http.Request, target string, anyDate bool) error
	write(w http.ResponseWriter, answer any)
	writeError(w http.ResponseWriter, e *Error)
	contentType() string
}

// serve answers one request for an operation, or has a fault answer it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, target string, p protocol, o Operation) {
	const mostBytes = 1 << 20
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		p.writeError(w, &Error{Type: "RequestEntityTooLarge", Message: "the body is too long"})
		return
	}
	fault, before, after := s.begin(target)
	if err := p.check(r, target, s.ownClock() != nil); err != nil {
		writeError(w, p, err)
		return
	}
	if before != nil {
		before(target)
	}
	if fault != nil && !fault.late && fault.serve(w, r, p) {
		return
	}
	answer, err := o(body)
	if after != nil {
		after(target)
	}
	if fault != nil && fault.late && fault.serve(w, r, p) {
		return
	}
	if err != nil {
		writeError(w, p, err)
		return
	}
	p.write(w, answer)
}

// begin counts a request, and returns its fault, if there is one, and the hooks.
func (s *Server) begin(target string) (f *fault, before, after func(string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[target]++
	for i, f := range s.faults {
		if f.target != target {
			continue
		}
		if f.times--; f.times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return f, s.before, s.after
	}
	return nil, s.before, s.after
}
