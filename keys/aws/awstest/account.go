// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"context"
	"fmt"
	"regexp"
	"sync"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// An account has Regions, and what they share.
type account struct {
	clock    clock
	home     *AWS            // us-east-1, whose server counts CloudFront's requests
	requests context.Context // of all requests
	end      context.CancelFunc

	mu      sync.Mutex
	regions map[string]*AWS // by name
	closed  bool
}

func newAccount() *account {
	const region = "us-east-1"
	a := &account{}
	a.requests, a.end = context.WithCancel(context.Background())
	a.home = a.start(region)
	a.home.KMS = &KMS{awslocal.NewKMSIn(a.home.server, "aws", region), a}
	a.home.CloudFront = &CloudFront{service: awslocal.NewCloudFront(a.home.server)}
	a.regions = map[string]*AWS{region: a.home}
	return a
}

// regionName is the form of the names of Regions.
var regionName = regexp.MustCompile(`^([a-z]{2})-[a-z]+-[1-9]$`)

// region returns a Region. It starts one that is new.
func (a *account) region(name string) *AWS {
	match := regionName.FindStringSubmatch(name)
	if match == nil || match[1] == "cn" {
		panic(fmt.Sprintf("awstest: the Region is %q: write a Region of the partition aws, such as us-west-2", name))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.regions[name]; r != nil {
		return r
	}
	if a.closed {
		panic(fmt.Sprintf("awstest: the local AWS is closed: call Region(%q) before Close", name))
	}
	r := a.start(name)
	r.KMS = &KMS{a.home.KMS.service.InRegion(r.server, name), a}
	r.CloudFront = a.home.CloudFront
	r.CloudFront.service.AddTo(r.server)
	a.regions[name] = r
	return r
}

// close ends all Regions. No Region starts after it.
func (a *account) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.end()
	for _, r := range a.regions {
		r.listener.CloseClientConnections()
		r.listener.Close()
	}
}
