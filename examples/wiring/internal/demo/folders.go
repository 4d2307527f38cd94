// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/cfsign/cfsign/session"
)

// Folders are the folders that users may open: their own, and the folders that others share
// with them. It stands for your database. The zero value has no shared folders. It is safe
// for concurrent use.
type Folders struct {
	mu     sync.Mutex
	shared map[string]map[string]bool // user, owner
}

// Share opens the folder of owner to user.
func (f *Folders) Share(owner, user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared == nil {
		f.shared = map[string]map[string]bool{}
	}
	if f.shared[user] == nil {
		f.shared[user] = map[string]bool{}
	}
	f.shared[user][owner] = true
}

// Unshare closes the folder of owner to user.
func (f *Folders) Unshare(owner, user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shared[user], owner)
}

// Of returns the grants of a user, or no grants if user is empty. It returns an error for a
// name that cannot name a folder. No name can widen a grant.
func (f *Folders) Of(user string) ([]session.Grant, error) {
	if user == "" {
		return nil, nil
	}
	f.mu.Lock()
	owners := append([]string{user}, slices.Sorted(maps.Keys(f.shared[user]))...)
	f.mu.Unlock()
	var grants []session.Grant
	for _, owner := range owners {
		folder, err := folderOf(owner)
		if err != nil {
			return nil, err
		}
		grants = append(grants, session.Grant{Resource: folder})
	}
	return grants, nil
}

type userKey struct{}

// WithUser returns r with the user in its context, where Grants finds it: for
// frameworks that keep the user elsewhere.
func WithUser(r *http.Request, user string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), userKey{}, user))
}

// UserOf returns the user of WithUser, or "".
func UserOf(r *http.Request) string {
	user, _ := r.Context().Value(userKey{}).(string)
	return user
}

// Grants returns the grants of the user of WithUser.
func (f *Folders) Grants(r *http.Request) ([]session.Grant, error) { return f.Of(UserOf(r)) }
