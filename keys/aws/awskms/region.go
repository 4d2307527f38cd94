// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/keys"
)

// A region is one client of a key. Its health belongs to the lock of the key. New sets the
// other fields.
type region struct {
	client API
	code   string // such as us-east-1; "" if nothing says it
	label  string // for errors and events; "" for the only client
	name   string // of the key, in requests
	arn    string // of the key, in answers; "": any related ARN

	health
}

// regions returns the Regions of client and of o.Replicas, with the name of the key in each.
func (o Options) regions(client API, keyID string) ([]*region, error) {
	if isNil(client) {
		return nil, errors.New("awskms: the client is nil: make one with kms.NewFromConfig")
	}
	if len(o.Replicas) == 0 {
		return []*region{{client: client, name: keyID}}, nil
	}
	if !strings.Contains(keyID, "alias/") && !isMultiRegion(keyID) {
		return nil, notMultiRegion(keyID)
	}
	all := []*region{{client: client, code: codeOf(client), label: "client", name: keyID}}
	for i, replica := range o.Replicas {
		label := fmt.Sprintf("Options.Replicas[%d]", i)
		if isNil(replica) {
			return nil, fmt.Errorf("awskms: %s is nil: make it with kms.NewFromConfig, with another Region", label)
		}
		all = append(all, &region{client: replica, code: codeOf(replica), label: label, name: keyID})
	}
	if err := nameByARN(all, keyID); err != nil {
		return nil, err
	}
	if err := labelByCode(all); err != nil {
		return nil, err
	}
	return all, nil
}

// labelByCode names the Regions in errors by their codes. It refuses two clients of one
// Region, because an outage of the Region would be an outage of both.
func labelByCode(all []*region) error {
	seen := map[string]string{}
	for _, r := range all {
		if r.code == "" {
			continue
		}
		if before, ok := seen[r.code]; ok {
			return fmt.Errorf("awskms: %s has the Region %s, and %s has it too: pass clients of different Regions", r.label, r.code, before)
		}
		seen[r.code], r.label = r.label, r.code
	}
	return nil
}

// nameByARN names the key by the ARN of each Region, if keyID is an ARN. A key of another
// account has no other name.
func nameByARN(all []*region, keyID string) error {
	key, err := arn.Parse(keyID)
	if err != nil {
		return nil // an ID or an alias
	}
	if all[0].code == "" {
		all[0].code = key.Region
	}
	for _, r := range all[1:] {
		if r.code == "" {
			return fmt.Errorf("awskms: the key is named by its ARN, and %s does not say its Region: pass a *kms.Client, or name the key by its ID", r.label)
		}
		r.name = in(key, r.code)
	}
	return nil
}

// in returns an ARN in another Region. Related keys have ARNs that differ only in the
// Region, and are always in one partition.
//
// Source: "How multi-Region keys work",
// https://docs.aws.amazon.com/kms/latest/developerguide/mrk-how-it-works.html
func in(a arn.ARN, region string) string {
	a.Region = region
	return a.String()
}

// relate names the key in every Region after one of them has answered with k.arn. byARN
// says whether the caller named the key by an ARN.
func (k *key) relate(answered *region, byARN bool) error {
	key, err := arn.Parse(k.arn)
	if err != nil || !isMultiRegion(k.arn) {
		return notMultiRegion(k.arn)
	}
	for _, r := range k.regions {
		switch {
		case r == answered:
			r.name, r.arn = k.arn, k.arn
		case byARN:
			r.name = in(key, r.code)
			r.arn = r.name
		default:
			r.name = strings.TrimPrefix(key.Resource, "key/")
		}
	}
	return nil
}

// isNamed reports whether an answer of r names the key.
func (k *key) isNamed(r *region, answered string) bool {
	if r.arn != "" {
		return answered == r.arn
	}
	got, err := arn.Parse(answered)
	want, _ := arn.Parse(k.arn)
	return err == nil && in(got, "") == in(want, "")
}

// isMultiRegion reports whether a key ID, or the ARN of a key, is the name of a multi-Region
// key.
func isMultiRegion(keyID string) bool {
	if _, id, ok := strings.Cut(keyID, ":key/"); ok {
		keyID = id
	}
	return strings.HasPrefix(keyID, "mrk-")
}

func notMultiRegion(keyID string) error {
	return fmt.Errorf("awskms: %s: %w: Options.Replicas needs a multi-Region key, whose ID begins with mrk-: make one with aws kms create-key --multi-region, and its replicas with aws kms replicate-key", keyID, keys.ErrUnsupportedKey)
}

// codeOf returns the Region of a client that says it, as [*kms.Client] does, or "".
func codeOf(client API) string {
	if c, ok := client.(interface{ Options() kms.Options }); ok {
		return c.Options().Region
	}
	return ""
}

// isNil reports whether client is nil, or holds a nil pointer.
func isNil(client API) bool {
	v := reflect.ValueOf(client)
	return client == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// health is what a process knows about a Region.
type health struct {
	isFailing bool
	failedAt  time.Time // without a monotonic clock, which stands still in a frozen process
	isProbed  bool      // by one operation, after pause
}

// pause is how long a Region that failed comes after the others.
const pause = 30 * time.Second

// isDue reports whether a Region may come in its turn. If the clock was set back, it may.
func (h *health) isDue(now time.Time) bool {
	age := now.Sub(h.failedAt)
	return !h.isFailing || !h.isProbed && (age < 0 || age >= pause)
}
