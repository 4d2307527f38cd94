// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cfsign/cfsign/sign/dynamostore"
)

// refusing is an API that refuses each claim with an item.
type refusing func(owner []byte) map[string]types.AttributeValue

func (r refusing) PutItem(_ context.Context, input *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	owner := input.Item["owner"].(*types.AttributeValueMemberB).Value
	return nil, &types.ConditionalCheckFailedException{Item: r(owner)}
}

// FuzzItem: whatever item is in the way, a signature comes as it stands there, or not at all. A
// claim means that the item is the caller's own.
func FuzzItem(f *testing.F) {
	f.Add(byte('B'), []byte("signature"), byte('B'), []byte("owner"), false)
	f.Add(byte('B'), bytes.Repeat([]byte{255}, 513), byte('B'), []byte{}, false)
	f.Add(byte('B'), []byte{}, byte('B'), []byte{}, true)
	f.Add(byte('S'), []byte("signature"), byte('-'), []byte{}, false)
	f.Add(byte('-'), []byte{}, byte('B'), []byte{}, true)
	f.Fuzz(func(t *testing.T, signatureKind byte, signature []byte, ownerKind byte, owner []byte, isOwn bool) {
		store, err := dynamostore.New(refusing(func(own []byte) map[string]types.AttributeValue {
			if isOwn {
				owner = own
			}
			item := map[string]types.AttributeValue{}
			add(item, "signature", signatureKind, signature)
			add(item, "owner", ownerKind, owner)
			return item
		}), table, dynamostore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, claimed, err := store.Claim(t.Context(), name, time.Minute)
		switch isSignature := signatureKind == 'B' && len(signature) > 0 && len(signature) <= 512; {
		case isSignature && (!bytes.Equal(signature, got) || claimed || err != nil):
			t.Errorf("got %q, %t, %v, want the signature", got, claimed, err)
		case !isSignature && got != nil:
			t.Errorf("%q is a signature", got)
		case claimed && (!isOwn || ownerKind != 'B' || err != nil):
			t.Errorf("another owner's claim, %v", err)
		case err != nil && len(signature) > 20 && strings.Contains(err.Error(), string(signature)):
			t.Errorf("the signature is in %v", err)
		}
	})
}

// add adds an attribute of a kind to an item. Some kinds add nothing.
func add(item map[string]types.AttributeValue, name string, kind byte, value []byte) {
	switch kind {
	case 'B':
		item[name] = &types.AttributeValueMemberB{Value: value}
	case 'S':
		item[name] = &types.AttributeValueMemberS{Value: string(value)}
	case 'N':
		item[name] = &types.AttributeValueMemberN{Value: string(value)}
	case '0':
		item[name] = &types.AttributeValueMemberNULL{Value: true}
	}
}
