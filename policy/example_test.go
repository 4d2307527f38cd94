// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func Example() {
	signer, err := sign.New("K2JCJMDEHXQW5F", testkeys.P256(), sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := signFolder(context.Background(), signer, "alice"); err != nil {
		log.Fatal(err)
	}
	// Output: https://cdn.example.com/users/alice/*
}

// signFolder has the code of the package's comment.
func signFolder(ctx context.Context, signer *sign.Signer, userID string) error {
	folder, err := policy.Under("https://cdn.example.com/users", userID)
	if err != nil {
		return err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	signed, err := signer.Sign(ctx, p) // of package sign
	if err != nil {
		return err
	}
	fmt.Println(signed.Policy().Resource())
	return nil
}

// newYear is when the policies of these examples expire.
var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func ExampleURL() {
	r, err := policy.URL("https://cdn.example.com/reports/2026.pdf?download=1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)

	// Nothing is repaired: the error says what to write.
	_, err = policy.URL("https://cdn.example.com/my report.pdf")
	fmt.Println(err)
	// Output:
	// https://cdn.example.com/reports/2026.pdf?download=1
	// policy: URL: a space in the path (byte 4 of it): write %20
}

func ExampleDirectory() {
	r, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)
	fmt.Println(r.Matches("https://cdn.example.com/videos/2026/intro.m3u8?quality=high"))
	fmt.Println(r.Matches("https://cdn.example.com/videos2/intro.m3u8"))
	// Output:
	// https://cdn.example.com/videos/*
	// true
	// false
}

// A package variable for a directory that never changes.
func ExampleMustDirectory() {
	videos := policy.MustDirectory("https://cdn.example.com/videos/")
	fmt.Println(videos)
	// Output:
	// https://cdn.example.com/videos/*
}

func ExampleMustPattern() {
	thumbnails := policy.MustPattern("https://cdn.example.com/videos/*/thumbnail.jpg")
	fmt.Println(thumbnails)
	// Output:
	// https://cdn.example.com/videos/*/thumbnail.jpg
}

// The user's ID is data. Whatever is in it, it stays one segment, or is refused.
func ExampleUnder() {
	for _, userID := range []string{"alice", "bob@example.com", "*", "..", "bob;x"} {
		r, err := policy.Under("https://cdn.example.com/users", userID)
		if errors.Is(err, policy.ErrSegment) {
			fmt.Println(err)
			continue
		}
		fmt.Println(r)
	}
	// Output:
	// https://cdn.example.com/users/alice/*
	// https://cdn.example.com/users/bob%40example.com/*
	// https://cdn.example.com/users/%2A/*
	// policy: segment 1: "." and ".." lead to another directory, even if percent-encoded or with ; ? # or a space after them: use an ID that cannot have this form
	// policy: segment 1: it has ";", where servers in use cut or decode names and read another one: use another ID or a hash of it, or use UnderForLiteralOrigin and ChildForLiteralOrigin if the origin takes names literally, as S3 does
}

// S3 tells the folders of "bob" and "bob;x" apart, and so does a file server on top of it
// that decodes once. Many web servers do not.
func ExampleUnderForLiteralOrigin() {
	r, err := policy.UnderForLiteralOrigin("https://cdn.example.com/users", "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com")
	if err != nil {
		log.Fatal(err)
	}
	fileURL, err := r.ChildForLiteralOrigin("Track #1.mp3")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fileURL)
	// Output: https://cdn.example.com/users/alice_contoso.com%23EXT%23%40fabrikam.onmicrosoft.com/Track%20%231.mp3
}

func ExamplePattern() {
	r, err := policy.Pattern("https://cdn.example.com/*/thumbnails/*.jpg")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Matches("https://cdn.example.com/alice/thumbnails/1.jpg"))

	_, err = policy.Pattern("https://*example.com/*")
	fmt.Println(errors.Is(err, policy.ErrWildcard))
	// Output:
	// true
	// true
}

// A pattern that is not in the source code has a constructor of its own, which a review
// finds. Pattern(fromConfig) would not compile.
func ExamplePatternFromConfig() {
	fromConfig := "https://cdn.example.com/films/*"
	r, err := policy.PatternFromConfig(fromConfig)
	fmt.Println(r, err)
	// Output: https://cdn.example.com/films/* <nil>
}

func ExamplePatternAnyHostFromConfig() {
	r, err := policy.PatternAnyHostFromConfig("https://*")
	fmt.Println(r, err)
	// Output: https://* <nil>
}

// In a directory at S3 every name is fine that is one name.
func ExampleResource_ChildForLiteralOrigin() {
	r, err := policy.Directory("https://cdn.example.com/music/")
	if err != nil {
		log.Fatal(err)
	}
	_, err = r.Child("Track #1; live?.mp3")
	fmt.Println(err)
	fmt.Println(r.ChildForLiteralOrigin("Track #1; live?.mp3"))
	// Output:
	// policy: segment 1: it has "#", where servers in use cut or decode names and read another one: use another name, or use ChildForLiteralOrigin if the origin takes names literally, as S3 does
	// https://cdn.example.com/music/Track%20%231%3B%20live%3F.mp3 <nil>
}

// Only an asterisk at the end has one reading.
func ExampleResource_Wider() {
	for _, pattern := range []string{"https://cdn.example.com/films/*", "https://cdn.example.com/*.mp4"} {
		r, err := policy.PatternFromConfig(pattern)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q\n", r.Wider())
	}
	// Output:
	// ""
	// "https://cdn.example.com/any?.mp4"
}

// A policy that came from elsewhere may be signed if it grants no more than it should.
func ExampleResource_Within() {
	bounds, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.Parse([]byte(`{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600}}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Resource().Within(bounds))
	// Output: false
}

func ExamplePatternAnyHost() {
	r, err := policy.PatternAnyHost("https://*")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Matches("https://any.example.org/of/your/distributions"))
	// Output: true
}

func ExampleResource_Child() {
	r, err := policy.Under("https://cdn.example.com/users", "jürgen")
	if err != nil {
		log.Fatal(err)
	}
	fileURL, err := r.Child("my photos", "50%.jpg")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fileURL)
	// Output: https://cdn.example.com/users/j%C3%BCrgen/my%20photos/50%25.jpg
}

// The key of an object is in your database, and its URL should be on a page.
func ExampleResource_ChildForS3Key() {
	bucket, err := policy.Directory("https://cdn.example.com/")
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"users/alice/photo (1).jpg", "music/Track #1+2.mp3", "users/alice/", "users//a.jpg"} {
		fmt.Println(bucket.ChildForS3Key(key))
	}
	// Output:
	// https://cdn.example.com/users/alice/photo%20%281%29.jpg <nil>
	// https://cdn.example.com/music/Track%20%231%2B2.mp3 <nil>
	// https://cdn.example.com/users/alice/ <nil>
	//  policy: segment 2: it is empty, which would mean the whole directory above: check that the value is set
}

func ExampleResource_Check() {
	r, err := policy.Directory("https://cdn.example.com/users/alice/")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Check("https://cdn.example.com/users/alice/a.jpg"))
	fmt.Println(r.Check("https://cdn.example.com/users/bob/a.jpg"))
	fmt.Println(r.Check("https://cdn.example.com/users/alice/../bob/a.jpg"))
	// Output:
	// <nil>
	// policy: URL: its path "/users/bob/a.jpg" is not covered by "/users/alice/*"
	// policy: URL: clients and servers resolve "." and ".." in the path, even if percent-encoded: write the path that results
}

func ExampleCanned() {
	p, err := policy.Canned("https://cdn.example.com/a.jpg", newYear)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(p.JSON()))
	// Output: {"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600}}}]}
}

func ExampleCustom() {
	r, err := policy.Under("https://cdn.example.com/users", "alice")
	if err != nil {
		log.Fatal(err)
	}
	office := netip.MustParsePrefix("192.0.2.0/24")
	p, err := policy.Custom(r, policy.Conditions{Expires: newYear, SourceIP: &office})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(p.JSON()))
	// Output: {"Statement":[{"Resource":"https://cdn.example.com/users/alice/*","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}
}

// A time that was never set is not "for ever".
func ExampleCustom_noExpiry() {
	r, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		log.Fatal(err)
	}
	_, err = policy.Custom(r, policy.Conditions{})
	fmt.Println(err)
	// Output: policy: Expires: it is missing, and every policy must end at some time: set one, such as time.Now().Add(time.Hour)
}

func ExampleParse() {
	p, err := policy.Parse([]byte(`{"Statement": [{"Resource": "https://cdn.example.com/*",
		"Condition": {"DateLessThan": {"AWS:EpochTime": 1798761600}}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Resource(), "until", p.Expires().Format(time.DateOnly))

	_, err = policy.Parse([]byte(`{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600000}}}]}`))
	fmt.Println(err)
	// Output:
	// https://cdn.example.com/* until 2027-01-01
	// policy: Expires: 1798761600000 is after 2262-04-11, the last day in CloudFront's documentation: set an earlier time, in seconds and not milliseconds
}

func ExampleRebuild() {
	// An asterisk in a request is a character.
	p, err := policy.Rebuild("https://cdn.example.com/a?filename*=UTF-8%27%27a.pdf", 1767290400)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Resource().Matches("https://cdn.example.com/a?filename*=UTF-8%27%27a.pdf"))
	fmt.Println(p.Resource().Matches("https://cdn.example.com/a?filename-other=UTF-8%27%27a.pdf"))
	// Output:
	// true
	// false
}

func ExamplePolicy_Signable() {
	p, err := policy.Parse([]byte(`{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.OmitsResource())
	fmt.Println(p.Signable())
	// Output:
	// true
	// policy: Resource: it came with a request, in a form that CloudFront accepts and that must not be signed: make one with URL, Directory, Under or Pattern
}

func ExampleResource_CheckStrict() {
	videos, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(videos.Matches("https://cdn.example.com/videos/a.mp4?sizes[]=1"))
	fmt.Println(videos.CheckStrict("https://cdn.example.com/videos/a.mp4?sizes[]=1"))
	// Output:
	// true
	// policy: URL: the character [ in the query (byte 6 of it): write %5B
}
