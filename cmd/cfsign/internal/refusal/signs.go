// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"mime"
	"net/http"
	"strings"
)

// signs are what the header fields tell of who answered.
type signs struct {
	known   bool   // there are header fields
	through bool   // CloudFront passed the response on, or wrote it
	server  string // in lower case
	cache   string // X-Cache in lower case, such as "error from cloudfront"
	media   string // the media type
	length  string // Content-Length
	s3      bool   // S3 numbered the request
	gateway bool   // API Gateway or Lambda wrote the response
	named   string // Server as it came
}

func signsOf(h http.Header) signs {
	s := signs{
		known:   len(h) > 0,
		server:  strings.ToLower(h.Get("Server")),
		named:   h.Get("Server"),
		cache:   strings.ToLower(h.Get("X-Cache")),
		length:  h.Get("Content-Length"),
		s3:      h.Get("X-Amz-Request-Id") != "" || h.Get("X-Amz-Id-2") != "",
		gateway: h.Get("X-Amz-Apigw-Id") != "" || h.Get("Apigw-Requestid") != "" || h.Get("X-Amzn-Errortype") != "",
	}
	s.media, _, _ = mime.ParseMediaType(h.Get("Content-Type"))
	s.through = s.server == "cloudfront" || strings.HasSuffix(s.cache, "from cloudfront") ||
		h.Get("X-Amz-Cf-Id") != "" || h.Get("X-Amz-Cf-Pop") != "" || contains(strings.Join(h.Values("Via"), ","), "(CloudFront)")
	return s
}

// byCloudFront reports whether CloudFront, and nobody behind it, wrote the response.
// A policy for response headers can put its name into others' responses too.
func (s signs) byCloudFront() bool { return s.server == "cloudfront" }

// byS3 reports whether S3 wrote the response.
func (s signs) byS3() bool { return s.server == "amazons3" || s.s3 }

// elsewhere reports whether the header is there and has no trace of CloudFront.
func (s signs) elsewhere() bool { return s.known && !s.through }
