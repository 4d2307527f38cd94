// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
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

// An Error is an error as the services report it.
type Error struct {
	// Status is the status of the response. Zero: 400.
	Status int
	// Type is the name of the exception, such as AccessDeniedException.
	Type string
	// Message is for people.
	Message string
	// Item is the item for which a condition of DynamoDB failed. Nil: the error has none.
	Item Item
}

// Error returns the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// A Server answers requests for its operations. The zero Server has no operations. It is
// safe for concurrent use.
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
// [CloudFront] that was added last.
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

// unknown is the error for an operation that the server does not have. It names the operations
// of the service that it has.
func (s *Server) unknown(target string) error {
	service, _, _ := strings.Cut(target, ".")
	var known []string
	for _, other := range s.Operations() {
		if name, ok := strings.CutPrefix(other, service+"."); ok {
			known = append(known, name)
		}
	}
	message := fmt.Sprintf("the local AWS has no operation %q", target)
	if known != nil {
		message += ": it has " + strings.Join(known, ", ")
	}
	return &Error{Type: "UnknownOperationException", Message: message}
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
		p.writeError(w, &Error{Status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLarge", Message: "the body is too long"})
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

func writeError(w http.ResponseWriter, p protocol, err error) {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Status: http.StatusInternalServerError, Type: "InternalServerError", Message: err.Error()}
	}
	p.writeError(w, e)
}

// status returns the status of the response.
func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

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
