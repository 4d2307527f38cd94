// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// An account has Regions, and what they share.
type account struct {
	clock    clock
	home     *AWS             // us-east-1, whose server counts CloudFront's requests
	listener *httptest.Server // for all Regions
	end      context.CancelFunc

	mu      sync.Mutex
	regions map[string]*AWS // by name
	closed  bool
}

func newAccount() *account {
	const region = "us-east-1"
	a := &account{}
	requests, end := context.WithCancel(context.Background())
	a.end = end
	a.listener = httptest.NewUnstartedServer(a)
	a.listener.Config.BaseContext = func(net.Listener) context.Context { return requests }
	a.home = a.start(region)
	a.home.KMS = &KMS{awslocal.NewKMSIn(a.home.server, "aws", region), a}
	a.home.CloudFront = &CloudFront{service: awslocal.NewCloudFront(a.home.server)}
	a.regions = map[string]*AWS{region: a.home}
	a.listener.Start()
	return a
}

// ServeHTTP answers a request in the Region for which it is signed, or in us-east-1 without a
// signature. CloudFront is global.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	place := a.home
	if region, service := awslocal.ScopeOf(r); region != "" && service != "cloudfront" {
		var err error
		if place, err = a.region(region); err != nil {
			awslocal.RefuseRegion(w, r, err.Error())
			return
		}
	}
	place.server.ServeHTTP(w, r)
}

// regionName is the form of the names of Regions.
var regionName = regexp.MustCompile(`^([a-z]{2})-[a-z]+-[1-9]$`)

// region returns a Region. It starts one that is new.
func (a *account) region(name string) (*AWS, error) {
	match := regionName.FindStringSubmatch(name)
	if match == nil || match[1] == "cn" {
		return nil, errors.New("write a Region of the partition aws, such as us-west-2")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.regions[name]; r != nil {
		return r, nil
	}
	if a.closed {
		return nil, fmt.Errorf("the local AWS is closed: call Region(%q) before Close", name)
	}
	r := a.start(name)
	r.KMS = &KMS{a.home.KMS.service.InRegion(r.server, name), a}
	r.CloudFront = a.home.CloudFront
	r.CloudFront.service.AddTo(r.server)
	a.regions[name] = r
	return r, nil
}

// close ends all Regions. No Region starts after it.
func (a *account) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock() // requests that Close waits for can need it
	a.end()
	a.listener.CloseClientConnections()
	a.listener.Close()
}
