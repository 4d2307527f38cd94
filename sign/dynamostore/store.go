// SPDX-License-Identifier: Apache-2.0

package dynamostore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cfsign/cfsign/sign"
)

// API is the part of [dynamodb.Client] that a Store uses.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Options configure a [Store]. The zero value is ready to use.
type Options struct {
	// Clock is the clock of the signer: see sign.Options.Clock. Nil: time.Now.
	Clock func() time.Time
}

// A Store is a [sign.Store] in a table of DynamoDB. Create it with [New]: the zero Store
// panics. It is safe for concurrent use.
type Store struct {
	client API
	table  string
	clock  func() time.Time
}

var _ sign.Store = (*Store)(nil)

// longest is how many bytes a signature can have.
const longest = 512

// Attributes of an item.
const (
	attributeName      = "name"      // the partition key
	attributeUntil     = "until"     // the end of the claim or signature, in epoch milliseconds
	attributeExpires   = "expires"   // the same in epoch seconds, when DynamoDB may delete the item
	attributeOwner     = "owner"     // of a claim
	attributeSignature = "signature" // not in a claim
)

// New returns a Store that uses client, such as a [dynamodb.Client], and a table, by its name
// or ARN. New makes no requests. It returns an error if client is nil or table is empty.
func New(client API, table string, o Options) (*Store, error) {
	switch {
	case client == nil:
		return nil, errors.New("dynamostore: the client is nil: pass one, such as from dynamodb.NewFromConfig")
	case table == "":
		return nil, errors.New("dynamostore: the table is empty: pass its name or ARN")
	case o.Clock == nil:
		o.Clock = time.Now
	}
	return &Store{client: client, table: table, clock: o.Clock}, nil
}

// Claim returns the signature under name, or claims the name for lease: see [sign.Store]. It
// makes one request.
//
// Claim returns an error if DynamoDB fails, or has something else under the name. If ctx ends,
// the error wraps the error of ctx. DynamoDB may still make the claim, which then ends with its
// lease.
func (s *Store) Claim(ctx context.Context, name string, lease time.Duration) (signature []byte, claimed bool, err error) {
	if lease < time.Millisecond {
		return nil, false, fmt.Errorf("dynamostore: the lease is %v: write a millisecond or more", lease)
	}
	owner := make([]byte, 16)
	_, _ = rand.Read(owner) // It never fails.
	now := s.clock()
	input := s.put(name, now.Add(lease))
	input.Item[attributeOwner] = &types.AttributeValueMemberB{Value: owner}
	condition := "attribute_not_exists(#name) OR #until <= :now"
	input.ConditionExpression = &condition
	input.ExpressionAttributeNames = map[string]string{"#name": attributeName, "#until": attributeUntil} // "name" is a reserved word
	input.ExpressionAttributeValues = map[string]types.AttributeValue{":now": number(now.UnixMilli())}
	input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	_, err = s.client.PutItem(ctx, input)
	var refused *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil, true, nil
	case ctx.Err() == nil && errors.As(err, &refused):
		return read(refused.Item, owner)
	}
	return nil, false, failed(ctx, "claim", err)
}

// read returns what the item in the way of a claim says.
func read(item map[string]types.AttributeValue, owner []byte) (signature []byte, claimed bool, err error) {
	if value, ok := item[attributeSignature].(*types.AttributeValueMemberB); ok && len(value.Value) > 0 && len(value.Value) <= longest {
		return bytes.Clone(value.Value), false, nil
	}
	if value, ok := item[attributeOwner].(*types.AttributeValueMemberB); ok {
		return nil, bytes.Equal(value.Value, owner), nil // It is ours if the SDK has sent the request twice.
	}
	return nil, false, errors.New("dynamostore: claim: the table has an item that is not from a Store: use a table that nothing else uses")
}

// Save stores signature under name until expires: see [sign.Store].
//
// Save returns an error if DynamoDB fails, or if the signature is empty, too long or has
// expired. If ctx ends, the error wraps the error of ctx. DynamoDB may still save the
// signature.
func (s *Store) Save(ctx context.Context, name string, signature []byte, expires time.Time) error {
	left := expires.Sub(s.clock())
	switch {
	case len(signature) == 0 || len(signature) > longest:
		return fmt.Errorf("dynamostore: the signature has %d bytes: pass 1 to %d", len(signature), longest)
	case left <= 0:
		return fmt.Errorf("dynamostore: the signature expired %v ago: save it earlier, or set Options.Clock to the signer's clock", -left)
	}
	input := s.put(name, expires)
	input.Item[attributeSignature] = &types.AttributeValueMemberB{Value: bytes.Clone(signature)}
	if _, err := s.client.PutItem(ctx, input); err != nil {
		return failed(ctx, "save", err)
	}
	return nil
}

// put returns the request for an item until a time, which is rounded up.
func (s *Store) put(name string, until time.Time) *dynamodb.PutItemInput {
	return &dynamodb.PutItemInput{
		TableName: &s.table,
		Item: map[string]types.AttributeValue{
			attributeName:    &types.AttributeValueMemberS{Value: name},
			attributeUntil:   number(until.Add(time.Millisecond - 1).UnixMilli()),
			attributeExpires: number(until.Add(time.Second - 1).Unix()),
		},
	}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
