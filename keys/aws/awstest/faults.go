// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// Count returns the number of requests for an operation so far, such as "kms:Sign", in this
// Region. CloudFront's requests count in all Regions. Each try of a client counts. Count panics if
// the local AWS does not have the operation.
func (a *AWS) Count(operation string) int {
	server, target := a.find(operation)
	return server.Count(target)
}

// Fail answers the next requests for an operation with an error, such as "ThrottlingException",
// and does not carry them out. Clients try three times if the error can be temporary. The status
// is the one that AWS documents. times is the number of requests. Zero: all, until [AWS.Recover].
// Faults of one operation come one after the other. Fail panics if the local AWS does not have the
// operation, if times is negative, or if code is empty.
func (a *AWS) Fail(operation string, times int, code string) {
	checkTimes("Fail", times)
	if code == "" {
		panic("awstest: Fail needs the code of an error, such as ThrottlingException")
	}
	server, target := a.find(operation)
	server.Fail(target, times, &awslocal.Error{Type: code, Message: "awstest: a fault of the test"})
}

// Answer answers the next requests for an operation with a status and a body, which can be
// anything, and does not carry them out. times is as for [AWS.Fail]. Answer panics if the local
// AWS does not have the operation, if times is negative, if the status is not from 200 to 599, or
// if there is a body and responses with the status have none.
func (a *AWS) Answer(operation string, times, status int, body string) {
	checkTimes("Answer", times)
	switch {
	case status < http.StatusOK || status > 599:
		panic(fmt.Sprintf(`awstest: Answer got the status %d: write one from 200 to 599, after the number of requests, as in Answer("kms:Sign", 1, 503, "")`, status))
	case body != "" && (status == http.StatusNoContent || status == http.StatusNotModified):
		panic(fmt.Sprintf("awstest: Answer got a body for the status %d, and such responses have none: write another status", status))
	}
	server, target := a.find(operation)
	server.Answer(target, times, status, body)
}

// Hang does not answer the next requests for an operation until the client gives up: when its
// context ends, for example. times is as for [AWS.Fail]. Hang panics if the local AWS does not
// have the operation, or if times is negative.
func (a *AWS) Hang(operation string, times int) {
	checkTimes("Hang", times)
	server, target := a.find(operation)
	server.Delay(target, times, math.MaxInt64)
}

// Recover removes the remaining faults of an operation. It panics if the local AWS does not have
// the operation.
func (a *AWS) Recover(operation string) {
	server, target := a.find(operation)
	server.Recover(target)
}

func checkTimes(method string, times int) {
	if times < 0 {
		panic(fmt.Sprintf("awstest: %s got %d requests: write how many, or 0 for all", method, times))
	}
}

func checkDuration(method string, d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("awstest: %s got %v: write a positive duration, or 0", method, d))
	}
}

// prefixes are the targets of a service without its operations, by the service in IAM policies.
var prefixes = map[string]string{"kms": "TrentService.", "secretsmanager": "secretsmanager.", "ssm": "AmazonSSM.", "cloudfront": ""}

// find returns the server that counts an operation, and what it calls the operation. CloudFront's
// are at the server of us-east-1.
func (a *AWS) find(operation string) (server *awslocal.Server, target string) {
	service, name, _ := strings.Cut(operation, ":")
	prefix, ok := prefixes[service]
	if !ok || !slices.Contains(a.server.Operations(), prefix+name) {
		panic(fmt.Sprintf("awstest: there is no operation %q: write one of %s", operation, strings.Join(a.operations(), ", ")))
	}
	if server = a.server; service == "cloudfront" {
		server = a.account.home.server
	}
	return server, prefix + name
}

// operations returns the names of all operations, in their order.
func (a *AWS) operations() []string {
	var names []string
	for _, target := range a.server.Operations() {
		prefix, name, ok := strings.Cut(target, ".")
		if !ok {
			prefix, name = "", target
		}
		for service, of := range prefixes {
			if strings.TrimSuffix(of, ".") == prefix {
				names = append(names, service+":"+name)
			}
		}
	}
	slices.Sort(names)
	return names
}
