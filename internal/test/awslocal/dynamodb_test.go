// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// TestDynamoDB has every rule of PutItem. proof/controlplanes compares most of the answers with
// an emulator by other people.
func TestDynamoDB(t *testing.T) {
	var server awslocal.Server
	dynamoDB := awslocal.NewDynamoDB(&server)
	dynamoDB.CreateTable("t", "name")
	const condition = `"ConditionExpression": "attribute_not_exists(#a) OR #b <= :c", "ExpressionAttributeNames": {"#a": "name", "#b": "until"}, `
	for _, tt := range []struct {
		name, body, want string
	}{
		{"new", `"Item": {"name": {"S": "a"}, "until": {"N": "5"}}`, "ok"},
		{"replaced", `"Item": {"name": {"S": "a"}, "until": {"N": "10"}, "x": {"B": "AP8="}}`, "ok"},
		{"less, as numbers", condition + `"ExpressionAttributeValues": {":c": {"N": "9"}}, "Item": {"name": {"S": "a"}}`, "ConditionalCheckFailedException"},
		{"with the item", condition + `"ReturnValuesOnConditionCheckFailure": "ALL_OLD", "ExpressionAttributeValues": {":c": {"N": "9"}}, "Item": {"name": {"S": "a"}}`, "ConditionalCheckFailedException map[name:map[S:a] until:map[N:10] x:map[B:AP8=]]"},
		{"another type", condition + `"ExpressionAttributeValues": {":c": {"S": "99"}}, "Item": {"name": {"S": "a"}}`, "ConditionalCheckFailedException"},
		{"equal", condition + `"ExpressionAttributeValues": {":c": {"N": "10.0"}}, "Item": {"name": {"S": "a"}, "until": {"N": "20"}}`, "ok"},
		{"no item", condition + `"ExpressionAttributeValues": {":c": {"N": "0"}}, "Item": {"name": {"S": "b"}}`, "ok"},
		{"an item without the attribute", condition + `"ExpressionAttributeValues": {":c": {"N": "99"}}, "Item": {"name": {"S": "b"}}`, "ConditionalCheckFailedException"},

		{"no table", `"TableName": "u", "Item": {"name": {"S": "a"}}`, "ResourceNotFoundException"},
		{"no key", `"Item": {"until": {"N": "5"}}`, "ValidationException"},
		{"a key of another type", `"Item": {"name": {"N": "5"}}`, "ValidationException"},
		{"an empty key", `"Item": {"name": {"S": ""}}`, "ValidationException"},
		{"no number", `"Item": {"name": {"S": "c"}, "until": {"N": "a"}}`, "ValidationException"},
		{"a fraction", `"Item": {"name": {"S": "c"}, "until": {"N": "1/2"}}`, "ValidationException"},
		{"no Base64", `"Item": {"name": {"S": "c"}, "x": {"B": "*"}}`, "SerializationException"},
		{"two types", `"Item": {"name": {"S": "c"}, "x": {"S": "1", "N": "1"}}`, "ValidationException"},
		{"a type that is not supported here", `"Item": {"name": {"S": "c"}, "x": {"Q": "1"}}`, "ValidationException"},
		{"a condition that is not supported here", `"ConditionExpression": "size(#a) > :c", "Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"a name that is not defined", `"ConditionExpression": "attribute_not_exists(#a)", "Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"a value that is not defined", condition + `"Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"a name that is not used", `"ConditionExpression": "attribute_not_exists(#a)", "ExpressionAttributeNames": {"#a": "name", "#b": "until"}, "Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"a value that is not used", `"ConditionExpression": "attribute_not_exists(#a)", "ExpressionAttributeNames": {"#a": "name"}, "ExpressionAttributeValues": {":c": {"N": "1"}}, "Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"names without a condition", `"ExpressionAttributeNames": {"#a": "name"}, "Item": {"name": {"S": "c"}}`, "ValidationException"},
		{"no JSON", `"Item": 5`, "SerializationException"},
	} {
		status, answer := send(t, &server, "dynamodb", awslocal.DynamoDBPutItem, `{"TableName": "t", `+tt.body+`}`)
		got := "ok"
		if status != http.StatusOK {
			got = answer["__type"].(string)
		}
		if item := answer["Item"]; item != nil {
			got += fmt.Sprint(" ", item)
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := fmt.Sprint(dynamoDB.Items("t")); got != "map[a:map[name:map[S:a] until:map[N:20]] b:map[name:map[S:b]]]" {
		t.Errorf("the table has %s", got)
	}
	dynamoDB.Put("t", awslocal.Item{"name": {"S": "a"}, "until": {"N": "30"}})
	if got := dynamoDB.Items("t")["a"]["until"]["N"]; got != "30" {
		t.Errorf("Put: %s", got)
	}
}

// TestDynamoDBProtocol: each service has its version of the protocol, and its name in signatures.
func TestDynamoDBProtocol(t *testing.T) {
	var server awslocal.Server
	awslocal.NewDynamoDB(&server).CreateTable("t", "name")
	for service, want := range map[string]string{"kms": "UnknownOperationException", "dynamodb": "ValidationException"} {
		if _, answer := send(t, &server, service, awslocal.DynamoDBPutItem, `{"TableName": "t"}`); answer["__type"] != want {
			t.Errorf("%s: got %v", service, answer)
		}
	}
}
