// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"strings"
	"sync"
)

// relatedKeys are the keys of one multi-Region key, in all Regions. They are safe for concurrent
// use.
type relatedKeys struct {
	mu   sync.Mutex
	arns []string // the primary key, then its replicas
}

func (r *relatedKeys) add(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arns = append(r.arns, arn)
}

// A multiRegionConfiguration is the answer about the keys of a multi-Region key.
type multiRegionConfiguration struct {
	MultiRegionKeyType string
	PrimaryKey         multiRegionKey
	ReplicaKeys        []multiRegionKey
}

// A multiRegionKey is one of them.
type multiRegionKey struct{ Arn, Region string }

// describe returns the configuration that the key with an ARN has.
//
// Source: "MultiRegionConfiguration",
// https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html
func (r *relatedKeys) describe(arn string) *multiRegionConfiguration {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]multiRegionKey, len(r.arns))
	for i, other := range r.arns {
		all[i] = multiRegionKey{Arn: other, Region: strings.Split(other, ":")[3]}
	}
	c := &multiRegionConfiguration{MultiRegionKeyType: "REPLICA", PrimaryKey: all[0], ReplicaKeys: all[1:]}
	if arn == c.PrimaryKey.Arn {
		c.MultiRegionKeyType = "PRIMARY"
	}
	return c
}
