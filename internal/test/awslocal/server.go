// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
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
}

// Error returns the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// A Server answers requests for its operations. The zero Server has no operations. It is
// safe for concurrent use.
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

// Count returns the number of requests for a target, including failed ones.
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

// begin counts a request, and returns its operation and its fault, if there is one.
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
	_ = json.NewEncoder(w).Encode(answer) // the client notices a failure
}

// A fault happens to requests instead of their operation.
type fault struct {
	target string
	times  int
	serve  func(w http.ResponseWriter, r *http.Request) (done bool)
}

// Fail answers the next requests for a target with an error.
func (s *Server) Fail(target string, times int, e *Error) {
	s.fault(target, times, func(w http.ResponseWriter, _ *http.Request) bool {
		writeError(w, e)
		return true
	})
}

// Answer answers the next requests for a target with a body, which can be anything.
func (s *Server) Answer(target string, times, status int, body string) {
	s.fault(target, times, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client notices a failure
		return true
	})
}

// Delay delays the next requests for a target, until the client gives up.
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

// Drop ends the next requests for a target without an answer.
func (s *Server) Drop(target string, times int) {
	s.fault(target, times, func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
}

// Recover removes the remaining faults of a target.
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

const contentType = "application/x-amz-json-1.1"

// services are the service names in signatures, by the first part of the target.
var services = map[string]string{"TrentService": "kms", "secretsmanager": "secretsmanager", "AmazonSSM": "ssm"}

// authorization is the form of a Signature Version 4. The server does not verify it.
var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[A-Za-z0-9]+/(\d{8})/[a-z0-9-]+/([a-z0-9-]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// checkRequest refuses what the services refuse before they read the body.
func checkRequest(r *http.Request, target string) error {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		return &Error{Status: http.StatusNotFound, Type: "UnknownOperationException", Message: "the JSON protocol is POST / only"}
	case r.Header.Get("Content-Type") != contentType:
		return &Error{Status: http.StatusNotFound, Type: "UnknownOperationException", Message: "the content type is not " + contentType}
	case r.Header.Get("Authorization") == "":
		return &Error{Type: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	match := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return &Error{Type: "IncompleteSignatureException", Message: "the Authorization header does not have the form of Signature Version 4"}
	}
	day, service, signed := match[1], match[2], strings.Split(match[3], ";")
	prefix, _, _ := strings.Cut(target, ".")
	if services[prefix] != service {
		return &Error{Type: "InvalidSignatureException", Message: "Credential should be scoped to correct service"}
	}
	for _, name := range []string{"host", "x-amz-date", "x-amz-target"} {
		if !slices.Contains(signed, name) {
			return &Error{Type: "InvalidSignatureException", Message: "the header " + name + " is not signed"}
		}
	}
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || date.Format("20060102") != day || time.Since(date).Abs() > 15*time.Minute {
		return &Error{Type: "InvalidSignatureException", Message: "the date of the signature is not today"}
	}
	return nil
}
