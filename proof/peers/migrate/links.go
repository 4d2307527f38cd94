// SPDX-License-Identifier: Apache-2.0

package migrate

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// Links returns a link to one file, a link to a video for the office, and cookies for all
// videos in the office.
func Links(ctx context.Context, signer *sign.Signer, start, end time.Time) (report, trailer string, cookies []*http.Cookie, err error) {
	videos, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		return "", "", nil, err
	}
	report, err = signer.URL(ctx, "https://cdn.example.com/report.pdf", end)
	if err != nil {
		return "", "", nil, err
	}
	conditions := policy.Conditions{Expires: end, NotBefore: start, SourceIP: new(netip.MustParsePrefix("192.0.2.0/24"))}
	signed, err := signer.SignResource(ctx, videos, conditions) // once, for the link and the cookies
	if err != nil {
		return "", "", nil, err
	}
	trailer, err = signed.URL("https://cdn.example.com/videos/trailer.mp4")
	if err != nil {
		return "", "", nil, err
	}
	cookies, err = signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com", Path: "/videos/"})
	return report, trailer, cookies, err
}
