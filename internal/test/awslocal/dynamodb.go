// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"strings"
	"sync"
)

// DynamoDBPutItem is the target of the operation of [DynamoDB].
const DynamoDBPutItem = "DynamoDB_20120810.PutItem"

// DynamoDB is the part of DynamoDB that a store of signatures needs: tables with a partition
// key, and PutItem with a condition. It is safe for concurrent use.
type DynamoDB struct {
	mu     sync.Mutex
	tables map[string]table
}

// A table has items by the value of its partition key, which is a string.
type table struct {
	key   string
	items map[string]Item
}

// An Item has attributes by name.
type Item map[string]Attribute

// An Attribute is a value with its type, S, N or B, as the API writes it.
type Attribute map[string]string

// NewDynamoDB returns a DynamoDB without tables, and adds its operation to s.
func NewDynamoDB(s *Server) *DynamoDB {
	d := &DynamoDB{tables: map[string]table{}}
	s.Handle(DynamoDBPutItem, d.putItem)
	return d
}

// CreateTable adds an empty table. key is the name of its partition key.
func (d *DynamoDB) CreateTable(name, key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tables[name] = table{key, map[string]Item{}}
}

// Items returns a copy of the items of a table, by the value of their partition key.
func (d *DynamoDB) Items(name string) map[string]Item {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.tables[name].items)
}

// Put adds an item to a table, or replaces one.
func (d *DynamoDB) Put(name string, i Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := d.tables[name]
	found.items[i[found.key]["S"]] = i
}

// A putItem is a request for PutItem.
type putItem struct {
	TableName                           string
	Item                                Item
	ConditionExpression                 string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           Item
	ReturnValuesOnConditionCheckFailure string
}

// putItem is PutItem.
//
// Source: "PutItem",
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (d *DynamoDB) putItem(body []byte) (any, error) {
	var request putItem
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not the JSON of a request"}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	found, ok := d.tables[request.TableName]
	if !ok {
		return nil, &Error{Type: "ResourceNotFoundException", Message: "Requested resource not found"}
	}
	if err := found.check(request.Item); err != nil {
		return nil, err
	}
	key := request.Item[found.key]["S"]
	holds, err := request.holds(found.items[key])
	switch {
	case err != nil:
		return nil, err
	case !holds:
		refused := &Error{Type: "ConditionalCheckFailedException", Message: "The conditional request failed"}
		if request.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
			refused.Item = found.items[key]
		}
		return nil, refused
	}
	found.items[key] = request.Item
	return struct{}{}, nil
}

// check refuses an item that DynamoDB refuses.
func (t table) check(i Item) error {
	key, ok := i[t.key]
	switch text, isString := key["S"]; {
	case !ok:
		return invalid("One or more parameter values were invalid: Missing the key " + t.key + " in the item")
	case !isString:
		return invalid("One or more parameter values were invalid: Type mismatch for key " + t.key)
	case text == "":
		return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: " + t.key)
	}
	for _, a := range i {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

func (a Attribute) check() error {
	if len(a) != 1 {
		return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for kind, value := range a {
		switch kind {
		case "S":
		case "N":
			if _, ok := new(big.Rat).SetString(value); !ok || strings.ContainsAny(value, "/_") {
				return invalid("The parameter cannot be converted to a numeric value: " + value)
			}
		case "B":
			if _, err := base64.StdEncoding.DecodeString(value); err != nil {
				return &Error{Type: "SerializationException", Message: "the value is not Base64"}
			}
		default:
			return invalid("this server knows the types S, N and B")
		}
	}
	return nil
}

// termForm is the form of a term of a condition: a function, or a comparison.
var termForm = regexp.MustCompile(`^(?:attribute_not_exists\((#[a-z]+)\)|(#[a-z]+) (<=|<|>=|>|=) (:[a-z]+))$`)

// holds reports whether the condition holds for an item, which is nil if there is none. A
// condition is terms with OR between them. DynamoDB refuses names and values that no
// expression uses.
//
// Source: "Condition and filter expressions, operators, and functions in DynamoDB",
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func (p putItem) holds(i Item) (holds bool, err error) {
	if p.ConditionExpression == "" {
		if len(p.ExpressionAttributeNames) > 0 {
			return false, invalid("ExpressionAttributeNames can only be specified when using expressions")
		}
		return true, nil
	}
	used := map[string]bool{}
	for _, text := range strings.Split(p.ConditionExpression, " OR ") {
		match := termForm.FindStringSubmatch(text)
		if match == nil {
			return false, invalid(fmt.Sprintf("Invalid ConditionExpression: Syntax error; token: %q", text))
		}
		placeholder, operator, value := match[1]+match[2], match[3], match[4]
		name, ok := p.ExpressionAttributeNames[placeholder]
		if !ok {
			return false, invalid("Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: " + placeholder)
		}
		if _, ok := p.ExpressionAttributeValues[value]; !ok && value != "" {
			return false, invalid("Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: " + value)
		}
		used[placeholder], used[value] = true, true
		attribute, exists := i[name]
		holds = holds || operator == "" && !exists || operator != "" && exists && compare(attribute, operator, p.ExpressionAttributeValues[value])
	}
	for name := range p.ExpressionAttributeNames {
		if !used[name] {
			return false, invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {" + name + "}")
		}
	}
	for name := range p.ExpressionAttributeValues {
		if !used[name] {
			return false, invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {" + name + "}")
		}
	}
	return holds, nil
}

// compare compares two numbers. Attributes of other types never compare.
func compare(a Attribute, operator string, b Attribute) bool {
	x, okX := new(big.Rat).SetString(a["N"])
	y, okY := new(big.Rat).SetString(b["N"])
	if !okX || !okY {
		return false
	}
	c := x.Cmp(y)
	switch operator {
	case "<=":
		return c <= 0
	case "<":
		return c < 0
	case ">=":
		return c >= 0
	case ">":
		return c > 0
	}
	return c == 0
}
