// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"time"
)

const (
	healthPath    = "/healthz"
	readinessPath = "/readyz"
)

// health says that the process answers.
func (s *service) health(*http.Request, *note) (answer, error) {
	return answer{body: map[string]string{"status": "ok"}}, nil
}

// readiness says whether it can answer other requests, for which it needs the database. The
// keys of the user pool and of the distribution are in memory.
func (s *service) readiness(r *http.Request, _ *note) (answer, error) {
	const longest = 2 * time.Second
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	if err := s.shares.Ping(ctx); err != nil {
		return answer{}, unavailable(err, "the database does not answer")
	}
	return s.health(r, nil)
}
