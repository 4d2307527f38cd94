// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/sign/dynamostore"
)

// checkError checks what an error says, and that it keeps its secrets.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) {
			t.Errorf("a secret is in %s", text)
		}
	}
}

// use claims a name and saves a signature, and returns both errors.
func use(t *testing.T, store *dynamostore.Store) (claim, save error) {
	t.Helper()
	signature, claimed, claim := store.Claim(t.Context(), name, time.Minute)
	if claim != nil && (signature != nil || claimed) {
		t.Errorf("an error with %q, %t", signature, claimed)
	}
	return claim, store.Save(t.Context(), name, []byte(canary), time.Now().Add(time.Hour))
}

// TestAnswers: errors say what helps, by the code of the answer.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name, why, want string
		fail            func(service)
	}{
		{"no permission", "IAM", "AccessDeniedException: allow dynamodb:PutItem", func(s service) {
			s.server.Fail(awslocal.DynamoDBPutItem, always, &awslocal.Error{Type: "AccessDeniedException", Message: canary})
		}},
		{"throttled", "after all attempts", "ThrottlingException: too many requests", func(s service) {
			s.server.Fail(awslocal.DynamoDBPutItem, always, &awslocal.Error{Type: "ThrottlingException", Message: canary})
		}},
		{"wrong signature", "the message repeats the session token", "DynamoDB answered InvalidSignatureException", func(s service) {
			s.server.Fail(awslocal.DynamoDBPutItem, always, &awslocal.Error{Type: "InvalidSignatureException", Message: canary})
		}},
		{"another key", "the table of another program", `the partition key "name"`, func(s service) { s.dynamoDB.CreateTable(table, "id") }},
		{"odd code", "a code has no spaces", "without a code", func(s service) {
			s.server.Fail(awslocal.DynamoDBPutItem, always, &awslocal.Error{Type: "Odd " + canary})
		}},
		{"not JSON", "a proxy answered", "dynamostore: ", func(s service) { s.server.Answer(awslocal.DynamoDBPutItem, always, 400, "<html>"+canary) }},
		{"no answer", "the connection is cut", "no answer from DynamoDB", func(s service) { s.server.Drop(awslocal.DynamoDBPutItem, always) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			tt.fail(s)
			claim, save := use(t, newStore(t, s, dynamostore.Options{}))
			checkError(t, claim, tt.want)
			checkError(t, save, tt.want)
			var operation *smithy.OperationError
			if !errors.As(claim, &operation) {
				t.Errorf("%s: errors.As does not find the SDK's error in %v", tt.why, claim)
			}
		})
	}
}

// TestNoTable: the name of the table, the Region or the account is wrong.
func TestNoTable(t *testing.T) {
	s := newService(t)
	store, err := dynamostore.New(newClient(s.endpoint), "other", dynamostore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	claim, save := use(t, store)
	checkError(t, claim, "there is no such table")
	checkError(t, save, "there is no such table")
	var notFound *types.ResourceNotFoundException
	if !errors.As(claim, &notFound) {
		t.Errorf("errors.As does not find the type in %v", claim)
	}
}

// TestNotSent: the client fails before it sends anything, or nobody listens.
func TestNotSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	for kind, change := range map[string]func(*dynamodb.Options){
		"no server": func(o *dynamodb.Options) { o.BaseEndpoint = aws.String("http://" + listener.Addr().String()) },
		"no Region": func(o *dynamodb.Options) { o.BaseEndpoint, o.Region = nil, "" },
		"no credentials": func(o *dynamodb.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, errors.New(canary)
			})
		},
	} {
		t.Run(kind, func(t *testing.T) {
			store, err := dynamostore.New(dynamodb.New(newClient("http://127.0.0.1:1").Options(), change), table, dynamostore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			claim, save := use(t, store)
			checkError(t, claim, "check the network, and the client's credentials, Region and endpoint")
			checkError(t, save, "check the network")
		})
	}
}

// own is an API that is not from the SDK.
type own struct{ err error }

func (o own) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, o.err
}

// TestOtherAPIs has the errors of wrappers and mocks.
func TestOtherAPIs(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"own", errors.New(canary), "not from the AWS SDK"},
		{"own end of time", fmt.Errorf("%s: %w", canary, context.DeadlineExceeded), "not from the AWS SDK"},
		{"bare", &types.ResourceNotFoundException{}, "there is no such table"},
		{"request ID", &awshttp.ResponseError{RequestID: "REQUEST1", ResponseError: &smithyhttp.ResponseError{Err: &types.ResourceNotFoundException{}}}, "active yet (request ID REQUEST1)"},
		{"odd request ID", &awshttp.ResponseError{RequestID: "a " + canary, ResponseError: &smithyhttp.ResponseError{Err: &types.ResourceNotFoundException{}}}, "active yet"},
		{"no item", &types.ConditionalCheckFailedException{}, "use a table that nothing else uses"},
		{"long code", &smithy.GenericAPIError{Code: canary + strings.Repeat("a", 100)}, "without a code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store, err := dynamostore.New(own{tt.err}, table, dynamostore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = store.Claim(t.Context(), name, time.Minute)
			checkError(t, err, tt.want)
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the context has not ended: %v", err)
			}
		})
	}
}
