// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// outages are the ways in which there are no keys.
var outages = []struct {
	name, why string
	answer    func(t *testing.T, w *world) http.HandlerFunc
}{
	{"500", "the fault is Cognito's", answers(500, "")},
	{"500 with keys", "what a failure says is not to be believed", func(t *testing.T, w *world) http.HandlerFunc { return answer(500, w.keySet(t)) }},
	{"404", "there is no such pool", answers(404, "{}")},
	{"429", "there were too many requests", answers(429, "")},
	{"204", "it says that there is nothing", answers(204, "")},
	{"garbage", "a captive portal has such pages", answers(200, "<html>")},
	{"empty", "the connection ended early", answers(200, "")},
	{"null", "that is no key set", answers(200, "null")},
	{"no keys", "a set without keys would refuse everybody", answers(200, `{"keys":[]}`)},
	{"keys of another kind", "nothing verifies RS256 with them", answers(200, `{"keys":[`+ecKey+`,{"kty":"oct","k":"AAAA","kid":"a"},{"kty":"new","kid":"b"},1,{}]}`)},
	{"keys without kid", "no token names them", alteredKeys(func(key map[string]any) { delete(key, "kid") })},
	{"small keys", "1,024 bits can be factored", alteredKeys(func(key map[string]any) { key["n"] = key["n"].(string)[:171] })},
	{"large keys", "each verification would take long", alteredKeys(func(key map[string]any) { key["n"] = strings.Repeat("_", 800) })},
	{"cut", "the connection ended early", answers(200, `{"keys":[`+ecKey)},
	{"too long", "a key set is not as long as that", func(t *testing.T, w *world) http.HandlerFunc {
		return answer(200, w.keySet(t)+strings.Repeat(" ", 256<<10))
	}},
	{"redirect", "Cognito has none", func(t *testing.T, w *world) http.HandlerFunc {
		elsewhere := answer(200, w.keySet(t))
		return func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				elsewhere(rw, r)
				return
			}
			http.Redirect(rw, r, "/elsewhere", http.StatusFound)
		}
	}},
	{"broken connection", "it ends without an answer", func(*testing.T, *world) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	}},
}

// ecKey is the example of RFC 7517, appendix A.1.
const ecKey = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"ec"}`

func answers(status int, body string) func(*testing.T, *world) http.HandlerFunc {
	return func(*testing.T, *world) http.HandlerFunc { return answer(status, body) }
}

// alteredKeys answers the issuer's keys, with all altered.
func alteredKeys(alter func(key map[string]any)) func(*testing.T, *world) http.HandlerFunc {
	return func(t *testing.T, w *world) http.HandlerFunc {
		set := w.keys(t)
		for _, key := range set["keys"] {
			alter(key)
		}
		return answer(200, marshal(t, set))
	}
}

// keySet returns the issuer's key set.
func (w *world) keySet(t *testing.T) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	w.Issuer.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", w.URL()+"/.well-known/jwks.json", nil))
	return recorder.Body.String()
}

// keys returns the members of the keys in it.
func (w *world) keys(t *testing.T) map[string][]map[string]any {
	t.Helper()
	var set map[string][]map[string]any
	if err := json.Unmarshal([]byte(w.keySet(t)), &set); err != nil {
		t.Fatal(err)
	}
	return set
}
