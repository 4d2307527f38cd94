// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// object is one in JSON. All scalars in it are texts, as in package fromconfig.
type object = map[string]any

// A stack is what a template makes with certain parameters. Its resources have the names and the
// properties of cloudformation.yaml, whatever the template is.
type stack struct {
	resources map[string]object
	outputs   object
}

// at returns what is at a path, whose strings are names and whose numbers are places. Nil: nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			members, _ := value.(object)
			value = members[step]
		case int:
			items, _ := value.([]any)
			if step >= len(items) {
				return nil
			}
			value = items[step]
		}
	}
	return value
}

// of returns what is at a path in the properties of a resource.
func (s stack) of(name string, path ...any) any {
	return at(s.resources[name]["Properties"], path...)
}

// A template is a template of CloudFormation with its parameters.
type template struct {
	tree       object
	parameters map[string]string
}

// readTemplate returns the template in a file.
func readTemplate(t testing.TB, path string, parameters map[string]string) template {
	t.Helper()
	return parseTemplate(t, readFile(t, path), parameters)
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parseTemplate(t testing.TB, text []byte, parameters map[string]string) template {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return template{longForm(t, root.Content[0]).(object), parameters}
}

// longForm returns a YAML value, with the long forms of functions.
func longForm(t testing.TB, n *yaml.Node) any {
	t.Helper()
	var value any
	switch n.Kind {
	case yaml.ScalarNode:
		value = n.Value
	case yaml.SequenceNode:
		items := []any{}
		for _, item := range n.Content {
			items = append(items, longForm(t, item))
		}
		value = items
	case yaml.MappingNode:
		members := object{}
		for i := 0; i < len(n.Content); i += 2 {
			name := n.Content[i].Value
			if _, twice := members[name]; twice {
				t.Fatalf("line %d: %s is there twice", n.Content[i].Line, name)
			}
			members[name] = longForm(t, n.Content[i+1])
		}
		value = members
	default:
		t.Fatalf("line %d: CloudFormation has no aliases", n.Line)
	}
	switch tag := n.Tag; {
	case !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!"):
		return value
	case tag == "!Ref" || tag == "!Condition":
		return object{tag[1:]: value}
	case tag == "!GetAtt":
		resource, attribute, _ := strings.Cut(value.(string), ".")
		return object{"Fn::GetAtt": []any{resource, attribute}}
	default:
		return object{"Fn::" + tag[1:]: value}
	}
}

// stack returns the resources and outputs whose conditions hold.
func (t template) stack() stack {
	s := stack{map[string]object{}, object{}}
	for name, r := range at(t.tree, "Resources").(object) {
		if condition, ok := at(r, "Condition").(string); !ok || t.condition(condition) {
			resource := t.value(r).(object)
			s.resources[plainName(name)] = resource
		}
	}
	for name, output := range at(t.tree, "Outputs").(object) {
		if condition, ok := at(output, "Condition").(string); !ok || t.condition(condition) {
			s.outputs[name] = t.value(at(output, "Value"))
		}
	}
	return s
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// plainName returns a logical ID without the hash that CDK adds.
func plainName(name string) string { return hash.ReplaceAllString(name, "") }

// noValue stands for AWS::NoValue.
type noValue struct{}

// value returns a value with its functions resolved.
func (t template) value(v any) any {
	switch v := v.(type) {
	case []any:
		items := []any{}
		for _, item := range v {
			if item = t.value(item); item != (noValue{}) {
				items = append(items, item)
			}
		}
		return items
	case object:
		for name, argument := range v {
			if len(v) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return t.call(name, argument)
			}
		}
		members := object{}
		for name, member := range v {
			if member = t.value(member); member != (noValue{}) {
				members[name] = member
			}
		}
		return members
	}
	return v
}

// call returns the result of a function. An unknown one is a mistake of the test.
func (t template) call(name string, argument any) any {
	switch name {
	case "Ref":
		return t.ref(argument.(string))
	case "Fn::GetAtt":
		return t.attribute(at(argument, 0).(string), at(argument, 1).(string))
	case "Fn::If":
		if t.condition(at(argument, 0).(string)) {
			return t.value(at(argument, 1))
		}
		return t.value(at(argument, 2))
	case "Fn::Sub":
		return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(argument.(string), func(match string) string {
			resource, attribute, found := strings.Cut(match[2:len(match)-1], ".")
			if found {
				return t.attribute(resource, attribute)
			}
			return t.ref(resource).(string)
		})
	case "Fn::Join":
		return join(t.value(at(argument, 1)), at(argument, 0).(string))
	case "Fn::Split":
		items := []any{}
		for item := range strings.SplitSeq(t.value(at(argument, 1)).(string), at(argument, 0).(string)) {
			items = append(items, item)
		}
		return items
	case "Fn::Select":
		index := map[string]int{"0": 0, "1": 1}[at(argument, 0).(string)]
		return at(t.value(at(argument, 1)), index)
	}
	panic("the test does not know the function " + name)
}

func join(items any, separator string) string {
	var texts []string
	for _, item := range items.([]any) {
		texts = append(texts, item.(string))
	}
	return strings.Join(texts, separator)
}

// ref returns the value of a parameter, or what stands for the ID of a resource. The ID of a public
// key is the key itself, so that key groups can be compared.
func (t template) ref(name string) any {
	pseudo := map[string]any{
		"AWS::NoValue": noValue{}, "AWS::Partition": "aws", "AWS::AccountId": "123456789012", "AWS::StackName": "stack",
		"AWS::URLSuffix": "amazonaws.com", "AWS::Region": "us-east-1",
	}
	if value, ok := t.parameters[name]; ok {
		return value
	}
	if value, ok := pseudo[name]; ok {
		return value
	}
	if parameter := at(t.tree, "Parameters", name); parameter != nil {
		value, ok := at(parameter, "Default").(string)
		if !ok {
			panic("the parameter " + name + " has no value")
		}
		return value
	}
	resource := at(t.tree, "Resources", name)
	switch {
	case resource == nil:
		panic("there is no " + name)
	case at(resource, "Condition") != nil && !t.condition(at(resource, "Condition").(string)):
		panic("the condition of " + name + " does not hold, and something refers to it")
	case at(resource, "Type") == "AWS::CloudFront::PublicKey":
		return strings.TrimSpace(t.value(at(resource, "Properties", "PublicKeyConfig", "EncodedKey")).(string))
	}
	return plainName(name)
}

func (t template) attribute(name, attribute string) string {
	kind := at(t.tree, "Resources", name, "Type")
	name = plainName(name)
	switch {
	case kind == nil:
		panic("there is no " + name)
	case kind == "AWS::S3::Bucket" && attribute == "Arn":
		return "arn:aws:s3:::" + name
	case kind == "AWS::S3::Bucket":
		return name + ".s3.amazonaws.com"
	}
	return name + "." + attribute
}

func (t template) condition(name string) bool {
	definition := at(t.tree, "Conditions", name)
	if definition == nil {
		panic("there is no condition " + name)
	}
	return t.holds(definition)
}

// holds decides a condition, or an assertion of a rule.
func (t template) holds(condition any) bool {
	for name, argument := range condition.(object) {
		operands, _ := argument.([]any)
		switch name {
		case "Condition":
			return t.condition(argument.(string))
		case "Fn::Equals":
			return t.value(operands[0]) == t.value(operands[1])
		case "Fn::Not":
			return !t.holds(operands[0])
		case "Fn::And":
			return !slices.ContainsFunc(operands, func(o any) bool { return !t.holds(o) })
		case "Fn::Or":
			return slices.ContainsFunc(operands, t.holds)
		}
	}
	panic(fmt.Sprint("the test does not know the condition ", condition))
}

// broken returns what the rules and the patterns of the parameters say about the parameters.
func (t template) broken() []string {
	var says []string
	for _, name := range slices.Sorted(maps.Keys(at(t.tree, "Parameters").(object))) {
		p := at(t.tree, "Parameters", name)
		value, given := t.parameters[name]
		if !given {
			if value, given = at(p, "Default").(string); !given {
				says = append(says, name+" has no value")
				continue
			}
		}
		if pattern, ok := at(p, "AllowedPattern").(string); ok && !regexp.MustCompile(`\A(?:`+pattern+`)\z`).MatchString(value) {
			says = append(says, name+" "+at(p, "ConstraintDescription").(string))
		}
		if allowed, ok := at(p, "AllowedValues").([]any); ok && !slices.Contains(allowed, any(value)) {
			says = append(says, name+" is not one of "+fmt.Sprint(allowed))
		}
	}
	if len(says) > 0 { // a rule is about valid parameters
		return says
	}
	rules, _ := at(t.tree, "Rules").(object)
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		for _, assertion := range at(rules, rule, "Assertions").([]any) {
			if !t.holds(at(assertion, "Assert")) {
				says = append(says, at(assertion, "AssertDescription").(string))
			}
		}
	}
	return says
}
