// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// An Operation answers the JSON body of a request with a value to be written as JSON,
// or with an [*Error].
type Operation func(body []byte) (any, error)

// An Error is one as the services report it.
type Error struct {
	// Status is that of the response. Zero: 400.
	Status int
	// Type is the name of the exception, such as AccessDeniedException.
	Type string
	// Message is for people.
	Message string
}

// Error returns the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// A Server answers requests to the operations that it was given. The zero Server has
// none. It is safe for concurrent use.
type Server struct {
	mu         sync.Mutex
	operations map[string]Operation
	faults     []*fault
	counts     map[string]int
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

// Count returns how many requests there were for a target, those that failed among
// them.
func (s *Server) Count(target string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[target]
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const mostBytes = 1 << 20
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		writeError(w, &Error{Status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLarge", Message: "the body is too long"})
		return
	}
	target := r.Header.Get("X-Amz-Target")
	operation, fault := s.begin(target)
	if err := checkRequest(r, target); err != nil {
		writeError(w, err)
		return
	}
	if fault != nil && fault.serve(w, r) {
		return
	}
	if operation == nil {
		writeError(w, &Error{Type: "UnknownOperationException", Message: fmt.Sprintf("there is no %q", target)})
		return
	}
	answer, err := operation(body)
	if err != nil {
		writeError(w, err)
		return
	}
	write(w, http.StatusOK, answer)
}

// begin counts a request and returns what it is for, and what happens to it instead.
func (s *Server) begin(target string) (Operation, *fault) {
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
		return s.operations[target], f
	}
	return s.operations[target], nil
}

func writeError(w http.ResponseWriter, err error) {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Status: http.StatusInternalServerError, Type: "InternalServerError", Message: err.Error()}
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("X-Amzn-Errortype", e.Type)
	write(w, status, map[string]string{"__type": e.Type, "message": e.Message})
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // whose failure the client notices
}
