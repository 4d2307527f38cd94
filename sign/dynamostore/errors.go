// SPDX-License-Identifier: Apache-2.0

package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/smithy-go"
)

// An sdkError is an error of the AWS SDK. Its text has only parts that are known to be harmless:
// an answer about a wrong request signature repeats the session token, for example. errors.As
// finds the SDK's error. There is no Unwrap, so code that prints a chain of errors does not
// print that one.
type sdkError struct {
	text  string
	cause *error // a pointer, because fmt does not follow it
}

// Error returns the code and the advice.
func (e *sdkError) Error() string { return e.text }

// As looks for a type in the SDK's error.
func (e *sdkError) As(target any) bool { return errors.As(*e.cause, target) }

// failed returns the error for err, which the client returned.
func failed(ctx context.Context, operation string, err error) error {
	if end := ctx.Err(); end != nil {
		return fmt.Errorf("dynamostore: %s: the context ended before DynamoDB answered: %w", operation, end)
	}
	return fmt.Errorf("dynamostore: %s: %w", operation, &sdkError{explain(err), &err})
}

// advice says what helps, by the code of an answer.
//
// Source: "Error handling with DynamoDB",
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
var advice = map[string]string{
	"AccessDeniedException":                  "allow dynamodb:PutItem for the table",
	"ProvisionedThroughputExceededException": "the table has too little write capacity: use on-demand capacity",
	"RequestLimitExceeded":                   "too many requests for the account",
	"ResourceNotFoundException":              "there is no such table in the Region of the client, or it is not active yet",
	"ThrottlingException":                    "too many requests for the table",
	"ValidationException":                    `the table needs the partition key "name" of type S, and no sort key`,
}

// codeForm is the form of a code.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)

// explain returns the harmless parts of an SDK's error, and what helps.
func explain(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		var operation *smithy.OperationError
		if errors.As(err, &operation) {
			return "no answer from DynamoDB: check the network, and the client's credentials, Region and endpoint"
		}
		return "the client failed with an error that is not from the AWS SDK"
	}
	text := "DynamoDB answered with an error without a code"
	if code := api.ErrorCode(); codeForm.MatchString(code) {
		text = "DynamoDB answered " + code
	}
	if help, ok := advice[api.ErrorCode()]; ok {
		text += ": " + help
	}
	var response interface{ ServiceRequestID() string }
	if errors.As(err, &response) && codeForm.MatchString(response.ServiceRequestID()) {
		text += " (request ID " + response.ServiceRequestID() + ")"
	}
	return text
}
