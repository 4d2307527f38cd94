// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/policy"
)

// A place is what a request names: a folder, and perhaps something in it.
type place struct {
	owner  string
	folder policy.Resource
	file   string // the URL; empty: the folder itself
}

// place returns the place that the parameter names: {owner}, /{owner}/ or /{owner}/some/file.
// All of it is data: nothing of it is a wildcard or leaves the folder.
func (s *service) place(r *http.Request, parameter string) (place, error) {
	text, err := one(r, parameter)
	if err != nil {
		return place{}, err
	}
	owner, below, _ := strings.Cut(strings.TrimPrefix(text, "/"), "/")
	if !isUserID(owner) {
		return place{}, refuse(http.StatusForbidden, "%s does not begin with a user's ID: write /{sub}/, with the sub of /access/", parameter)
	}
	folder, err := policy.Under(s.cdn, owner)
	if err != nil {
		return place{}, refuse(http.StatusForbidden, "%s names no folder", parameter)
	}
	p := place{owner: owner, folder: folder}
	if below == "" {
		return p, nil
	}
	segments := strings.Split(strings.TrimSuffix(below, "/"), "/")
	// The origin is S3, which takes a key literally.
	if p.file, err = folder.ChildForLiteralOrigin(segments...); err != nil {
		return place{}, refuse(http.StatusForbidden, "%s has a segment that is empty, a dot segment, or not for URLs", parameter)
	}
	if strings.HasSuffix(below, "/") {
		p.file = "" // a folder below
	}
	return p, nil
}

// one returns the value of a parameter that has to be there once.
func one(r *http.Request, parameter string) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	switch values := query[parameter]; {
	case err != nil:
		return "", refuse(http.StatusBadRequest, "the query is malformed: encode it as encodeURIComponent does")
	case len(values) != 1 || values[0] == "":
		return "", refuse(http.StatusBadRequest, "%s has to be there once: write ?%s=/{sub}/", parameter, parameter)
	case len(values[0]) > longestPath:
		return "", refuse(http.StatusBadRequest, "%s is longer than %d bytes", parameter, longestPath)
	default:
		return values[0], nil
	}
}

// isUserID reports whether an ID can be that of a user: 1 to 128 of A-Z, a-z, 0-9, "-" and "_".
func isUserID(id string) bool {
	const longest = 128
	for _, c := range []byte(id) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return id != "" && len(id) <= longest
}

// mayRead returns nil for the owner of a folder, and for whom the owner shares it with now.
func (s *service) mayRead(ctx context.Context, user token.User, owner string) error {
	if user.Sub == owner {
		return nil
	}
	end, err := s.throttle.begin(user.Sub)
	if err != nil {
		return err
	}
	shared, err := s.shares.Has(ctx, owner, user.Sub)
	end(err == nil && !shared)
	switch {
	case err != nil:
		return databaseFailed(err)
	case !shared:
		return refuse(http.StatusForbidden, "this is the folder of another user, who does not share it with you")
	default:
		return nil
	}
}

// grant returns the place that a request names, if the user who asks may read it.
func (s *service) grant(r *http.Request, n *note, parameter string) (place, error) {
	user, err := s.user(r, n)
	if err != nil {
		return place{}, err
	}
	p, err := s.place(r, parameter)
	if err == nil {
		n.folder = p.owner
		err = s.mayRead(r.Context(), user, p.owner)
	}
	return p, err
}

// databaseFailed hides the text of the database from callers.
func databaseFailed(err error) *refusal {
	return unavailable(err, "it cannot be found out now who shares with whom: try again later")
}
