// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// TestAnswersThatAreNotHTTP: net/http quotes them, and what a broken proxy hands on may be
// the secret.
func TestAnswersThatAreNotHTTP(t *testing.T) {
	const canary = "CanaryOfTheSecret"
	for why, raw := range map[string]string{
		"the body alone":             `{"SecretString": "` + canary + `"}`,
		"the body for a status line": canary + "\r\n\r\n",
		"the body for a header":      "HTTP/1.1 200 OK\r\n" + `{"SecretString" "` + canary + `"}` + "\r\n\r\n",
		"nonsense for the status":    "HTTP/1.1 " + canary + "\r\n\r\n",
		"nonsense for the length":    "HTTP/1.1 200 OK\r\nContent-Length: " + canary + "\r\n\r\n",
		"nonsense for the encoding":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + canary + "\r\n\r\n",
	} {
		t.Run(why, func(t *testing.T) {
			client := secretsmanager.New(secretsmanager.Options{
				Region: "us-east-1", BaseEndpoint: aws.String("http://" + answering(t, raw)),
				Credentials: aws.CredentialsProviderFunc(credentials), RetryMaxAttempts: 1,
			})
			_, err := awssecrets.New(t.Context(), awssecrets.Secret(client, secretName), awssecrets.Options{})
			checkOnly(t, err, keys.ErrUnavailable)
			checkSilent(t, err, canary)
		})
	}
}

// answering returns the address of a server that says raw and hangs up.
func answering(t *testing.T, raw string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 1<<16)
			_, _ = connection.Read(request)
			_, _ = io.WriteString(connection, raw)
			connection.Close()
		}
	}()
	return listener.Addr().String()
}

// TestAnswersToProvidersOfCredentials that cannot be read may have a session token in them.
func TestAnswersToProvidersOfCredentials(t *testing.T) {
	const canary = "TokenOfTheCaller"
	cause := &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: &smithy.DeserializationError{
		Err: errors.New("bad"), Snapshot: []byte("<SessionToken>" + canary + "</SessionToken>"),
	}}
	client := secretsmanager.New(secretsmanager.Options{
		Region:      "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, cause }),
		Retryer:     aws.NopRetryer{},
	})
	_, err := awssecrets.New(t.Context(), awssecrets.Secret(client, secretName), awssecrets.Options{})
	checkOnly(t, err, keys.ErrUnavailable)
	checkSilent(t, err, canary)
	var unreadable *smithy.DeserializationError
	if errors.As(err, &unreadable) {
		t.Error("the answer is behind the error")
	}
}

// checkSilent looks for a text in an error, and in what the SDK has behind it.
func checkSilent(t *testing.T, err error, text string) {
	t.Helper()
	var operation *smithy.OperationError
	errors.As(err, &operation)
	for _, printed := range []string{fmt.Sprintf("%v %+v", err, err), fmt.Sprint(operation)} {
		if strings.Contains(printed, text) {
			t.Errorf("it says %s", strings.ReplaceAll(printed, text, "*"+text+"*"))
		}
	}
}

// TestJSONAroundAKey: what is not quite a JSON object is not taken for a bare key, because
// its other members would not count.
func TestJSONAroundAKey(t *testing.T) {
	object := pairJSON("K9", keyA)
	for why, value := range map[string]string{
		"encoded twice, as some tools do": fmt.Sprintf("%q", object),
		"in an array":                     "[" + object + "]",
		"two byte order marks":            "\ufeff\ufeff" + object,
		"a zero byte":                     "\x00" + object,
		"a space without width":           "\u200b" + object,
	} {
		m := &memory{values: []string{value}}
		_, err := awssecrets.New(t.Context(), awssecrets.Secret(m, secretName), awssecrets.Options{KeyPairID: "K1"})
		if !errors.Is(err, keys.ErrMalformedKey) {
			t.Errorf("%s: got %v", why, err)
		}
	}
}

// TestPreviousIsReadAgain where it was denied, which may have been an expired token.
func TestPreviousIsReadAgain(t *testing.T) {
	for _, code := range []string{"AccessDeniedException", "ExpiredTokenException", "ThrottlingException"} {
		d := &denyingPrevious{&memory{values: []string{pairJSON("K1", keyA), pairJSON("K2", keyB)}}, &smithy.GenericAPIError{Code: code}}
		source := newSource(t, awssecrets.Secret(d, secretName), awssecrets.Options{})
		d.err = nil
		refresh(t, source)
		if ids := source.Trusted().IDs(); len(ids) != 2 {
			t.Errorf("%s: trusted are %v", code, ids)
		}
	}
}

// denyingPrevious fails where AWSPREVIOUS is asked for.
type denyingPrevious struct {
	*memory
	err error
}

func (d *denyingPrevious) GetSecretValue(ctx context.Context, input *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if *input.VersionStage == "AWSPREVIOUS" && d.err != nil {
		return nil, d.err
	}
	return d.memory.GetSecretValue(ctx, input, o...)
}
