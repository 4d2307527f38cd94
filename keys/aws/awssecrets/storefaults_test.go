// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// rotate calls the methods in the order of a rotation.
func rotate(ctx context.Context, store *awssecrets.Store) error {
	next, err := store.Next(ctx)
	if err == nil && next == nil {
		next, err = store.Create(ctx)
	}
	if err != nil {
		return err
	}
	return store.Switch(ctx, next, "K2")
}

// TestStoreFaults has each operation fail.
func TestStoreFaults(t *testing.T) {
	tests := []struct {
		code string
		want error
	}{
		{"AccessDeniedException", keys.ErrAccessDenied},
		{"ThrottlingException", keys.ErrThrottled},
		{"InternalServiceError", keys.ErrUnavailable},
		{"ResourceNotFoundException", keys.ErrKeyNotFound},
	}
	for _, target := range []string{awslocal.SecretsDescribe, awslocal.SecretsGetValue, awslocal.SecretsPutValue, awslocal.SecretsUpdateStage} {
		for _, tt := range tests {
			l := newLocal(t, 1)
			l.secrets.Put(secretName, pairJSON("K1", keyA))
			l.server.Fail(target, always, &awslocal.Error{Type: tt.code, Message: "Failed."})
			err := rotate(t.Context(), newStore(t, l.sm, awssecrets.StoreOptions{}))
			checkStoreError(t, err, tt.want, tt.code)
			if _, operation, _ := strings.Cut(target, "."); !strings.Contains(fmt.Sprint(err), operation) {
				t.Errorf("%s: the error does not name it: %v", operation, err)
			}
			if id, _ := newSourceAfter(t, l, target).Pair(); id != "K1" {
				t.Errorf("%s, %s: the secret has %s", target, tt.code, id)
			}
		}
	}
}

const always = 1000

// newSourceAfter reads the secret when the fault has passed.
func newSourceAfter(t *testing.T, l *local, target string) *awssecrets.Source {
	t.Helper()
	l.server.Recover(target)
	return newSource(t, l.secret(), awssecrets.Options{})
}

// TestLostAnswers: the client of the SDK repeats a request that the service has carried out. Each
// of the two moves of a label can be such a request.
func TestLostAnswers(t *testing.T) {
	for _, target := range []string{awslocal.SecretsDescribe, awslocal.SecretsGetValue, awslocal.SecretsPutValue, awslocal.SecretsUpdateStage} {
		for lost := range 3 {
			l := newLocal(t, 2)
			l.secrets.KeepPending(true)
			l.secrets.Put(secretName, pairJSON("K1", keyA))
			lose := func(got string) {
				if got == target && l.server.Count(target) == lost {
					l.server.FailLate(target, 1, &awslocal.Error{Status: 500, Type: "InternalServiceError"})
				}
			}
			lose(target)
			l.server.After(lose)
			if err := rotate(t.Context(), newStore(t, l.sm, awssecrets.StoreOptions{})); err != nil {
				t.Errorf("%s: %v", target, err)
			}
			l.server.After(nil)
			if id, _ := newSource(t, l.secret(), awssecrets.Options{}).Pair(); id != "K2" {
				t.Errorf("%s: the secret has %s", target, id)
			}
			if labeled(t, l.sm)[awslocal.StagePending] != "" {
				t.Errorf("%s: a version is still AWSPENDING", target)
			}
		}
	}
}

// TestSwitchAgain: the version that an interrupted Switch has written is used, because Secrets
// Manager has a quota of versions.
func TestSwitchAgain(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	store := newStore(t, l.sm, awssecrets.StoreOptions{})
	l.server.Fail(awslocal.SecretsUpdateStage, 1, &awslocal.Error{Type: "AccessDeniedException"})
	checkStoreError(t, rotate(t.Context(), store), keys.ErrAccessDenied, "UpdateSecretVersionStage")
	if err := rotate(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	if n := l.server.Count(awslocal.SecretsPutValue); n != 2 {
		t.Errorf("%d versions were written, want one by Create and one by Switch", n)
	}
}

// TestSwitchIsCanceled: the error names the request that may have been carried out.
func TestSwitchIsCanceled(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.server.Before(func(target string) {
		if target == awslocal.SecretsUpdateStage {
			cancel()
		}
	})
	l.server.Delay(awslocal.SecretsUpdateStage, 1, time.Hour)
	err := rotate(ctx, newStore(t, l.sm, awssecrets.StoreOptions{}))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "UpdateSecretVersionStage") {
		t.Errorf("got error %v", err)
	}
}

// quoting is a client whose errors quote the secret that was to be written.
type quoting struct {
	*secretsmanager.Client
	cancel context.CancelFunc
}

func (q quoting) PutSecretValue(_ context.Context, input *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if q.cancel != nil {
		q.cancel()
	}
	return nil, &smithy.OperationError{ServiceID: "Secrets Manager", OperationName: "PutSecretValue", Err: &smithyhttp.ResponseError{Err: &smithy.GenericAPIError{
		Code: "ValidationException", Message: "1 validation error detected: Value '" + *input.SecretString + "' at 'secretString' failed to satisfy constraint",
	}}}
}

// TestQuotedSecrets: no error repeats what the service quotes of a secret, and none leads to it.
func TestQuotedSecrets(t *testing.T) {
	for _, isEnded := range []bool{false, true} {
		l := newLocal(t, 1)
		l.secrets.Put(secretName, pairJSON("K1", keyA))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		client, want, says := quoting{Client: l.sm}, keys.ErrKeyNotFound, "ValidationException"
		if isEnded {
			client.cancel, want, says = cancel, context.Canceled, "PutSecretValue"
		}
		_, err := newStore(t, client, awssecrets.StoreOptions{}).Create(ctx)
		if !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
			t.Errorf("got error %v", err)
		}
		var api smithy.APIError
		if errors.As(err, &api) || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "PRIVATE KEY") {
			t.Error("the secret is in the error, or behind it")
		}
	}
}

// TestIncompleteAnswers of a client that is not AWS's.
func TestIncompleteAnswers(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	for why, client := range map[string]awssecrets.StoreAPI{
		"no description": incomplete{StoreAPI: l.sm, describe: true},
		"no value":       incomplete{StoreAPI: l.sm, get: true},
		"no version ID":  incomplete{StoreAPI: l.sm, put: true},
	} {
		err := rotate(t.Context(), newStore(t, client, awssecrets.StoreOptions{}))
		if !errors.Is(err, keys.ErrUnavailable) {
			t.Errorf("%s: got error %v", why, err)
		}
	}
}

// incomplete is a client whose answers are empty.
type incomplete struct {
	awssecrets.StoreAPI
	describe, get, put bool
}

func (c incomplete) DescribeSecret(ctx context.Context, input *secretsmanager.DescribeSecretInput, o ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	if c.describe {
		return nil, nil
	}
	return c.StoreAPI.DescribeSecret(ctx, input, o...)
}

func (c incomplete) GetSecretValue(ctx context.Context, input *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if c.get {
		return nil, nil
	}
	return c.StoreAPI.GetSecretValue(ctx, input, o...)
}

func (c incomplete) PutSecretValue(ctx context.Context, input *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if c.put {
		return &secretsmanager.PutSecretValueOutput{}, nil
	}
	return c.StoreAPI.PutSecretValue(ctx, input, o...)
}

// TestStoreArguments: mistakes in calls say what to write.
func TestStoreArguments(t *testing.T) {
	l := newLocal(t, 1)
	var noClient *secretsmanager.Client
	for _, tt := range []struct {
		client   awssecrets.StoreAPI
		name     string
		want     string
		mustHide bool
	}{
		{nil, secretName, "the client is nil", false},
		{noClient, secretName, "the client is nil", false},
		{l.sm, "", "pass its name or ARN", false},
		{l.sm, pemOf(keyA), "pass its name or ARN", true},
	} {
		store, err := awssecrets.NewStore(tt.client, tt.name, awssecrets.StoreOptions{})
		if store != nil || err == nil || !strings.Contains(err.Error(), tt.want) || tt.mustHide && strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("got %v, %v, want an error with %q", store, err, tt.want)
		}
	}
	good := newStore(t, l.sm, awssecrets.StoreOptions{})
	for _, store := range []*awssecrets.Store{nil, {}} {
		if err := rotate(t.Context(), store); err == nil || !strings.Contains(err.Error(), "make the store with NewStore") {
			t.Errorf("got error %v", err)
		}
		if err := store.Switch(t.Context(), keyB.Public(), "K2"); err == nil {
			t.Error("Switch: no error")
		}
	}
	var noContext context.Context
	if err := rotate(noContext, good); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("got error %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := rotate(ended, good); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

// passwordClient is a client with a secret that fmt would print.
type passwordClient struct {
	*secretsmanager.Client
	password string
}

// TestStorePrintsNothing, also within other types.
func TestStorePrintsNothing(t *testing.T) {
	store := newStore(t, passwordClient{newLocal(t, 1).sm, "SecretOfTheClient"}, awssecrets.StoreOptions{})
	type application struct{ store *awssecrets.Store }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{store, reflect.ValueOf(store).Elem().Interface(), application{store}, &application{store}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "SecretOfTheClient") || strings.Contains(text, fmt.Sprintf("%x", "SecretOfTheClient")) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	if got, want := fmt.Sprintf("%v %d %v", store, store, &awssecrets.Store{}), "awssecrets.Store(secret prod/cdn) awssecrets.Store(secret prod/cdn) awssecrets.Store(nothing)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStoreIsDropped: connections that end without an answer.
func TestStoreIsDropped(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	l.server.DropLate(awslocal.SecretsPutValue, 1)
	store := newStore(t, l.sm, awssecrets.StoreOptions{})
	_, err := store.Create(t.Context())
	checkStoreError(t, err, keys.ErrUnavailable, "PutSecretValue")
	if next, err := store.Next(t.Context()); next == nil || err != nil {
		t.Errorf("the pair is lost: %v", err)
	}
}
