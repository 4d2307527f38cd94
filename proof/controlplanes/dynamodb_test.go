// SPDX-License-Identifier: Apache-2.0

package controlplanes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/sivchari/kumo"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

func newTables(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{BaseEndpoint: &endpoint, Region: "us-east-1", Retryer: aws.NopRetryer{}, Credentials: newAccount(endpoint).Options().Credentials})
}

// An attribute is a value of an item.
type attribute = types.AttributeValue

func text(value string) attribute   { return &types.AttributeValueMemberS{Value: value} }
func number(value string) attribute { return &types.AttributeValueMemberN{Value: value} }
func binary(value string) attribute { return &types.AttributeValueMemberB{Value: []byte(value)} }

// put puts an item with attributes: names, and values in their turn.
func put(pairs ...any) *dynamodb.PutItemInput {
	item := map[string]attribute{}
	for i := 0; i < len(pairs); i += 2 {
		item[pairs[i].(string)] = pairs[i+1].(attribute)
	}
	return &dynamodb.PutItemInput{TableName: aws.String("table"), Item: item}
}

// claim puts an item unless there is one after now. It returns the item in the way.
func claim(now attribute, pairs ...any) *dynamodb.PutItemInput {
	return when(put(pairs...), "attribute_not_exists(#name) OR #until <= :now", map[string]string{"#name": "name", "#until": "until"}, map[string]attribute{":now": now})
}

func when(input *dynamodb.PutItemInput, condition string, names map[string]string, values map[string]attribute) *dynamodb.PutItemInput {
	input.ConditionExpression, input.ExpressionAttributeNames, input.ExpressionAttributeValues = &condition, names, values
	input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	return input
}

// into names another table.
func into(table string, input *dynamodb.PutItemInput) *dynamodb.PutItemInput {
	input.TableName = &table
	return input
}

// putOutcome describes what PutItem answers, with the attributes of the item in the way.
func putOutcome(ctx context.Context, client *dynamodb.Client, input *dynamodb.PutItemInput) string {
	_, err := client.PutItem(ctx, input)
	text := outcome("put", err)
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		var names []string
		for name := range refused.Item {
			names = append(names, name)
		}
		slices.Sort(names)
		text += fmt.Sprint(" ", names)
	}
	return text
}

const (
	putItemPage     = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html"
	expressionsPage = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html"
	typesPage       = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"
)

// TestKumoDynamoDB makes the same calls to both, in one table each.
func TestKumoDynamoDB(t *testing.T) {
	var server awslocal.Server
	awslocal.NewDynamoDB(&server).CreateTable("table", "name")
	listener := httptest.NewServer(&server)
	defer listener.Close()
	emulator := kumo.NewServer()
	defer emulator.Close()
	ours, theirs := newTables(listener.URL), newTables(emulator.URL)
	_, err := theirs.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("table"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("name"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("name"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}

	named := map[string]string{"#name": "name"}
	for _, tt := range []struct {
		name   string
		input  *dynamodb.PutItemInput
		ours   string
		theirs string // "": the same
		source string // of ours, if they differ
	}{
		{"claim a new name", claim(number("0"), "name", text("a"), "until", number("10")), "put", "", ""},
		{"claim it again", claim(number("9"), "name", text("a"), "until", number("20")), "400 ConditionalCheckFailedException [name until]", "400 ConditionalCheckFailedException []", putItemPage},
		{"claim it at its end", claim(number("10"), "name", text("a"), "until", number("20")), "put", "", ""},
		{"claim it at another number of digits", claim(number("9"), "name", text("a"), "until", number("30")), "400 ConditionalCheckFailedException [name until]", "400 ConditionalCheckFailedException []", putItemPage},
		{"compare with text", claim(text("99"), "name", text("a"), "until", number("30")), "400 ConditionalCheckFailedException [name until]", "400 ConditionalCheckFailedException []", putItemPage},
		{"replace it", put("name", text("a"), "until", number("100"), "signature", binary("\x00\xff")), "put", "", ""},
		{"claim what was replaced", claim(number("99"), "name", text("a"), "until", number("30")), "400 ConditionalCheckFailedException [name signature until]", "400 ConditionalCheckFailedException []", putItemPage},
		{"claim it later", claim(number("1767323045851"), "name", text("a"), "until", number("1767323046000")), "put", "", ""},
		{"another case", claim(number("0"), "name", text("A"), "until", number("10")), "put", "", ""},
		{"an item without a time", put("name", text("b")), "put", "", ""},
		{"claim an item without a time", claim(number("99"), "name", text("b")), "400 ConditionalCheckFailedException [name]", "400 ConditionalCheckFailedException []", putItemPage},
		{"no table", into("other", put("name", text("a"))), "400 ResourceNotFoundException", "", ""},
		{"no key", put("until", number("1")), "400 ValidationException", "", ""},
		{"a key of another type", put("name", number("1")), "400 ValidationException", "", ""},
		{"an empty key", put("name", text("")), "400 ValidationException", "put", putItemPage},
		{"an invalid number", put("name", text("a"), "until", number("a")), "400 ValidationException", "put", typesPage},
		{"a name that is not defined", when(put("name", text("a")), "attribute_not_exists(#name)", nil, nil), "400 ValidationException", "put", expressionsPage},
		{"a value that is not defined", when(put("name", text("a")), "#name <= :now", named, nil), "400 ValidationException", "400 ConditionalCheckFailedException []", expressionsPage},
		{"a name that is not used", when(put("name", text("c")), "attribute_not_exists(#name)", map[string]string{"#name": "name", "#until": "until"}, nil), "400 ValidationException", "put", expressionsPage},
		{"a value that is not used", when(put("name", text("c")), "attribute_not_exists(#name)", named, map[string]attribute{":now": number("1")}), "400 ValidationException", "400 ConditionalCheckFailedException []", expressionsPage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := putOutcome(t.Context(), ours, tt.input); got != tt.ours {
				t.Errorf("awslocal: got %s, want %s", got, tt.ours)
			}
			want := tt.theirs
			if want == "" {
				want = tt.ours
			} else if tt.source == "" {
				t.Error("a difference must have a source")
			}
			if got := putOutcome(t.Context(), theirs, tt.input); got != want {
				t.Errorf("kumo: got %s, want %s: if kumo has changed, decide again which answer is right", got, want)
			}
		})
	}
}
