// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"encoding/xml"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// ByHand is the delay of deployments that wait for [CloudFront.Deploy].
const ByHand = time.Duration(math.MaxInt64)

// A distribution has trusted key groups. Its edge locations get a change later.
type distribution struct {
	id, domain, etag string
	modified         time.Time
	keyGroups        []string   // IDs of key groups in the configuration
	deployed         []edgeKeys // what the edge locations trust, by key group
	pending          []deployment
}

// edgeKeys are the public keys of a key group at the edge locations.
type edgeKeys struct {
	keyGroup string
	ids      []string
	keys     map[string]crypto.PublicKey // by ID
}

// A deployment is on its way to the edge locations.
type deployment struct {
	begun time.Time
	keys  []edgeKeys
}

// SetDelay sets how long a change takes until the edge locations of a distribution have it,
// also for changes that are on their way. Zero: no time. [ByHand]: until the next Deploy.
func (c *CloudFront) SetDelay(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settleAll()
	c.delay = d
}

// HideProgress makes GetDistribution report each distribution as deployed, even if a change
// of a key group has not arrived. CloudFront does not document whether a change of a key
// group shows in the status of its distributions.
func (c *CloudFront) HideProgress(hide bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hideProgress = hide
}

// Deploy finishes all deployments now.
func (c *CloudFront) Deploy() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.distributions {
		d.arrive(func(deployment) bool { return true })
	}
}

// AddDistribution adds a deployed distribution that trusts key groups, by their IDs. For
// an ID that exists, it changes the distribution, which takes a deployment. It panics if a
// key group does not exist.
func (c *CloudFront) AddDistribution(id, domain string, keyGroups ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, group := range keyGroups {
		if c.keyGroups[group] == nil {
			panic(fmt.Sprintf("local AWS: there is no key group %q", group))
		}
	}
	d, exists := c.distributions[id]
	if !exists {
		d = &distribution{id: id}
		c.distributions[id] = d
	}
	d.domain, d.keyGroups = domain, slices.Clone(keyGroups)
	d.etag, d.modified = c.next(etagFormat), c.clock().UTC()
	if c.deploy(d); !exists {
		d.arrive(func(deployment) bool { return true })
	}
}

// Trusted returns the public keys that the edge locations of a distribution trust now, by
// key pair ID. It panics if the distribution does not exist.
func (c *CloudFront) Trusted(distributionID string) map[string]crypto.PublicKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.distributions[distributionID]
	if !ok {
		panic(fmt.Sprintf("local AWS: there is no distribution %q", distributionID))
	}
	c.settle(d)
	trusted := map[string]crypto.PublicKey{}
	for _, group := range d.deployed {
		maps.Copy(trusted, group.keys)
	}
	return trusted
}

// deployKeyGroup begins to deploy a key group to the distributions that trust it. The
// caller must hold the lock.
func (c *CloudFront) deployKeyGroup(id string) {
	for _, distribution := range c.distributionsOf(id) {
		c.deploy(c.distributions[distribution])
	}
}

// deploy begins to deploy the key groups of a distribution. The caller must hold the lock.
func (c *CloudFront) deploy(d *distribution) {
	next := deployment{begun: c.clock()}
	for _, id := range d.keyGroups {
		group := edgeKeys{keyGroup: id, ids: slices.Clone(c.keyGroups[id].config.Items), keys: map[string]crypto.PublicKey{}}
		for _, key := range group.ids {
			group.keys[key] = c.publicKeys[key].key
		}
		next.keys = append(next.keys, group)
	}
	d.pending = append(d.pending, next)
}

// settle finishes the deployments of a distribution that have taken their time. The caller
// must hold the lock.
func (c *CloudFront) settle(d *distribution) {
	now := c.clock()
	d.arrive(func(begun deployment) bool { return now.Sub(begun.begun) >= c.delay })
}

// settleAll is settle for all distributions, before the delay or the clock changes.
func (c *CloudFront) settleAll() {
	for _, d := range c.distributions {
		c.settle(d)
	}
}

// arrive finishes deployments in their order, as long as arrived says so.
func (d *distribution) arrive(arrived func(deployment) bool) {
	for len(d.pending) > 0 && arrived(d.pending[0]) {
		d.deployed, d.pending = d.pending[0].keys, d.pending[1:]
	}
}

// distributionsOf returns the IDs of the distributions that trust a key group, in their
// order. The caller must hold the lock.
func (c *CloudFront) distributionsOf(keyGroup string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(c.distributions)) {
		if slices.Contains(c.distributions[id].keyGroups, keyGroup) {
			ids = append(ids, id)
		}
	}
	return ids
}

// distributionIDList is the answer of ListDistributionsByKeyGroup.
type distributionIDList struct {
	XMLName     xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ DistributionIdList"`
	Marker      string
	NextMarker  string `xml:",omitempty"`
	MaxItems    int
	IsTruncated bool
	Quantity    int
	Items       []string `xml:"Items>DistributionId"`
}

func (c *CloudFront) listDistributionsByKeyGroup(r *restRequest) (*restAnswer, error) {
	if _, err := c.findKeyGroup(r.id()); err != nil {
		return nil, err
	}
	ids, next, maxItems, err := r.page(c.distributionsOf(r.id()))
	if err != nil {
		return nil, err
	}
	return &restAnswer{body: &distributionIDList{
		Marker: r.URL.Query().Get("Marker"), NextMarker: next, MaxItems: maxItems,
		IsTruncated: next != "", Quantity: len(ids), Items: ids,
	}}, nil
}

// distributionXML is a distribution in an answer: the members that are required, and the
// keys.
type distributionXML struct {
	XMLName                       xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ Distribution"`
	ID                            string   `xml:"Id"`
	ARN                           string
	Status                        string
	LastModifiedTime              time.Time
	InProgressInvalidationBatches int
	DomainName                    string
	ActiveTrustedSigners          enabledList
	ActiveTrustedKeyGroups        enabledList
	DistributionConfig            distributionConfigXML
}

// An enabledList is a list that says how many items it has, and whether it has any.
type enabledList struct {
	Enabled   bool
	Quantity  int
	KeyGroups []activeKeyGroup `xml:"Items>KeyGroup,omitempty"`
}

type activeKeyGroup struct {
	KeyGroupID string   `xml:"KeyGroupId"`
	Quantity   int      `xml:"KeyPairIds>Quantity"`
	KeyPairIDs []string `xml:"KeyPairIds>Items>KeyPairId"`
}

type distributionConfigXML struct {
	CallerReference  string
	OriginQuantity   int      `xml:"Origins>Quantity"`
	OriginID         string   `xml:"Origins>Items>Origin>Id"`
	OriginDomain     string   `xml:"Origins>Items>Origin>DomainName"`
	TargetOriginID   string   `xml:"DefaultCacheBehavior>TargetOriginId"`
	ViewerProtocol   string   `xml:"DefaultCacheBehavior>ViewerProtocolPolicy"`
	TrustsKeyGroups  bool     `xml:"DefaultCacheBehavior>TrustedKeyGroups>Enabled"`
	KeyGroupQuantity int      `xml:"DefaultCacheBehavior>TrustedKeyGroups>Quantity"`
	KeyGroups        []string `xml:"DefaultCacheBehavior>TrustedKeyGroups>Items>KeyGroup"`
	Comment          string
	Enabled          bool
}

// getDistribution is GetDistribution.
//
// Source: "GetDistribution",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetDistribution.html
func (c *CloudFront) getDistribution(r *restRequest) (*restAnswer, error) {
	d, ok := c.distributions[r.id()]
	if !ok {
		return nil, &Error{Type: "NoSuchDistribution", Message: "The specified distribution does not exist."}
	}
	c.settle(d)
	status := "Deployed"
	if len(d.pending) > 0 && !c.hideProgress {
		status = "InProgress"
	}
	active := enabledList{Enabled: len(d.deployed) > 0, Quantity: len(d.deployed)}
	for _, group := range d.deployed {
		active.KeyGroups = append(active.KeyGroups, activeKeyGroup{KeyGroupID: group.keyGroup, Quantity: len(group.ids), KeyPairIDs: group.ids})
	}
	const origin = "origin"
	return &restAnswer{etag: d.etag, body: &distributionXML{
		ID: d.id, ARN: "arn:aws:cloudfront::111122223333:distribution/" + d.id, Status: status,
		LastModifiedTime: d.modified, DomainName: d.domain, ActiveTrustedKeyGroups: active,
		DistributionConfig: distributionConfigXML{
			CallerReference: d.id, OriginQuantity: 1, OriginID: origin, OriginDomain: "origin.example.com",
			TargetOriginID: origin, ViewerProtocol: "redirect-to-https", Enabled: true,
			TrustsKeyGroups: len(d.keyGroups) > 0, KeyGroupQuantity: len(d.keyGroups), KeyGroups: d.keyGroups,
		},
	}}, nil
}
