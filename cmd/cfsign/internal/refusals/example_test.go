// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
)

func ExampleRun() {
	log := "#Fields: date time sc-status cs-uri-stem cs-uri-query cs(Cookie) x-host-header cs-protocol\n" +
		"2026-01-31\t18:00:00\t403\t/a.jpg\tExpires=1769878800&Signature=MEUC__&Key-Pair-Id=K2JCJMDEHXQW5F\t-\tcdn.example.com\thttps\n"

	reader := accesslogs.NewReader(accesslogs.Options{Stdin: strings.NewReader(log)})
	found, err := refusals.Run(context.Background(), reader, []string{accesslogs.Stdin}, refusals.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cause := range found.Causes {
		fmt.Println(cause.Requests, cause.Name, cause.Fixes[0].Example.Path)
	}
	// Output: 1 malformed-signature /a.jpg
}
