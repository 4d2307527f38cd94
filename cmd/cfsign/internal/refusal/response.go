// SPDX-License-Identifier: Apache-2.0

package refusal

import "net/http"

// A Response is an answer to a request, as far as it is known.
type Response struct {
	// Status is the status code. Zero: unknown.
	Status int
	// Header are the header fields. Nil: unknown.
	Header http.Header
	// Body is the body, possibly cut.
	Body []byte
}
