// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestFAQ: the code of the answers is the code below, which does what the answers say. An
// answer has at most six lines of text.
func TestFAQ(t *testing.T) {
	markdown.CheckExamples(t, "../../docs/faq.md", "faq_test.go")
	const longest = 6
	for _, answer := range strings.Split(read(t, "../../docs/faq.md"), "\n### ")[1:] {
		question, text, _ := strings.Cut(answer, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		text, _, _ = strings.Cut(text, "\n[choosing]: ")
		for _, code := range strings.Split(text, "```go\n")[1:] {
			code, _, _ = strings.Cut(code, "```\n")
			text = strings.ReplaceAll(text, "```go\n"+code+"```\n", "")
		}
		if lines := len(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })); lines > longest {
			t.Errorf("%q has %d lines of answer, and %d are enough", question, lines, longest)
		}
	}
}

// grantsOf returns the grants of a user who is in a team.
func grantsOf(userID, teamID string) ([]session.Grant, error) {
	own, err := policy.Under("https://cdn.example.com/users", userID)
	shared, err2 := policy.Under("https://cdn.example.com/teams", teamID)
	return []session.Grant{{Resource: own}, {Resource: shared}}, errors.Join(err, err2)
}

// TestFAQFolders: one response has cookies for both folders.
func TestFAQFolders(t *testing.T) {
	grants, err := grantsOf("alice", "red")
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := session.New(faqSigner(t), func(*http.Request) ([]session.Grant, error) { return grants, nil },
		session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://app.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := issuer.Issue(session.HeaderWriter(header), request); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(header["Set-Cookie"], "\n")
	for _, path := range []string{"Path=/users/alice/;", "Path=/teams/red/;"} {
		if !strings.Contains(all, path) {
			t.Errorf("no cookie has %s", path)
		}
	}
}

// songURL writes the URL of a song.
func songURL(write func(string)) error {
	folder, err := policy.Directory("https://cdn.example.com/music/")
	if err != nil {
		return err
	}
	song, err := folder.Child("N*E*R*D.mp3") // https://cdn.example.com/music/N%2AE%2AR%2AD.mp3
	write(song)
	return err
}

func TestFAQAsterisk(t *testing.T) {
	const want = "https://cdn.example.com/music/N%2AE%2AR%2AD.mp3"
	if err := songURL(func(got string) {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}); err != nil {
		t.Error(err)
	}
}

// invoiceLink returns a link that still works if a mailer adds parameters.
func invoiceLink(ctx context.Context, signer *sign.Signer, customerID, invoiceURL string) (string, error) {
	folder, err := policy.Under("https://cdn.example.com/invoices", customerID)
	if err != nil {
		return "", err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: signer.Now().Add(72 * time.Hour)})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(ctx, p)
	if err != nil {
		return "", err
	}
	return signed.URL(invoiceURL)
}

// TestFAQQuery: the link works as it is and with a parameter of a mailer. A canned URL does
// not.
func TestFAQQuery(t *testing.T) {
	signer := faqSigner(t)
	const invoice = "https://cdn.example.com/invoices/7/2026.pdf"
	link, err := invoiceLink(t.Context(), signer, "7", invoice)
	if err != nil {
		t.Fatal(err)
	}
	canned, err := signer.URL(t.Context(), invoice, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	verifier := &verify.Verifier{Keys: signer.Trusted()}
	for _, row := range []struct {
		reason, url string
		want        error
	}{
		{"as it was signed", link, nil},
		{"with a parameter of a mailer", link + "&utm_source=mail", nil},
		{"canned, as it was signed", canned, nil},
		{"canned, with a parameter of a mailer", canned + "&utm_source=mail", verify.ErrBadSignature},
	} {
		if _, err := verifier.Verify(verify.Request{URL: row.url}); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.reason, err, row.want)
		}
	}
}

// pageLinks returns links to files of a folder.
func pageLinks(ctx context.Context, signer *sign.Signer, folder policy.Resource, names []string) (links []string, err error) {
	signed, err := signer.SignResource(ctx, folder, policy.Conditions{Expires: signer.Now().Add(time.Hour)})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := folder.Child(name)
		if err != nil {
			return nil, err
		}
		link, err := signed.URL(file)
		if err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, nil
}

// TestFAQPage: one use of the key makes all links.
func TestFAQPage(t *testing.T) {
	uses := 0
	signer, err := sign.New("K2JCJMDEHXQW5F", testkeys.P256(), sign.Options{Observe: func(context.Context, sign.KeyUse) { uses++ }})
	if err != nil {
		t.Fatal(err)
	}
	links, err := pageLinks(t.Context(), signer, policy.MustDirectory("https://cdn.example.com/pictures/"), []string{"a.jpg", "b c.jpg"})
	if err != nil || len(links) != 2 || uses != 1 {
		t.Errorf("%d links by %d uses of the key, %v", len(links), uses, err)
	}
	verifier := &verify.Verifier{Keys: signer.Trusted()}
	for _, link := range links {
		if _, err := verifier.Verify(verify.Request{URL: link}); err != nil {
			t.Error(err)
		}
	}
}

// newCache returns a cache whose policies stay the same for six hours.
func newCache(signer *sign.Signer) (*sign.Cache, error) {
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{Window: 6 * time.Hour}) // once, when your program starts
}

// songLink returns a link to a file of a folder.
func songLink(ctx context.Context, cache *sign.Cache, folder policy.Resource, name string) (string, error) {
	signed, err := cache.SignResource(ctx, folder, policy.Conditions{}) // the same policy within a window
	if err != nil {
		return "", err
	}
	song, err := folder.Child(name)
	if err != nil {
		return "", err
	}
	return signed.URL(song)
}

// TestFAQWindow: in the time of a window, each link changes once. The links of a folder change
// together, and canned URLs do not.
func TestFAQWindow(t *testing.T) {
	start := time.Now()
	var passed atomic.Int64 // the cache also reads the clock in the background
	signer, err := sign.New("K2JCJMDEHXQW5F", testkeys.P256(), sign.Options{Clock: func() time.Time { return start.Add(time.Duration(passed.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := policy.Directory("https://cdn.example.com/music/")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := newCache(signer)
	if err != nil {
		t.Fatal(err)
	}
	songs := []string{"a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3"}
	before, changes := map[string]string{}, map[string][]int{} // the minutes when a link changes
	for minute := range 6*60 + 1 {
		for _, song := range songs {
			link, err := songLink(t.Context(), cache, folder, song)
			if err != nil {
				t.Fatal(err)
			}
			canned, err := cache.URL(t.Context(), "https://cdn.example.com/music/"+song)
			if err != nil {
				t.Fatal(err)
			}
			for kind, now := range map[string]string{"folder, ": link, "canned, ": canned} {
				if last, ok := before[kind+song]; ok && last != now {
					changes[kind+song] = append(changes[kind+song], minute)
				}
				before[kind+song] = now
			}
		}
		passed.Add(int64(time.Minute))
	}
	times := map[string]map[int]bool{"folder": {}, "canned": {}}
	for link, minutes := range changes {
		if len(minutes) != 1 {
			t.Errorf("%s: the link changes %d times", link, len(minutes))
		}
		kind, _, _ := strings.Cut(link, ",")
		times[kind][minutes[0]] = true
	}
	if len(changes) != 2*len(songs) || len(times["folder"]) != 1 || len(times["canned"]) < 2 {
		t.Errorf("%d links change at the minutes %v", len(changes), times)
	}
}

func faqSigner(t *testing.T) *sign.Signer {
	t.Helper()
	signer, err := sign.New("K2JCJMDEHXQW5F", testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return signer
}
