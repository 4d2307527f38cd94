// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cloudFrontPath is the beginning of each path of the API: its version.
const cloudFrontPath = "/2020-05-31/"

// A CloudFront is the part of CloudFront's control plane that a rotation of keys needs:
// public keys, key groups, and the distributions that trust key groups. A distribution gets
// a change after a delay, which [CloudFront.SetDelay] sets. It is safe for concurrent use.
//
// The targets of its operations, for [Server.Fail] and the like, are their names in the
// API reference, such as UpdateKeyGroup.
type CloudFront struct {
	handler http.Handler
	names   []string // of the operations

	mu            sync.Mutex
	publicKeys    map[string]*publicKey    // by ID
	keyGroups     map[string]*keyGroup     // by ID
	distributions map[string]*distribution // by ID
	made          int                      // IDs and ETags
	quotas        Quotas
	clock         func() time.Time
	delay         time.Duration
	hideProgress  bool
}

// Quotas are what CloudFront limits for an account.
//
// Source: "Quotas",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
type Quotas struct {
	PublicKeys, KeyGroups, PublicKeysInKeyGroup int
}

// defaultQuotas are the quotas of a new account.
var defaultQuotas = Quotas{PublicKeys: 10, KeyGroups: 10, PublicKeysInKeyGroup: 5}

// NewCloudFront returns a CloudFront without keys and distributions, and adds it to s.
func NewCloudFront(s *Server) *CloudFront {
	c := &CloudFront{
		publicKeys: map[string]*publicKey{}, keyGroups: map[string]*keyGroup{}, distributions: map[string]*distribution{},
		quotas: defaultQuotas, clock: s.now,
	}
	mux := http.NewServeMux()
	for _, o := range []struct {
		pattern, name string
		operation     func(*restRequest) (*restAnswer, error)
	}{
		{"POST " + publicKeyPath, "CreatePublicKey", c.createPublicKey},
		{"GET " + publicKeyPath, "ListPublicKeys", c.listPublicKeys},
		{"GET " + publicKeyPath + "/{id}", "GetPublicKey", c.getPublicKey},
		{"DELETE " + publicKeyPath + "/{id}", "DeletePublicKey", c.deletePublicKey},
		{"GET " + publicKeyPath + "/{id}/config", "GetPublicKeyConfig", c.getPublicKeyConfig},
		{"PUT " + publicKeyPath + "/{id}/config", "UpdatePublicKey", c.updatePublicKey},
		{"POST " + keyGroupPath, "CreateKeyGroup", c.createKeyGroup},
		{"GET " + keyGroupPath, "ListKeyGroups", c.listKeyGroups},
		{"GET " + keyGroupPath + "/{id}", "GetKeyGroup", c.getKeyGroup},
		{"PUT " + keyGroupPath + "/{id}", "UpdateKeyGroup", c.updateKeyGroup},
		{"DELETE " + keyGroupPath + "/{id}", "DeleteKeyGroup", c.deleteKeyGroup},
		{"GET " + keyGroupPath + "/{id}/config", "GetKeyGroupConfig", c.getKeyGroupConfig},
		{"GET " + cloudFrontPath + "distributionsByKeyGroupId/{id}", "ListDistributionsByKeyGroup", c.listDistributionsByKeyGroup},
		{"GET " + cloudFrontPath + "distribution/{id}", "GetDistribution", c.getDistribution},
	} {
		c.names = append(c.names, o.name)
		mux.HandleFunc(o.pattern, func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, o.name, restProtocol{}, func(body []byte) (any, error) {
				c.mu.Lock()
				defer c.mu.Unlock()
				return o.operation(&restRequest{Request: r, body: body})
			})
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		restProtocol{}.writeError(w, missing("operation %s %s: it has %s", r.Method, r.URL.Path, strings.Join(c.names, ", ")))
	})
	c.handler = mux
	c.AddTo(s)
	return c
}

// AddTo adds c to one more server, such as the server of another Region. Requests count at the
// server of [NewCloudFront], and get the faults that are there.
func (c *CloudFront) AddTo(s *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cloudFront = c
}

// SetQuotas changes the quotas. A quota of zero or less stays as it is. A new CloudFront has
// 10 public keys, 10 key groups, and 5 public keys in a key group.
func (c *CloudFront) SetQuotas(q Quotas) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, quota := range []struct{ old, new *int }{
		{&c.quotas.PublicKeys, &q.PublicKeys},
		{&c.quotas.KeyGroups, &q.KeyGroups},
		{&c.quotas.PublicKeysInKeyGroup, &q.PublicKeysInKeyGroup},
	} {
		if *quota.new > 0 {
			*quota.old = *quota.new
		}
	}
}

// SetClock sets the clock for dates and for the delay of deployments. Nil: time.Now.
func (c *CloudFront) SetClock(clock func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settleAll()
	c.clock = clock
	if clock == nil {
		c.clock = time.Now
	}
}

// next returns a new ID or ETag. The caller must hold the lock.
func (c *CloudFront) next(format string) string {
	c.made++
	return fmt.Sprintf(format, c.made)
}

// The forms of IDs and ETags.
const (
	publicKeyFormat = "K%013d"
	keyGroupFormat  = "a1b2c3d4-5678-90ab-cdef-%012d"
	etagFormat      = "E%013d"
)

var etagForm = regexp.MustCompile(`^E[A-Z0-9]{13}$`)

// A restRequest is a request for an operation, with its body.
type restRequest struct {
	*http.Request
	body []byte
}

func (r *restRequest) id() string { return r.PathValue("id") }

// decode reads the XML of the body.
func (r *restRequest) decode(into any) error {
	if err := xml.Unmarshal(r.body, into); err != nil {
		return &Error{Type: "MalformedInput", Message: "the body is not the XML of the request: " + err.Error()}
	}
	return nil
}

// match compares If-Match with the ETag of a resource.
//
// Source: the errors of "UpdateKeyGroup",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateKeyGroup.html
func (r *restRequest) match(etag string) error {
	switch given := r.Header.Get("If-Match"); {
	case !etagForm.MatchString(given):
		return &Error{Type: "InvalidIfMatchVersion", Message: "The If-Match version is missing or not valid for the resource."}
	case given != etag:
		return &Error{Type: "PreconditionFailed", Message: "The precondition in one or more of the request fields evaluated to false."}
	}
	return nil
}

// page cuts the page that a request wants out of IDs in their order.
//
// Source: NextMarker of "ListDistributions",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html
func (r *restRequest) page(ids []string) (page []string, next string, maxItems int, err error) {
	const most = 100
	maxItems = most
	query := r.URL.Query()
	if text := query.Get("MaxItems"); text != "" {
		if maxItems, err = strconv.Atoi(text); err != nil || maxItems < 1 || maxItems > most {
			return nil, "", 0, invalidArgument("MaxItems must be from 1 to 100")
		}
	}
	page, next = pageOf(ids, query.Get("Marker"), maxItems)
	return page, next, maxItems, nil
}

// pageOf returns the names after the marker, at most limit. The marker of the next page is
// the last name of this page, or "" on the last page. A marker stays good if its resource
// is deleted. The names must be in their order.
func pageOf(names []string, marker string, limit int) (page []string, next string) {
	for _, name := range names {
		if name <= marker {
			continue
		}
		if len(page) == limit {
			return page, page[len(page)-1]
		}
		page = append(page, name)
	}
	return page, ""
}

// location is the URL of a resource.
func (r *restRequest) location(path, id string) string { return "https://" + r.Host + path + "/" + id }

func invalidArgument(message string) error { return &Error{Type: "InvalidArgument", Message: message} }

// longestComment is the length of the comments of public keys and key groups.
const longestComment = 128

// checkNameAndComment refuses what is not valid in public keys and key groups.
func checkNameAndComment(name, comment string) error {
	switch {
	case !resourceName.MatchString(name):
		return invalidArgument("Name must have 1 to 128 letters, digits, - and _")
	case len([]rune(comment)) > longestComment:
		return invalidArgument("Comment must not be longer than 128 characters")
	}
	return nil
}

// resourceName is an assumption: CloudFront does not document which names it takes. Names of
// this form are in wide use, so a client that needs other ones must find out first.
var resourceName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
