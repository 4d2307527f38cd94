// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"time"
)

const keyGroupPath = cloudFrontPath + "key-group"

// A keyGroup is a key group in CloudFront.
type keyGroup struct {
	id, etag string
	modified time.Time
	config   keyGroupConfig
}

// A keyGroupConfig is the XML that a client sends for a key group.
type keyGroupConfig struct {
	XMLName xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ KeyGroupConfig"`
	Name    string
	Items   []string `xml:"Items>PublicKey"`
	Comment string
}

// keyGroupXML is a key group in an answer.
type keyGroupXML struct {
	XMLName          xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ KeyGroup"`
	ID               string   `xml:"Id"`
	LastModifiedTime time.Time
	Config           keyGroupConfig
}

func (g *keyGroup) xml() *keyGroupXML {
	return &keyGroupXML{ID: g.id, LastModifiedTime: g.modified, Config: g.config}
}

func (g *keyGroup) answer() *restAnswer { return &restAnswer{etag: g.etag, body: g.xml()} }

// createKeyGroup is CreateKeyGroup.
//
// Source: "CreateKeyGroup",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyGroup.html
func (c *CloudFront) createKeyGroup(r *restRequest) (*restAnswer, error) {
	var config keyGroupConfig
	if err := r.decode(&config); err != nil {
		return nil, err
	}
	g, err := c.addKeyGroup(config)
	if err != nil {
		return nil, err
	}
	answer := g.answer()
	answer.status, answer.location = http.StatusCreated, r.location(keyGroupPath, g.id)
	return answer, nil
}

// AddKeyGroup creates a key group as CreateKeyGroup does, and returns its ID.
func (c *CloudFront) AddKeyGroup(name string, publicKeys ...string) (id string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, err := c.addKeyGroup(keyGroupConfig{Name: name, Items: publicKeys})
	if err != nil {
		return "", err
	}
	return g.id, nil
}

func (c *CloudFront) addKeyGroup(config keyGroupConfig) (*keyGroup, error) {
	if err := c.checkKeyGroup("", config); err != nil {
		return nil, err
	}
	if len(c.keyGroups) >= c.quotas.KeyGroups {
		return nil, &Error{Type: "TooManyKeyGroups", Message: "You have reached the maximum number of key groups for this Amazon Web Services account."}
	}
	g := &keyGroup{id: c.next(keyGroupFormat), etag: c.next(etagFormat), modified: c.clock().UTC(), config: config}
	c.keyGroups[g.id] = g
	return g, nil
}

// checkKeyGroup refuses an invalid config for the key group with an ID. The ID is "" for
// a new key group. The API reference requires a public key in each key group. It documents
// InvalidArgument and no other error for a public key that does not exist. It says nothing
// about a public key that is there twice: that is an error here, because it is a mistake.
func (c *CloudFront) checkKeyGroup(id string, config keyGroupConfig) error {
	if err := checkNameAndComment(config.Name, config.Comment); err != nil {
		return err
	}
	if len(config.Items) == 0 {
		return invalidArgument("Items must have at least one public key")
	}
	if len(config.Items) > c.quotas.PublicKeysInKeyGroup {
		return &Error{Type: "TooManyPublicKeysInKeyGroup", Message: "The number of public keys in this key group is more than the maximum allowed."}
	}
	for i, item := range config.Items {
		if _, ok := c.publicKeys[item]; !ok || slices.Contains(config.Items[:i], item) {
			return invalidArgument("Items must be the IDs of different public keys, and " + item + " is not")
		}
	}
	for _, other := range c.keyGroups {
		if other.config.Name == config.Name && other.id != id {
			return &Error{Type: "KeyGroupAlreadyExists", Message: "A key group with this name already exists."}
		}
	}
	return nil
}

func (c *CloudFront) findKeyGroup(id string) (*keyGroup, error) {
	g, ok := c.keyGroups[id]
	if !ok {
		return nil, &Error{Type: "NoSuchResource", Message: "A resource that was specified is not valid."}
	}
	return g, nil
}

func (c *CloudFront) getKeyGroup(r *restRequest) (*restAnswer, error) {
	g, err := c.findKeyGroup(r.id())
	if err != nil {
		return nil, err
	}
	return g.answer(), nil
}

func (c *CloudFront) getKeyGroupConfig(r *restRequest) (*restAnswer, error) {
	g, err := c.findKeyGroup(r.id())
	if err != nil {
		return nil, err
	}
	return &restAnswer{etag: g.etag, body: g.config}, nil
}

// updateKeyGroup is UpdateKeyGroup, which replaces the whole config.
//
// Source: "UpdateKeyGroup",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateKeyGroup.html
func (c *CloudFront) updateKeyGroup(r *restRequest) (*restAnswer, error) {
	var config keyGroupConfig
	if err := r.decode(&config); err != nil {
		return nil, err
	}
	g, err := c.findKeyGroup(r.id())
	if err != nil {
		return nil, err
	}
	if err := r.match(g.etag); err != nil {
		return nil, err
	}
	if err := c.checkKeyGroup(g.id, config); err != nil {
		return nil, err
	}
	g.config, g.etag, g.modified = config, c.next(etagFormat), c.clock().UTC()
	c.deployKeyGroup(g.id)
	return g.answer(), nil
}

// deleteKeyGroup is DeleteKeyGroup.
//
// Source: "DeleteKeyGroup",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteKeyGroup.html
func (c *CloudFront) deleteKeyGroup(r *restRequest) (*restAnswer, error) {
	g, err := c.findKeyGroup(r.id())
	if err != nil {
		return nil, err
	}
	if err := r.match(g.etag); err != nil {
		return nil, err
	}
	if len(c.distributionsOf(g.id)) > 0 {
		return nil, &Error{Type: "ResourceInUse", Message: "Cannot delete this resource because it is in use."}
	}
	delete(c.keyGroups, g.id)
	return &restAnswer{status: http.StatusNoContent}, nil
}

// keyGroupList is the answer of ListKeyGroups.
type keyGroupList struct {
	XMLName    xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ KeyGroupList"`
	NextMarker string   `xml:",omitempty"`
	MaxItems   int
	Quantity   int
	Items      []keyGroupSummary `xml:"Items>KeyGroupSummary"`
}

type keyGroupSummary struct{ KeyGroup *keyGroupXML }

func (c *CloudFront) listKeyGroups(r *restRequest) (*restAnswer, error) {
	ids, next, maxItems, err := r.page(slices.Sorted(maps.Keys(c.keyGroups)))
	if err != nil {
		return nil, err
	}
	list := &keyGroupList{NextMarker: next, MaxItems: maxItems, Quantity: len(ids)}
	for _, id := range ids {
		list.Items = append(list.Items, keyGroupSummary{c.keyGroups[id].xml()})
	}
	return &restAnswer{body: list}, nil
}
