// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
)

func TestApp(t *testing.T) { wiringtest.Test(t, newApp) }

func TestTokens(t *testing.T) { wiringtest.TestTokens(t, tokenCookie, newApp) }

func TestUserOf(t *testing.T) {
	wiringtest.TestUserOf(t, tokenCookie, func(secret []byte, now func() time.Time, r *http.Request) string {
		return newTokens(secret, now).userOf(r)
	})
}
