// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cfsign/cfsign/internal/wire"
)

// An Event is a playlist that a [Handler] refused or broke off. fmt and log/slog print it
// without the query of the request.
type Event struct {
	// Request is the request for the playlist, as the viewer sent it.
	Request *http.Request `json:"-"`
	// Err is the reason: an error of this package, which contains no query and no
	// credential, or the error of [Credentials].
	Err error
}

// String returns the method, the path and the reason.
func (e Event) String() string {
	reason := "no error"
	if e.Err != nil {
		reason = e.Err.Error()
	}
	if e.Request == nil {
		return reason
	}
	return e.Request.Method + " " + e.path() + ": " + reason
}

// Format writes String, whatever the verb.
func (e Event) Format(f fmt.State, verb rune) { wire.Format(f, verb, e.String()) }

// LogValue returns the method, the path and the reason, for log/slog.
func (e Event) LogValue() slog.Value {
	var attributes []slog.Attr
	if e.Request != nil {
		attributes = append(attributes, slog.String("method", e.Request.Method), slog.String("path", e.path()))
	}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}

// path returns the path of the request, which may be a credential itself.
func (e Event) path() string { return wire.Redact(e.Request.URL.EscapedPath()) }
