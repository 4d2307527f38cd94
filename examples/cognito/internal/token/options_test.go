// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

func TestCognitoIssuer(t *testing.T) {
	tests := []struct{ name, region, pool, want string }{
		{"Virginia", "us-east-1", "us-east-1_Example", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example"},
		{"GovCloud", "us-gov-west-1", "us-gov-west-1_a1B2", "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_a1B2"},
		{"China", "cn-north-1", "cn-north-1_a1B2", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_a1B2"},
		{"other Region", "us-east-1", "eu-west-1_Example", ""},
		{"no Region in the pool", "us-east-1", "Example", ""},
		{"no name in the pool", "us-east-1", "us-east-1_", ""},
		{"path in the pool", "us-east-1", "us-east-1_a/../b", ""},
		{"long pool", "us-east-1", "us-east-1_" + strings.Repeat("a", 33), ""},
		{"empty", "", "", ""},
		{"Region is empty", "", "_Example", ""},
		{"host in the Region", "evil.example/us-east-1", "evil.example/us-east-1_Example", ""},
		{"line break", "us-east-1\n", "us-east-1\n_Example", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := token.CognitoIssuer(tt.region, tt.pool)
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if tt.want == "" {
				checkReason(t, err, token.ErrOptions)
				return
			}
			checkReason(t, err, nil)
			if _, err := token.New(t.Context(), token.Options{Issuer: got, AppClientID: "app"}); err != nil {
				t.Errorf("New: %v", err)
			}
		})
	}
}

func TestNew(t *testing.T) {
	const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example"
	tests := []struct {
		name, why string
		options   token.Options
		good      bool
	}{
		{"pool", "as Cognito has it", token.Options{Issuer: pool, AppClientID: "57cbishk4j24pabc1234567890"}, true},
		{"updated pool", "as Cognito has it for replicated pools", token.Options{Issuer: "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Example", AppClientID: "app"}, true},
		{"emulator", "nobody is on the way", token.Options{Issuer: "http://127.0.0.1:9229/local_pool", AppClientID: "app"}, true},
		{"emulator by name", "nobody is on the way", token.Options{Issuer: "http://localhost:9229/local_pool", AppClientID: "app"}, true},
		{"emulator over IPv6", "nobody is on the way", token.Options{Issuer: "http://[::1]:9229/local_pool", AppClientID: "app"}, true},
		{"most leeway", "five minutes are what others have", token.Options{Issuer: pool, AppClientID: "app", Leeway: 5 * time.Minute}, true},
		{"zero", "it accepts nobody's tokens", token.Options{}, false},
		{"no issuer", "it would accept everybody's tokens", token.Options{AppClientID: "app"}, false},
		{"no client", "it would accept every application's tokens", token.Options{Issuer: pool}, false},
		{"client with a space", "Cognito has none such", token.Options{Issuer: pool, AppClientID: "app "}, false},
		{"http", "who is on the way could replace the keys", token.Options{Issuer: "http://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example", AppClientID: "app"}, false},
		{"http, almost loopback", "anybody can have that name", token.Options{Issuer: "http://127.0.0.1.evil.example", AppClientID: "app"}, false},
		{"no scheme", "it is not a URL", token.Options{Issuer: "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example", AppClientID: "app"}, false},
		{"other scheme", "keys come over https", token.Options{Issuer: "file:///etc", AppClientID: "app"}, false},
		{"slash", "Cognito's iss has none, and the path would have two", token.Options{Issuer: pool + "/", AppClientID: "app"}, false},
		{"query", "the path of the keys would end up in it", token.Options{Issuer: pool + "?a=b", AppClientID: "app"}, false},
		{"empty query", "the path of the keys would end up in it", token.Options{Issuer: pool + "?", AppClientID: "app"}, false},
		{"fragment", "the path of the keys would end up in it", token.Options{Issuer: pool + "#", AppClientID: "app"}, false},
		{"password", "it is no place for one", token.Options{Issuer: "https://a:b@example.com", AppClientID: "app"}, false},
		{"too much leeway", "clocks are set better", token.Options{Issuer: pool, AppClientID: "app", Leeway: 6 * time.Minute}, false},
		{"leeway below zero", "nobody means that", token.Options{Issuer: pool, AppClientID: "app", Leeway: -1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.why == "" {
				t.Fatal("no reason")
			}
			_, err := token.New(t.Context(), tt.options)
			if tt.good {
				checkReason(t, err, nil)
				return
			}
			checkReason(t, err, token.ErrOptions)
		})
	}
}
