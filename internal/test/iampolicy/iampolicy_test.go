// SPDX-License-Identifier: Apache-2.0

package iampolicy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/iampolicy"
)

const (
	document = `{"Version": "2012-10-17", "Statement": [STATEMENT]}`
	allow    = `{"Effect": "Allow", "Action": ["kms:Sign", "kms:GetPublicKey"], "Resource": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"}`
	keyUser  = `{"Sid": "1", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/site"}, "Action": "kms:Sign", "Resource": "*"}`
)

// policy returns the document with a changed statement.
func policy(old, new string) string {
	return strings.ReplaceAll(document, "STATEMENT", strings.Replace(allow, old, new, 1))
}

func TestActions(t *testing.T) {
	for _, tt := range []struct {
		why, policy string
		want        []string
	}{
		{"the policy of a role", policy("", ""), []string{"kms:GetPublicKey", "kms:Sign"}},
		{"one statement of a key policy", keyUser, []string{"kms:Sign"}},
		{"a name with the six characters of Secrets Manager", policy("key/mrk-1", "secret:prod/cdn-??????"), []string{"kms:GetPublicKey", "kms:Sign"}},
		{"a condition", policy(`"Resource"`, `"Condition": {"StringEquals": {"kms:MessageType": "DIGEST"}}, "Resource"`), []string{"kms:GetPublicKey", "kms:Sign"}},
		{"all keys with a tag", policy(`"Resource": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"`, `"Condition": {"StringEquals": {"aws:ResourceTag/cfsign": "x"}}, "Resource": "arn:aws:kms:us-east-1:111122223333:key/*"`), []string{"kms:GetPublicKey", "kms:Sign"}},
		{"two statements", strings.ReplaceAll(document, "STATEMENT", allow+", "+strings.Replace(allow, `["kms:Sign", "kms:GetPublicKey"]`, `"kms:Verify"`, 1)), []string{"kms:GetPublicKey", "kms:Sign", "kms:Verify"}},
	} {
		got, err := iampolicy.Actions([]byte(tt.policy))
		if err != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.why, diff)
		}
	}
}

func TestRefusedPolicies(t *testing.T) {
	condition := func(text string) string { return policy(`"Resource"`, `"Condition": `+text+`, "Resource"`) }
	for _, tt := range []struct{ why, policy, says string }{
		{"no JSON", "{", "EOF"},
		{"two values", policy("", "") + "{}", "follows"},
		{"an older version, in which variables are text", strings.Replace(policy("", ""), "2012-10-17", "2008-10-17", 1), "2012-10-17"},
		{"no statement", `{"Version": "2012-10-17", "Statement": []}`, "no statement"},
		{"a misspelled member, which IAM refuses", policy("Resource", "Resources"), "unknown field"},
		{"a statement alone, without a principal", allow, "needs a principal"},
		{"a principal in the policy of a role", strings.ReplaceAll(document, "STATEMENT", keyUser), "no principal"},
		{"it denies", policy("Allow", "Deny"), "Allow"},
		{"no actions", policy(`["kms:Sign", "kms:GetPublicKey"]`, `[]`), "actions"},
		{"all actions", policy("kms:Sign", "kms:*"), "not one operation"},
		{"an action twice", policy("kms:GetPublicKey", "kms:Sign"), "two statements"},
		{"all resources", policy("arn:aws:kms:us-east-1:111122223333:key/mrk-1", "*"), "wildcard"},
		{"all resources with a tag", policy(`"Resource": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"`, `"Condition": {"StringEquals": {"aws:ResourceTag/cfsign": "x"}}, "Resource": "*"`), "wildcard"},
		{"all resources for an action that has resources", policy(`["kms:Sign", "kms:GetPublicKey"], "Resource": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"`, `["kms:CreateKey", "kms:Sign"], "Resource": "*"`), "wildcard"},
		{"all keys", policy("key/mrk-1", "key/*"), "wildcard"},
		{"all Regions", policy("us-east-1", "*"), "wildcard"},
		{"a resource of another service", policy("arn:aws:kms", "arn:aws:ssm"), "not one of the service"},
		{"another key in a key policy", strings.Replace(keyUser, `"Resource": "*"`, `"Resource": "arn:aws:kms:us-east-1:111122223333:key/1"`, 1), "write *"},
		{"an operator that IAM does not have", condition(`{"StringIs": {"kms:MessageType": "DIGEST"}}`), "operator"},
		{"a key of another service", condition(`{"StringEquals": {"ssm:MessageType": "DIGEST"}}`), "condition key"},
		{"no values", condition(`{"StringEquals": {"kms:MessageType": []}}`), "condition key"},
		{"a wildcard that is text", condition(`{"StringEquals": {"kms:MessageType": "DIG*"}}`), "wildcards are live"},
		{"text that could be a wildcard", condition(`{"StringLike": {"kms:MessageType": "DIGEST"}}`), "wildcards are live"},
	} {
		got, err := iampolicy.Actions([]byte(tt.policy))
		if err == nil || got != nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, %v, want an error that says %q", tt.why, got, err, tt.says)
		}
	}
}

func TestOperations(t *testing.T) {
	type api interface {
		Sign()
		GetPublicKey()
	}
	if diff := cmp.Diff([]string{"kms:GetPublicKey", "kms:Sign"}, iampolicy.Operations[api]("kms")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
