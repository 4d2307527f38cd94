// SPDX-License-Identifier: Apache-2.0

package session

import (
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/cookieheader"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/sign"
)

// A state is what the application's own cookie says about the signed cookies of the
// viewer. It is not signed, because it gives access to nothing.
type state struct {
	pending bool   // more cookies or removals follow with the next response
	swept   bool   // see plan.clearVisible
	renewal int64  // the epoch second from which cookies are renewed
	grants  uint64 // hash of the grants, the key and the options
	details string // the rest as text
}

// details are what only a change needs.
type details struct {
	left    int64  // seconds from the renewal until the first cookie expires
	config  uint64 // hash of the options alone
	key     uint32 // hash of the ID of the key that signed
	former  int    // how many Options.FormerAttributes were cleared
	folders []folder
}

const stateVersion = "2"

// String returns the state as the value of a cookie.
func (s state) String() string {
	pending := "0"
	switch {
	case s.pending && s.swept:
		pending = "1"
	case s.pending:
		pending = "2"
	}
	return stateVersion + "." + pending + "." + strconv.FormatInt(s.renewal, 10) + "." + strconv.FormatUint(s.grants, 16) + "." + s.details
}

// parseState reads what a browser sent, which stores no more than wire.MaxCookie. It
// allocates nothing.
func parseState(text string) (s state, ok bool) {
	const prefix = stateVersion + ".0."
	if len(text) > wire.MaxCookie || len(text) < len(prefix) || text[:2] != prefix[:2] || text[3] != '.' {
		return state{}, false
	}
	s.pending, s.swept = text[2] != '0', text[2] == '1'
	renewal, rest, _ := cutField(text[len(prefix):])
	grants, rest, ok := cutField(rest)
	if !ok {
		return state{}, false
	}
	var err error
	if s.renewal, err = strconv.ParseInt(renewal, 10, 48); err != nil {
		return state{}, false
	}
	if s.grants, err = strconv.ParseUint(grants, 16, 64); err != nil {
		return state{}, false
	}
	s.details = rest
	return s, true
}

// cutField returns what is before and after the first full stop.
func cutField(text string) (field, rest string, ok bool) {
	end := strings.IndexByte(text, '.')
	if end < 0 {
		return "", "", false
	}
	return text[:end], text[end+1:], true
}

// String returns the details for the state.
func (d details) String() string {
	return strconv.FormatInt(d.left, 10) + "." + strconv.FormatUint(d.config, 16) + "." + strconv.FormatUint(uint64(d.key), 36) + "." + strconv.Itoa(d.former) + "." + encodeFolders(d.folders)
}

// parseDetails returns the details of a state, as far as they can be read.
func parseDetails(text string) (d details) {
	left, rest, _ := cutField(text)
	config, rest, _ := cutField(rest)
	key, rest, _ := cutField(rest)
	former, rest, ok := cutField(rest)
	if !ok {
		return details{}
	}
	d.left, _ = strconv.ParseInt(left, 10, 32)
	d.config, _ = strconv.ParseUint(config, 16, 64)
	k, _ := strconv.ParseUint(key, 36, 32)
	n, _ := strconv.ParseUint(former, 10, 16)
	d.key, d.former, d.folders = uint32(k), int(n), decodeFolders(rest)
	return d
}

// A folder is a path on which the viewer has cookies.
type folder struct {
	path   string
	status status
	grant  uint32 // hash of the grant for which the cookies are
	// former is whether there may be cookies with former attributes, because the last
	// ones were set under other options.
	former bool
}

// A status says which cookies a folder has.
type status byte

const (
	current status = 's' // set, and needs no renewal
	old     status = 'o' // set, and is to be set again or removed
	revoked status = 'r' // without a signature, which opens nothing
)

// separator stands between folders. No path has it unescaped.
const separator = "|"

// Cookie values have no commas and semicolons, but paths may.
var (
	escape   = strings.NewReplacer("!", "!0", ",", "!1", ";", "!2", separator, "!3")
	unescape = strings.NewReplacer("!0", "!", "!1", ",", "!2", ";", "!3", separator)
)

// String returns the folder for the state. An upper-case status means former.
func (f folder) String() string {
	text := string(rune(f.status))
	if f.former {
		text = strings.ToUpper(text)
	}
	return text + strconv.FormatUint(uint64(f.grant), 36) + escape.Replace(f.path)
}

// encodeFolders returns the folders in the characters of a cookie.
func encodeFolders(folders []folder) string {
	var texts []string
	for _, f := range folders {
		texts = append(texts, f.String())
	}
	return strings.Join(texts, separator)
}

// sizeOfFolders returns the length of encodeFolders, at most.
func sizeOfFolders(folders []folder) int {
	size := 0
	for _, f := range folders {
		size += len("s1z141z3") + len(f.path) + len(separator)
		for i := range len(f.path) {
			if strings.IndexByte("!,;"+separator, f.path[i]) >= 0 {
				size++
			}
		}
	}
	return size
}

// decodeFolders returns the folders of a state. Somebody may have made them up.
func decodeFolders(text string) []folder {
	var folders []folder
	for part := range strings.SplitSeq(text, separator) {
		if len(folders) == mostFolders || len(part) < 2 {
			break
		}
		lower := strings.ToLower(part[:1])
		grant, path, _ := strings.Cut(part[1:], "/")
		hash, _ := strconv.ParseUint(grant, 36, 32)
		f := folder{path: "/" + unescape.Replace(path), status: status(lower[0]), grant: uint32(hash), former: lower != part[:1]}
		switch f.status {
		case current, old, revoked:
			folders = append(folders, f)
		}
	}
	return folders
}

// ownCookies returns the state cookie and, if there is one, the hint cookie.
func (i *Issuer) ownCookies(state, hint string, maxAge int) []*http.Cookie {
	cookies := []*http.Cookie{ownCookie(i.options.Attributes, i.options.StateCookie, state, maxAge)}
	if i.options.HintCookie != "" {
		cookie := ownCookie(i.options.Attributes, i.options.HintCookie, hint, maxAge)
		cookie.HttpOnly = false
		cookies = append(cookies, cookie)
	}
	return cookies
}

// ownCookie returns a cookie for the application's host alone, or its removal if maxAge
// is negative.
func ownCookie(a sign.CookieAttributes, name, value string, maxAge int) *http.Cookie {
	cookie := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: !a.Insecure,
		SameSite: a.SameSite, Partitioned: a.Partitioned, HttpOnly: true,
	}
	if a.SameSite != http.SameSiteNoneMode {
		cookie.SameSite = http.SameSiteLaxMode // a Strict one is unseen after a link from another site
		if maxAge < 0 {
			cookie.SameSite = 0
		}
	}
	return cookie
}

// cookieValues returns the values of the cookies of a name as they were sent.
// Request.CookiesNamed would make a copy of every cookie first.
func cookieValues(r *http.Request, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for cookie := range cookieheader.All(r.Header["Cookie"]) {
			if cookie.Name == name && !yield(cookie.Value) {
				return
			}
		}
	}
}

func hasCookie(r *http.Request, name string) bool {
	for range cookieValues(r, name) {
		return true
	}
	return false
}
