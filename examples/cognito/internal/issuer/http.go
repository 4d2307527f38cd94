// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// maxForm is the longest body of a sign-in, in bytes.
const maxForm = 4096

func (i *Issuer) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+i.url.Path+"/.well-known/openid-configuration", i.serveConfiguration)
	mux.HandleFunc("GET "+i.url.Path+"/.well-known/jwks.json", i.serveKeys)
	mux.HandleFunc("POST "+i.url.Path+"/token", i.serveToken)
	return mux
}

// ServeHTTP answers requests that came over loopback for the host of the issuer's URL:
// another host is a name that somebody's DNS points at this machine.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !overLoopback(r):
		http.Error(w, "this issuer is for loopback alone", http.StatusForbidden)
	case r.Host != i.url.Host:
		http.Error(w, "this issuer is "+i.URL(), http.StatusMisdirectedRequest)
	default:
		i.mux.ServeHTTP(w, r)
	}
}

// overLoopback reports whether the connection ends at a loopback address. Requests
// without a connection are those of tests.
func overLoopback(r *http.Request) bool {
	switch address := r.Context().Value(http.LocalAddrContextKey).(type) {
	case nil:
		return true
	case *net.TCPAddr:
		return address.IP.IsLoopback()
	default:
		return false
	}
}

func (i *Issuer) serveConfiguration(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                i.URL(),
		"jwks_uri":                              i.URL() + "/.well-known/jwks.json",
		"token_endpoint":                        i.URL() + "/token",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"public"},
	})
}

func (i *Issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, i.keySet())
}

// tokens is the answer to a sign-in (RFC 6749, section 5.1).
type tokens struct {
	AccessToken string `json:"access_token"`
	IDToken     string `json:"id_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
}

// serveToken takes user and password from a form, and never from the query, which ends
// up in logs.
func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		writeError(w, http.StatusBadRequest, "invalid_request")
		return
	}
	u, ok := i.signIn(r.PostForm.Get("user"), r.PostForm.Get("password"))
	if !ok {
		writeError(w, http.StatusUnauthorized, "invalid_grant")
		return
	}
	access, err := i.Token(UseAccess, u.Username, nil)
	if err != nil {
		writeError(w, http.StatusInternalServerError, "server_error")
		return
	}
	id, err := i.Token(UseID, u.Username, nil)
	if err != nil {
		writeError(w, http.StatusInternalServerError, "server_error")
		return
	}
	writeJSON(w, http.StatusOK, tokens{
		AccessToken: access, IDToken: id, TokenType: "Bearer", ExpiresIn: int64(i.lifetime / time.Second),
	})
}

func writeError(w http.ResponseWriter, status int, code string) {
	writeJSON(w, status, map[string]string{"error": code})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whose failure the client notices
}
