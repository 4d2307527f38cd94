// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A node is a value of a document and its place. Its methods accept a missing value, and report a
// wrong type to log. So a reader can first read everything and then look for errors.
type node struct {
	where string
	value any // map[string]any, []any or string; nil: missing
	log   *problems
}

// problems are the errors of a whole reading.
type problems struct {
	errs  []error
	names Names
}

func (p *problems) add(where, format string, args ...any) {
	const most = 20
	if len(p.errs) < most {
		p.errs = append(p.errs, fmt.Errorf("%w: %s %s", ErrDocument, where, fmt.Sprintf(format, args...)))
	}
}

func (p *problems) err() error { return errors.Join(p.errs...) }

func (n node) missing() bool { return n.value == nil }

// at returns a member of an object. CloudFront's API and CloudFormation write some names in
// different cases, such as SSLSupportMethod, so the case does not count.
func (n node) at(name string) node {
	child := node{where: strings.TrimPrefix(n.where+"."+name, "."), log: n.log}
	members := n.members()
	if value, ok := members[name]; ok {
		child.value = value
		return child
	}
	for _, other := range sorted(members) {
		if strings.EqualFold(other, name) {
			child.value = members[other]
			break
		}
	}
	return child
}

// members returns the members of an object.
func (n node) members() map[string]any {
	members, ok := n.value.(map[string]any)
	if !ok && !n.missing() && !n.isUnresolved() {
		n.log.add(n.where, "is %s: write an object", describe(n.value))
	}
	return members
}

// items returns the items of a list. CloudFront's API writes a list as an object with Quantity and
// Items. A text stands for a list of one.
func (n node) items() []node {
	var values []any
	switch value := n.value.(type) {
	case nil:
	case string:
		values = []any{value}
	case []any:
		values = value
	case map[string]any:
		if !isList(value) {
			n.log.add(n.where, "is an object: write a list")
			return nil
		}
		return node{n.where, n.at("Items").value, n.log}.items()
	}
	items := make([]node, 0, len(values))
	for i, value := range values {
		if value != nil {
			items = append(items, node{fmt.Sprintf("%s[%d]", n.where, i), value, n.log})
		}
	}
	return items
}

// isList reports whether an object of CloudFront's API is a list.
func isList(members map[string]any) bool {
	for name := range members {
		if name != "Items" && name != "Quantity" && name != "Enabled" && name != "CachedMethods" {
			return false
		}
	}
	return members["Items"] != nil || members["Quantity"] != nil || members["Enabled"] != nil
}

// text returns a text, or "" if it is missing.
func (n node) text() string {
	text, ok := n.value.(string)
	if !ok && !n.missing() {
		n.log.add(n.where, "is %s: write a text", describe(n.value))
	}
	return text
}

// texts returns the texts of a list.
func (n node) texts() []string {
	var texts []string
	for _, item := range n.items() {
		texts = append(texts, item.text())
	}
	return texts
}

// flag returns a boolean, or the default if it is missing.
func (n node) flag(missing bool) bool {
	if n.missing() || n.value == "" {
		return missing
	}
	switch strings.ToLower(n.text()) {
	case "true", "yes", "on": // YAML 1.1, which CloudFormation reads
		return true
	case "false", "no", "off":
		return false
	}
	n.wrong("write true or false")
	return missing
}

// number returns a whole number that is not negative, or the default if it is missing.
func (n node) number(missing int64) int64 {
	if n.missing() || n.value == "" {
		return missing
	}
	const largest = 1 << 40
	text := n.text()
	number, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64)
	if err != nil || number < 0 || number > largest {
		n.wrong("write a whole number")
		return missing
	}
	return number
}

// wrong reports a text with a wrong value. If the value is known only after deployment, it says what
// it depends on.
func (n node) wrong(instead string) {
	if text, ok := n.value.(string); ok && !n.isUnresolved() {
		n.log.add(n.where, "is %.60q: %s", text, instead)
	}
}

// isUnresolved reports whether n is a reference, and reports what it depends on.
func (n node) isUnresolved() bool {
	text, _ := n.value.(string)
	name, ok := unresolved(text)
	switch {
	case !ok:
	case strings.Contains(name, ":") && !strings.Contains(name, "::"):
		n.log.add(n.where, "depends on %.100s, a variable of another program: pass the template that it writes, such as the one of serverless package", name)
	default:
		n.log.add(n.where, "depends on %.200s, which has no value here: pass it in %s", name, n.log.names.parameters())
	}
	return ok
}

// describe names the type of a value. The value can be a secret.
func describe(value any) string {
	switch value.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	}
	return "missing"
}
