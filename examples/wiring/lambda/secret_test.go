// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// A secret is a Secrets Manager with one secret, without a network.
type secret struct {
	values []string // the current one last
	down   bool
}

// put adds a key pair, as a rotation does.
func (s *secret) put(t *testing.T, keyPairID string, key crypto.Signer) {
	t.Helper()
	pem, err := keys.MarshalPrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	s.values = append(s.values, fmt.Sprintf(`{"keyPairId": %q, "privateKey": %q}`, keyPairID, pem))
}

// GetSecretValue answers as the service does.
func (s *secret) GetSecretValue(_ context.Context, input *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	last := len(s.values) - 1
	if *input.VersionStage == "AWSPREVIOUS" {
		last--
	}
	switch {
	case s.down:
		return nil, &types.InternalServiceError{}
	case last < 0:
		return nil, &types.ResourceNotFoundException{}
	}
	id := fmt.Sprint(last)
	return &secretsmanager.GetSecretValueOutput{SecretString: &s.values[last], VersionId: &id}, nil
}

// TestFollows: an invocation after hours signs with the new key, and one while Secrets
// Manager fails signs with the key that it has, and says so.
func TestFollows(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	synctest.Test(t, func(t *testing.T) {
		var s secret
		s.put(t, "K1", testkeys.P256())
		signer, source, err := newSigner(t.Context(), &s, "prod/cdn")
		if err != nil {
			t.Fatal(err)
		}
		bare, err := newFunction(signer, &demo.Folders{})
		if err != nil {
			t.Fatal(err)
		}
		app := following(source, signer, bare)
		for _, step := range []struct {
			why     string
			prepare func()
			want    string
		}{
			{"the first invocation", func() {}, "K1"},
			{"a rotation while the process was frozen", func() { s.put(t, "K2", testkeys.OtherP256()); time.Sleep(10 * time.Hour) }, "K2"},
			{"Secrets Manager fails", func() { s.down = true; time.Sleep(10 * time.Hour) }, "K2"},
		} {
			step.prepare()
			var event request
			event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "alice"}},
			}
			answer, err := app(t.Context(), event)
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: status %d, %v", step.why, answer.StatusCode, err)
			}
			if !slices.ContainsFunc(answer.Cookies, func(c string) bool { return strings.HasPrefix(c, "CloudFront-Key-Pair-Id="+step.want+";") }) {
				t.Errorf("%s: no cookie of %s", step.why, step.want)
			}
		}
	})
	if got := logged.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, keys.ErrUnavailable.Error()) {
		t.Errorf("the log says %q", got)
	}
}
