// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A state is what the application's own cookie says of the signed ones: the epoch
// second from which they are renewed, a hash of the rights and of how they were set, and
// their paths. It is not signed, because it gives access to nothing.
type state struct {
	renewal int64
	rights  uint64
	paths   string // encoded; see pathsOf
}

const stateVersion = "1"

// String returns the state as the value of a cookie.
func (s state) String() string {
	return stateVersion + "." + strconv.FormatInt(s.renewal, 10) + "." + strconv.FormatUint(s.rights, 16) + "." + s.paths
}

// parseState reads what a browser sent, which stores no more than wire.MaxCookie. It
// allocates nothing.
func parseState(text string) (s state, ok bool) {
	if len(text) > wire.MaxCookie {
		return state{}, false
	}
	version, rest, _ := strings.Cut(text, ".")
	renewal, rest, _ := strings.Cut(rest, ".")
	rights, paths, ok := strings.Cut(rest, ".")
	if !ok || version != stateVersion {
		return state{}, false
	}
	var err error
	if s.renewal, err = strconv.ParseInt(renewal, 10, 64); err != nil {
		return state{}, false
	}
	if s.rights, err = strconv.ParseUint(rights, 16, 64); err != nil {
		return state{}, false
	}
	s.paths = paths
	return s, true
}

// encodePaths returns the paths in the characters of a cookie.
func encodePaths(paths []string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(paths, "\n")))
}

// decodePaths returns the paths, or none if somebody made them up.
func decodePaths(text string) []string {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(decoded) == 0 {
		return nil
	}
	paths := strings.SplitN(string(decoded), "\n", mostGrants+1)
	return paths[:min(len(paths), mostGrants)]
}
