// SPDX-License-Identifier: Apache-2.0

package awspolicy_test

import (
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
)

// Code that signs with the AWS SDK builds its policy safely for any user ID, and keeps its
// signer.
func ExampleTo() {
	userID := "*"
	expires := time.Date(2026, 1, 1, 18, 0, 0, 0, time.UTC)
	folder, err := policy.Under("https://cdn.example.com/users", userID)
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: expires})
	if err != nil {
		log.Fatal(err)
	}
	sdkPolicy, err := awspolicy.To(p) // for the SDK's URLSigner and CookieSigner
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sdkPolicy.Statements[0].Resource)
	// Output: https://cdn.example.com/users/%2A/*
}

// A policy that was built for the AWS SDK is checked on the way in.
func ExampleFrom() {
	_, err := awspolicy.From(&sign.Policy{Statements: []sign.Statement{{Resource: "https://cdn.example.com/*"}}})
	fmt.Println(err)
	// Output: policy: Expires: it is missing, and every policy must end at some time: write DateLessThan into Condition
}
