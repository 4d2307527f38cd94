// SPDX-License-Identifier: Apache-2.0

// Package iampolicy checks the IAM policies in Markdown pages: that each can be pasted, and
// that it allows exactly what the code asks for.
package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/markdown"
)

// Check fails the test unless the JSON code of a page is one policy for each element of
// want, with exactly these actions.
func Check(t *testing.T, page string, want ...[]string) {
	t.Helper()
	blocks := markdown.Code(t, page, "json")
	if len(blocks) != len(want) {
		t.Fatalf("%s has %d policies, want %d", page, len(blocks), len(want))
	}
	for i, block := range blocks {
		got, err := Actions([]byte(block))
		if err != nil {
			t.Errorf("%s, policy %d: %v:\n%s", page, i+1, err, block)
			continue
		}
		if sorted := slices.Sorted(slices.Values(want[i])); !slices.Equal(sorted, got) {
			t.Errorf("%s, policy %d: it allows %v, want %v", page, i+1, got, sorted)
		}
	}
}

// Operations returns the actions for the methods of the interface T, such as kms:Sign for a
// method Sign. The methods must have the names of the operations of a service.
func Operations[T any](service string) (actions []string) {
	for method := range reflect.TypeFor[T]().Methods() {
		actions = append(actions, service+":"+method.Name)
	}
	return actions
}

// A statement is one statement of a policy.
type statement struct {
	Sid, Effect      string
	Principal        map[string]texts
	Action, Resource texts
	Condition        map[string]map[string]texts
}

// texts is a string, or a list of strings.
type texts []string

// UnmarshalJSON reads either form.
func (x *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*x = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(x))
}

// Actions returns the sorted actions of an identity policy, or of one statement of a resource
// policy. It returns an error for anything that IAM refuses or ignores, and for a policy that
// allows more than it says.
func Actions(policy []byte) ([]string, error) {
	statements, err := parse(policy)
	if err != nil {
		return nil, err
	}
	var actions []string
	allowed := map[[2]string]bool{}
	for _, s := range statements {
		if err := s.check(); err != nil {
			return nil, err
		}
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				pair := [2]string{action, resource}
				if allowed[pair] {
					return nil, fmt.Errorf("two statements allow %s for %s", action, resource)
				}
				allowed[pair] = true
			}
		}
		actions = append(actions, s.Action...)
	}
	slices.Sort(actions)
	return slices.Compact(actions), nil
}

func parse(policy []byte) ([]statement, error) {
	var members map[string]json.RawMessage
	if err := decode(policy, &members); err != nil {
		return nil, err
	}
	if _, ok := members["Statement"]; ok {
		return parseDocument(policy)
	}
	var one statement
	if err := decode(policy, &one); err != nil {
		return nil, err
	}
	if one.Principal == nil {
		return nil, errors.New("a statement outside of a policy needs a principal")
	}
	return []statement{one}, nil
}

func parseDocument(policy []byte) ([]statement, error) {
	var document struct {
		Version   string
		Statement []statement
	}
	err := decode(policy, &document)
	switch {
	case err != nil:
		return nil, err
	case document.Version != "2012-10-17":
		return nil, fmt.Errorf("the version is %q: write 2012-10-17", document.Version)
	case len(document.Statement) == 0:
		return nil, errors.New("there is no statement")
	case slices.ContainsFunc(document.Statement, func(s statement) bool { return s.Principal != nil }):
		return nil, errors.New("the policy of a role has no principal")
	}
	return document.Statement, nil
}

// decode reads JSON without unknown members, and with nothing after it.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the JSON")
	}
	return nil
}

// Forms of actions and of ARNs. Only the end of an ARN may have a wildcard: the six
// characters that Secrets Manager adds to a name.
var (
	actionForm = regexp.MustCompile(`^([a-z-]+):[A-Z][A-Za-z]+$`)
	arnForm    = regexp.MustCompile(`^arn:aws:([a-z-]+):[a-z0-9-]*:[0-9]{12}:[a-z-]+[:/][A-Za-z0-9/_.-]+?(-\?{6})?$`)
)

// operators are the condition operators that the pages need.
var operators = []string{"StringEquals", "StringLike", "ArnEquals", "ArnLike"}

func (s statement) check() error {
	if s.Effect != "Allow" || len(s.Action) == 0 || len(s.Resource) == 0 {
		return errors.New("a statement needs the effect Allow, actions and resources")
	}
	services := map[string]bool{"aws": true}
	for _, action := range s.Action {
		match := actionForm.FindStringSubmatch(action)
		if match == nil {
			return fmt.Errorf("the action %q is not one operation of a service", action)
		}
		services[match[1]] = true
	}
	for _, resource := range s.Resource {
		match := arnForm.FindStringSubmatch(resource)
		switch ok := match != nil && services[match[1]]; {
		case s.Principal != nil && resource != "*":
			return fmt.Errorf("the resource of a resource policy is %q: write *", resource)
		case s.Principal == nil && !ok && !s.mayBeAny(resource):
			return fmt.Errorf("the resource %q is not one of the service, or has a wildcard", resource)
		}
	}
	return s.checkConditions(services)
}

// anyResource are the actions that IAM cannot limit to a resource.
//
// Sources: "Actions, resources, and condition keys" of AWS KMS and Amazon CloudFront,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
var anyResource = regexp.MustCompile(`^(kms:CreateKey|cloudfront:[A-Z][a-z]+(PublicKeys?|KeyGroups?|DistributionsByKeyGroup))$`)

// mayBeAny reports whether a statement may have a resource with a wildcard: if a tag limits
// it, or if IAM cannot limit any of its actions.
func (s statement) mayBeAny(resource string) bool {
	for key := range s.Condition["StringEquals"] {
		if strings.HasPrefix(key, "aws:ResourceTag/") && strings.HasSuffix(resource, ":key/*") || strings.HasPrefix(key, "aws:RequestTag/") && resource == "*" {
			return true
		}
	}
	return resource == "*" && !slices.ContainsFunc(s.Action, func(action string) bool { return !anyResource.MatchString(action) })
}

func (s statement) checkConditions(services map[string]bool) error {
	for operator, keys := range s.Condition {
		if !slices.Contains(operators, operator) {
			return fmt.Errorf("the operator %q is not one of %v", operator, operators)
		}
		for key, values := range keys {
			service, name, _ := strings.Cut(key, ":")
			if !services[service] || name == "" || len(values) == 0 {
				return fmt.Errorf("the condition key %q is not one of the service, or has no values", key)
			}
			hasWildcard := slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "*?") })
			if isLike := strings.HasSuffix(operator, "Like"); isLike != hasWildcard {
				return fmt.Errorf("%s with %v: wildcards are live in StringLike and ArnLike only", operator, values)
			}
		}
	}
	return nil
}
