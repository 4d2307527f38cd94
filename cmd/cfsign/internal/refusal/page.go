// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"
)

var (
	pageTitle  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	unseen     = regexp.MustCompile(`(?is)<(?:script|style|title)\b.*?</(?:script|style|title)>|<!--.*?-->`)
	tag        = regexp.MustCompile(`(?s)<[^>]*>`)
	pageStatus = regexp.MustCompile(`^([45][0-9]{2}) ERROR\b`)
	listed     = regexp.MustCompile(`(?i)<li>(Code|Message|RequestId|HostId): ([^<]*)</li>`)
)

// isPage reports whether body is HTML.
func isPage(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1<<10)])
	if at := errorElement.FindIndex(body); at != nil && at[0] < len(head) {
		head = head[:at[0]]
	}
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<title"))
}

// pageText returns the title, and the text without markup.
func pageText(body []byte) (title, text string) {
	if found := pageTitle.FindSubmatch(body); found != nil {
		title = html.UnescapeString(string(found[1]))
	}
	text = tag.ReplaceAllString(unseen.ReplaceAllString(string(body), " "), " ")
	return title, strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

// statusOfPage returns the status that CloudFront's page begins with, or 0.
func statusOfPage(text string) int {
	found := pageStatus.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	status, _ := strconv.Atoi(found[1]) // three digits
	return status
}

// websiteError returns what a website endpoint of S3 lists on its page.
func websiteError(page string) xmlError {
	var e xmlError
	for _, item := range listed.FindAllStringSubmatch(page, 8) {
		switch value := html.UnescapeString(item[2]); strings.ToLower(item[1]) {
		case "code":
			e.code = value
		case "message":
			e.message = value
		default:
			e.ids = true
		}
	}
	if !e.ids || !errorCode.MatchString(e.code) {
		return xmlError{}
	}
	return e
}
