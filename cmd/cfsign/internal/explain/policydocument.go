// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"slices"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// policyChecks are the checks that a policy document alone can pass.
var policyChecks = []verify.CheckName{verify.CheckPolicyFormat, verify.CheckPolicy, verify.CheckStart, verify.CheckExpiry}

// explainPolicy explains a policy document that came without a signature.
func explainPolicy(r capture.Request) Explanation {
	r.URL = "https://cdn.example.com/?Policy=" + string(wire.AppendEncode(nil, r.Policy)) + "&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F"
	report := Report(r, keys.Set{})
	e := Explanation{
		ReadAs: string(r.Form), At: r.Time.UTC(), Policy: report.Policy, Document: incident{request: r}.document(),
		Notes: append(slices.Clone(report.Notes), "this is a policy without a signature: paste the signed URL or the cookies to check more"),
	}
	for _, name := range policyChecks {
		if check := report.Check(name); check.Outcome == verify.Failed {
			e.Causes = append(e.Causes, check.Detail)
		}
	}
	return e
}
