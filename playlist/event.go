// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cfsign/cfsign/internal/wire"
)

// An Event describes a playlist that a [Handler] has sent, or could not send. fmt and
// log/slog print it without the query of the request.
type Event struct {
	// Request is the request for the playlist, as the viewer sent it.
	Request *http.Request `json:"-"`
	// Result counts the URLs that were signed and those that were left alone. If Err is not
	// nil, the counts may be incomplete.
	Result Result
	// Err says why the playlist was not sent, or not as a whole. It is nil if the playlist
	// was sent. Otherwise it is an error of this package, which contains no query and no
	// credential, the error that [Credentials] returned, or an error of the connection.
	Err error
}

// String returns the method, the path, and the error or the counts.
func (e Event) String() string {
	reason := e.Result.String()
	if e.Err != nil {
		reason = e.Err.Error()
	}
	if e.Request == nil {
		return reason
	}
	return e.Request.Method + " " + e.path() + ": " + reason
}

// Format writes String for every verb.
func (e Event) Format(f fmt.State, verb rune) { wire.Format(f, verb, e.String()) }

// LogValue returns the method, the path, the counts and the error, for log/slog.
func (e Event) LogValue() slog.Value {
	var attributes []slog.Attr
	if e.Request != nil {
		attributes = append(attributes, slog.String("method", e.Request.Method), slog.String("path", e.path()))
	}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	} else {
		attributes = append(attributes, slog.String("urls", e.Result.String()))
	}
	return slog.GroupValue(attributes...)
}

// path returns the path of the request without the parts that may be a credential.
func (e Event) path() string { return wire.Redact(e.Request.URL.EscapedPath()) }
