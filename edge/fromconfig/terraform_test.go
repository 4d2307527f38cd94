// SPDX-License-Identifier: Apache-2.0

package fromconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge/fromconfig"
)

// plan is a plan for a distribution whose behavior has some values. Expressions are what the
// configuration has for its blocks.
func plan(values, expressions string) []byte {
	return fmt.Appendf(nil, `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
		{"address": "aws_cloudfront_distribution.d", "mode": "managed", "type": "aws_cloudfront_distribution", "values": {
			"enabled": true, "origin": [{"origin_id": "a", "domain_name": "a.example.com", "custom_origin_config": [{}]}],
			"default_cache_behavior": [{"target_origin_id": "a", "viewer_protocol_policy": "https-only", "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"%s}]}},
		{"address": "aws_cloudfront_key_group.g[0]", "mode": "managed", "type": "aws_cloudfront_key_group", "index": 0, "values": {"name": "one", "items": []}},
		{"address": "aws_cloudfront_key_group.g[1]", "mode": "managed", "type": "aws_cloudfront_key_group", "index": 1, "values": {"name": "two", "items": []}}]}},
		"variables": {"groups": {"value": ["K"]}, "none": {"value": []}},
		"configuration": {"root_module": {"resources": [
			{"address": "aws_cloudfront_distribution.d", "mode": "managed", "type": "aws_cloudfront_distribution", "expressions": {%s}},
			{"address": "aws_cloudfront_key_group.g", "mode": "managed", "type": "aws_cloudfront_key_group", "expressions": {}}]}}}`, values, expressions)
}

// block is the configuration of the behavior.
func block(expressions string) string { return `"default_cache_behavior": [{` + expressions + `}]` }

// TestPlan: a plan says that key groups are trusted, even if it does not know which.
func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		values, expressions string
		public              bool
		rules               []string
		why                 string
	}{
		{`, "trusted_key_groups": []`, block(``), true, nil, "no key group"},
		{`, "trusted_key_groups": null`, block(`"trusted_key_groups": {"references": ["var.groups"]}`), true, nil, "null is known, whatever the expression has"},
		{`, "trusted_key_groups": []`, block(`"trusted_key_groups": {"references": ["var.groups"]}`), true, nil, "so is an empty list"},
		{``, block(``), true, nil, "nothing says that there are key groups"},
		{`, "trusted_key_groups": ["K"]`, block(``), false, []string{"unknown-key-group"}, "an ID"},
		{``, block(`"trusted_key_groups": {"references": ["aws_cloudfront_key_group.g[0].id", "aws_cloudfront_key_group.g[0]", "aws_cloudfront_key_group.g"]}`), false, []string{"empty-key-group", "empty-key-group"}, "all groups of a resource with count"},
		{``, block(`"trusted_key_groups": {"references": ["var.groups"]}`), false, []string{"unknown-key-group"}, "a variable"},
		{``, block(`"trusted_key_groups": {"references": ["local.groups"]}`), false, []string{"unknown-key-group"}, "a plan has no locals"},
		{``, block(`"trusted_key_groups": {"references": ["var.none"]}`), false, []string{"unknown-key-group"}, "nothing that the expression has"},
		{``, ``, false, []string{"unknown-key-group"}, "a dynamic block, which the configuration does not have"},
		{`, "trusted_key_groups": [null]`, block(``), false, []string{"unknown-key-group"}, "a list whose item is not known"},
	} {
		d := read(t, fromconfig.Options{}, plan(tt.values, tt.expressions))
		config, err := d.Config(handlers(d))
		if err != nil || config.Default.Public != tt.public {
			t.Errorf("%s: public %t, %v", tt.why, config.Default.Public, err)
		}
		var rules []string
		for _, f := range d.Findings() {
			if f.Rule != "unused-key-group" {
				rules = append(rules, f.Rule)
			}
		}
		if diff := cmp.Diff(tt.rules, rules); diff != "" {
			t.Errorf("%s: %s", tt.why, diff)
		}
	}
}

// TestDynamicBlocks: next to a dynamic block, only a behavior with the constant pattern of a block is
// certain to have its key groups.
func TestDynamicBlocks(t *testing.T) {
	behavior := func(pattern string) string {
		return `{"path_pattern": "` + pattern + `", "target_origin_id": "a", "viewer_protocol_policy": "https-only", "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"}`
	}
	const last = `}], "ordered_cache_behavior": [`
	values := last + behavior("made/*") + "," + behavior("open/*") + "," + behavior("private/*")
	values = values[:len(values)-1] // the template of the plan closes the last one
	expressions := block("") + `, "ordered_cache_behavior": [{"path_pattern": {"constant_value": "open/*"}},
		{"path_pattern": {"constant_value": "private/*"}, "trusted_key_groups": {"references": ["aws_cloudfront_key_group.g[0].id", "aws_cloudfront_key_group.g[0]"]}}]`
	d := read(t, fromconfig.Options{}, plan(values, expressions))
	config, err := d.Config(handlers(d))
	if err != nil {
		t.Fatal(err)
	}
	public := map[string]bool{}
	for _, b := range config.Behaviors {
		public[b.PathPattern] = b.Public
	}
	if diff := cmp.Diff(map[string]bool{"made/*": false, "open/*": true, "private/*": false}, public); diff != "" {
		t.Error(diff)
	}
}

// TestUnknownBucketPolicy: a plan does not know a policy with the ARN of a new bucket. Its references
// are not the policy, even if the plan knows one of them.
func TestUnknownBucketPolicy(t *testing.T) {
	const open = `"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}]}"`
	const reference = `"policy": {"references": ["data.aws_caller_identity.me.account_id", "data.aws_caller_identity.me"]}`
	for _, tt := range []struct {
		values, expressions string
		rules               []string
		notes               int
		why                 string
	}{
		{open, ``, []string{"public-bucket"}, 0, "a policy that is known"},
		{``, reference, nil, 1, "references, the first of which is an account"},
		{``, ``, nil, 1, "nothing says what it is"},
		{`"policy": "123456789012"`, ``, nil, 1, "no object"},
		{`"policy": "` + strings.Repeat("[", 9) + `"`, ``, nil, 1, "no JSON"},
	} {
		document := fmt.Appendf(nil, `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
			{"address": "aws_cloudfront_distribution.d", "mode": "managed", "type": "aws_cloudfront_distribution", "values": {
				"enabled": true, "origin": [{"origin_id": "a", "domain_name": "files.s3.amazonaws.com", "origin_access_control_id": "E1"}],
				"default_cache_behavior": [{"target_origin_id": "a", "viewer_protocol_policy": "https-only", "trusted_key_groups": ["G"]}]}},
			{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "values": {"bucket": "files"}},
			{"address": "aws_s3_bucket_policy.b", "mode": "managed", "type": "aws_s3_bucket_policy", "values": {"bucket": "files"%s}}]}},
			"prior_state": {"values": {"root_module": {"resources": [
			{"address": "data.aws_caller_identity.me", "mode": "data", "type": "aws_caller_identity", "values": {"account_id": "123456789012"}}]}}},
			"configuration": {"root_module": {"resources": [
			{"address": "aws_s3_bucket_policy.b", "mode": "managed", "type": "aws_s3_bucket_policy", "expressions": {%s}}]}}}`,
			strings.TrimSuffix(", "+tt.values, ", "), tt.expressions)
		d := read(t, fromconfig.Options{}, document)
		var rules []string
		for _, f := range d.Findings() {
			if f.Rule != "unknown-key-group" {
				rules = append(rules, f.Rule)
			}
		}
		if diff := cmp.Diff(tt.rules, rules); diff != "" {
			t.Errorf("%s: %s", tt.why, diff)
		}
		notes := 0
		for _, u := range d.Unsupported {
			if u.Feature == "bucket policy" && u.Where == "aws_s3_bucket_policy.b" {
				notes++
			}
		}
		if notes != tt.notes {
			t.Errorf("%s: %d notes, want %d: %v", tt.why, notes, tt.notes, d.Unsupported)
		}
	}
}
