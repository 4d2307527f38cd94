// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"encoding/json"
	"slices"
	"strings"
)

// terraformKinds are Terraform's types of resources.
var terraformKinds = map[string]string{
	"aws_cloudfront_distribution":            distributionKind,
	"aws_cloudfront_key_group":               keyGroupKind,
	"aws_cloudfront_public_key":              publicKeyKind,
	"aws_cloudfront_cache_policy":            cachePolicyKind,
	"aws_cloudfront_origin_request_policy":   originRequestKind,
	"aws_cloudfront_response_headers_policy": responseHeadersKind,
	"aws_cloudfront_origin_access_control":   accessControlKind,
	"aws_cloudfront_origin_access_identity":  accessIdentityKind,
	"aws_s3_bucket":                          bucketKind,
	"aws_s3_bucket_policy":                   bucketPolicyKind,
	"aws_s3_bucket_public_access_block":      accessBlockKind,
	"aws_cloudfront_distribution_tenant":     "AWS::CloudFront::DistributionTenant",
	"aws_cloudfront_connection_group":        "AWS::CloudFront::ConnectionGroup",
}

// accessBlockKind is a resource of its own only in Terraform.
const accessBlockKind = "aws_s3_bucket_public_access_block"

// isTerraform reports whether tree is the output of terraform show -json.
func isTerraform(tree map[string]any) bool {
	return tree["planned_values"] != nil || tree["values"] != nil && tree["format_version"] != nil
}

// readTerraform adds the resources of a plan or a state to g. In a plan, values that are known only
// after deployment are references, which the plan's configuration has.
//
// Source: "JSON Output Format", https://developer.hashicorp.com/terraform/internals/json-format
func readTerraform(g *graph, tree map[string]any) {
	root := node{"", tree, g.log}
	values, isPlan := root.at("planned_values").at("root_module"), true
	if values.missing() {
		isPlan = false
		values = root.at("values").at("root_module")
	}
	t := &terraform{graph: g, instances: map[string][]instance{}}
	t.collect(values, 0)
	t.collect(root.at("prior_state").at("values").at("root_module"), 0) // data sources, such as managed policies
	scope := &scope{module: root.at("configuration").at("root_module")}
	for _, name := range sorted(root.at("variables").members()) {
		scope.set(name, root.at("variables").at(name).at("value").value)
	}
	scope.visit(0, t.addData)
	scope.visit(0, t.resolve)
	for _, address := range t.order {
		for _, i := range t.instances[address] {
			if isPlan {
				closeUnsettled(i)
			}
			t.add(i)
		}
	}
}

// A terraform is a plan or a state that is being read.
type terraform struct {
	graph     *graph
	instances map[string][]instance // by address without an index
	order     []string
	steps     int
}

// An instance is one of a resource with count or for_each, or the only one.
type instance struct {
	address, kind string
	values        map[string]any
}

// collect collects the instances of a module and its children.
func (t *terraform) collect(module node, depth int) {
	if depth > maxDepth {
		return
	}
	for _, r := range module.at("resources").items() {
		kind, address := r.at("type").text(), r.at("address").text()
		values := r.at("values").members()
		if values == nil {
			values = map[string]any{}
		}
		plain := withoutIndexes(address)
		if slices.ContainsFunc(t.instances[plain], func(i instance) bool { return i.address == address }) {
			continue // the prior state repeats what is planned
		}
		if r.at("mode").text() != "data" && strings.HasPrefix(module.where, "prior_state") {
			continue // what the plan deletes
		}
		if t.instances[plain] == nil {
			t.order = append(t.order, plain)
		}
		t.instances[plain] = append(t.instances[plain], instance{address, kind, values})
	}
	for _, child := range module.at("child_modules").items() {
		t.collect(child, depth+1)
	}
}

// withoutIndexes returns an address without [0] or ["name"].
func withoutIndexes(address string) string {
	var plain strings.Builder
	depth := 0
	for _, r := range address {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0:
			plain.WriteRune(r)
		}
	}
	return plain.String()
}

// add adds an instance to the graph.
func (t *terraform) add(i instance) {
	kind, ok := terraformKinds[i.kind]
	if !ok {
		return
	}
	id, _ := i.values["id"].(string)
	if _, ok := unresolved(id); ok {
		id = ""
	}
	if kind == bucketPolicyKind {
		i.values = t.withPolicy(i)
	}
	properties := node{i.address, cloudFormation(i.values, kind), t.graph.log}
	t.graph.add(resource{kind: kind, name: i.address, id: id, properties: properties})
}

// withPolicy returns the values of a bucket policy with the document, which Terraform has as a text. A
// plan does not know the text if it depends on something that will be created.
func (t *terraform) withPolicy(i instance) map[string]any {
	text, _ := i.values["policy"].(string)
	var document map[string]any
	err := json.Unmarshal([]byte(text), &document)
	if err == nil {
		_, err = scalars(document, 0)
	}
	if err != nil {
		t.graph.unsupported(i.address, "bucket policy", "it is known only after deployment, so it is not checked whether it lets everybody read")
		return map[string]any{"bucket": i.values["bucket"]}
	}
	return map[string]any{"bucket": i.values["bucket"], "policy_document": document}
}
