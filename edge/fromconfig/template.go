// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"fmt"
	"slices"
	"strings"
)

// A template is a CloudFormation or SAM template. Its functions are resolved, and values that are
// known only after deployment stay references.
type template struct {
	tree       map[string]any
	parameters map[string]string // given by the user
	missing    map[string]bool   // parameters without a value that something depends on
	noted      map[string]bool   // what note has named
	deciding   map[string]bool   // conditions that are being evaluated
	undecided  []string          // what the last conditions that are not known depend on
	graph      *graph
	steps      int
}

// isTemplate reports whether tree is a template. A file of the Serverless Framework has it in its
// resources.
func isTemplate(tree map[string]any) (map[string]any, bool) {
	if inner, ok := tree["resources"].(map[string]any); ok && inner["Resources"] != nil {
		tree = inner
	}
	_, ok := tree["Resources"].(map[string]any)
	return tree, ok
}

// isRead reports whether a template is read for resources of a type.
func isRead(kind string) bool {
	return strings.HasPrefix(kind, "AWS::CloudFront::") || kind == bucketKind || kind == bucketPolicyKind
}

// readTemplate adds the resources of a template to g.
func readTemplate(g *graph, tree map[string]any, parameters map[string]string) {
	t := &template{tree: tree, parameters: parameters, missing: map[string]bool{}, noted: map[string]bool{}, deciding: map[string]bool{}, graph: g}
	g.parameters = append(g.parameters, sorted(node{"Parameters", tree["Parameters"], g.log}.members())...)
	resources := node{"Resources", tree["Resources"], g.log}
	for _, name := range sorted(resources.members()) {
		t.readResource(name, resources.at(name))
	}
}

// withoutEffect are properties that change nothing locally.
var withoutEffect = []string{
	"AcmCertificateArn", "IamCertificateId", "Logging", "Comment", "Tags", "Name", "CallerReference", "BucketName",
	"WebACLId", "PriceClass", "PolicyDocument",
}

// note names the parameters without a value that something depends on, once each.
func (t *template) note(value any, where string) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range sorted(value) {
			if !slices.Contains(withoutEffect, name) {
				t.note(value[name], where+"."+name)
			}
		}
	case []any:
		for i, item := range value {
			t.note(item, fmt.Sprintf("%s[%d]", where, i))
		}
	case string:
		name, ok := unresolved(value)
		if ok && !t.noted[name] && (t.missing[name] || strings.HasPrefix(name, conditionPrefix)) {
			t.noted[name] = true
			t.graph.unsupported(where, "value that depends on "+name, "it is not known here: pass it in "+t.graph.log.names.parameters())
		}
	}
}

// conditionPrefix begins the references to a condition that is not known.
const conditionPrefix = "the condition "

func (t *template) readResource(name string, n node) {
	if strings.HasPrefix(name, "Fn::") {
		t.graph.unsupported(n.where, name, "the resources that it makes are not read: pass the processed template")
		return
	}
	kind := n.at("Type").text()
	if kind == "AWS::CloudFormation::Stack" || kind == "AWS::Serverless::Application" {
		t.graph.unsupported(n.where, "nested stack", "its resources are not read: pass its template as another document")
	}
	if !isRead(kind) {
		return
	}
	if condition := n.at("Condition"); !condition.missing() {
		if yes, known := t.condition(condition.text(), 0); known && !yes {
			return // if it is not known, the resource counts
		}
	}
	properties := node{name, t.eval(n.at("Properties").value, n.where, 0), n.log}
	if isNoValue(properties.value) {
		properties.value = nil
	}
	if config, ok := configNames[kind]; ok {
		properties = properties.at(config)
	}
	properties.where = name
	t.note(properties.value, name)
	t.graph.add(resource{kind: kind, name: name, properties: properties})
}

// parameter returns the value of a parameter. Without one, it returns a reference.
func (t *template) parameter(name string, declared node) any {
	kind := declared.at("Type").text()
	value, given := t.parameters[name]
	if !given {
		byDefault := declared.at("Default")
		if byDefault.missing() || strings.HasPrefix(kind, "AWS::SSM::Parameter::Value") { // the default is a name in SSM
			t.missing[name] = true
			return reference(name)
		}
		value = byDefault.text()
	}
	if kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<") {
		items := []any{}
		for item := range strings.SplitSeq(value, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items
	}
	return value
}

// pseudo returns the value of a pseudo parameter.
func (t *template) pseudo(name string) (any, bool) {
	if value, ok := t.parameters[name]; ok {
		return value, true
	}
	switch name {
	case "AWS::NoValue":
		return noValue{}, true
	case "AWS::Region":
		return "us-east-1", true
	case "AWS::AccountId":
		return "123456789012", true
	case "AWS::Partition":
		return "aws", true
	case "AWS::URLSuffix":
		return "amazonaws.com", true
	case "AWS::StackName":
		return "stack", true
	}
	return nil, false
}

// noValue removes a property or an item.
type noValue struct{}

func isNoValue(value any) bool {
	_, ok := value.(noValue)
	return ok
}

// ref returns what Ref means.
func (t *template) ref(name string) any {
	if value, ok := t.pseudo(name); ok {
		return value
	}
	if declared := (node{"Parameters", t.tree["Parameters"], t.graph.log}).at(name); !declared.missing() {
		return t.parameter(name, declared)
	}
	return reference(name)
}

// attribute returns what Fn::GetAtt means.
func (t *template) attribute(name, attribute string) any {
	resource := node{"Resources", t.tree["Resources"], t.graph.log}.at(name)
	if resource.missing() {
		return reference(name + "." + attribute)
	}
	kind, _ := resource.at("Type").value.(string)
	switch {
	case kind == bucketKind && strings.HasSuffix(attribute, "DomainName"):
		return reference(name) + ".s3.amazonaws.com"
	case kind == bucketKind && attribute == "WebsiteURL":
		return "http://" + reference(name) + ".s3-website.amazonaws.com"
	case kind == bucketKind && attribute == "Arn":
		return "arn:aws:s3:::" + reference(name)
	case attribute == "FunctionUrl":
		return "https://" + reference(name) + ".lambda-url.amazonaws.com/"
	}
	return reference(name + "." + attribute)
}
