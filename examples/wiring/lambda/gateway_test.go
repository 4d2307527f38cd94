// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// gateway sends requests to the function as API Gateway does. It stands for the
// authorizer, too, and believes every bearer token to be a user.
func gateway(t *testing.T, app function) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event := request{RouteKey: r.Method + " " + r.URL.Path, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery}
		event.RequestContext.DomainName = r.Host
		event.RequestContext.HTTP.Method = r.Method
		for _, cookie := range r.Cookies() {
			event.Cookies = append(event.Cookies, cookie.String())
		}
		if user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": user}},
			}
		}
		answer, err := app(r.Context(), event)
		if err != nil {
			t.Error(err)
			answer.StatusCode = http.StatusInternalServerError
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		for _, cookie := range answer.Cookies {
			w.Header().Add("Set-Cookie", cookie)
		}
		w.WriteHeader(answer.StatusCode)
		io.WriteString(w, answer.Body)
	})
}

// A script is the page's script: it sends the token of a user to the API.
type script struct {
	http.RoundTripper
	user string
}

// RoundTrip adds the token.
func (s script) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.user != "" && r.URL.Host == "app.example.com" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+s.user)
	}
	return s.RoundTripper.RoundTrip(r)
}

// become makes the script send the token of another user.
func become(c *http.Client, user string) {
	s, ok := c.Transport.(script)
	if !ok {
		s.RoundTripper = c.Transport
	}
	s.user = user
	c.Transport = s
}
