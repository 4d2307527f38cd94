// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"expvar"
	"fmt"
	"log"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A page with 500 private images needs at most one key operation an hour.
func ExampleNewCache() {
	cache, err := sign.NewCache(exampleSigner(), time.Hour, sign.CacheOptions{})
	if err != nil {
		log.Fatal(err)
	}
	folder, err := policy.Under("https://cdn.example.com/users", "alice")
	if err != nil {
		log.Fatal(err)
	}
	for range 500 {
		signed, err := cache.SignResource(context.Background(), folder, policy.Conditions{})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := signed.URL("https://cdn.example.com/users/alice/photo.jpg"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(cache.Stats().Hits, cache.Stats().Misses)
	// Output: 499 1
}

// The cache keeps one policy for each resource and its conditions.
func ExampleCache_SignResource() {
	cache, err := sign.NewCache(exampleSigner(), time.Hour, sign.CacheOptions{})
	if err != nil {
		log.Fatal(err)
	}
	folder, err := policy.Directory("https://cdn.example.com/office/")
	if err != nil {
		log.Fatal(err)
	}
	office := netip.MustParsePrefix("192.0.2.0/24")
	signed, err := cache.SignResource(context.Background(), folder, policy.Conditions{SourceIP: &office})
	if err != nil {
		log.Fatal(err)
	}
	ip, _ := signed.Policy().SourceIP()
	fmt.Println(ip, time.Until(signed.Policy().Expires()) > 59*time.Minute)
	// Output: 192.0.2.0/24 true
}

// All viewers get the same link to a file, so that browsers and proxies can cache it.
func ExampleCache_URL() {
	cache, err := sign.NewCache(exampleSigner(), time.Hour, sign.CacheOptions{Window: 24 * time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	first, err := cache.URL(context.Background(), "https://cdn.example.com/a.jpg")
	if err != nil {
		log.Fatal(err)
	}
	second, err := cache.URL(context.Background(), "https://cdn.example.com/a.jpg")
	fmt.Println(first == second, err)
	// Output: true <nil>
}

// The links of a page that all viewers see need no key operation for the next viewer.
func ExampleCache_URLs() {
	cache, err := sign.NewCache(exampleSigner(), time.Hour, sign.CacheOptions{})
	if err != nil {
		log.Fatal(err)
	}
	files := []string{"https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg"}
	for range 10 { // viewers
		if _, err := cache.URLs(context.Background(), files, sign.BulkOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(cache.Stats().Misses, "key operations")
	// Output: 2 key operations
}

// You can publish the counts as they are.
func ExampleCache_Stats() {
	cache, err := sign.NewCache(exampleSigner(), time.Hour, sign.CacheOptions{})
	if err != nil {
		log.Fatal(err)
	}
	published := expvar.Func(func() any { return cache.Stats() })
	fmt.Println(published)
	// Output: {"hits":0,"misses":0,"waits":0,"refreshes":0,"errors":0,"storeHits":0,"storeErrors":0,"evictions":0,"size":0}
}

// Sign one link for each customer of a mailing.
func ExampleSigner_URLs() {
	links, err := exampleSigner().URLs(context.Background(), []string{
		"https://cdn.example.com/invoices/1.pdf", "https://cdn.example.com/invoices/2.pdf",
	}, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), sign.BulkOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, link := range links {
		file, _, _ := strings.Cut(link, "?")
		fmt.Println(file)
	}
	// Output:
	// https://cdn.example.com/invoices/1.pdf
	// https://cdn.example.com/invoices/2.pdf
}

// Log a failing key at once, even if it fails in the background.
func ExampleKeyUse() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{
		Observe: func(ctx context.Context, u sign.KeyUse) {
			if u.Err != nil {
				slog.ErrorContext(ctx, "cloudfront key", "use", u)
			}
			fmt.Println(u.KeyPairID, u.Resource, u.Background, u.Err)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = signer.URL(context.Background(), "https://cdn.example.com/report.pdf?id=7", time.Now().Add(time.Hour))
	fmt.Println(err)
	// Output:
	// K2JCJMDEHXQW5F https://cdn.example.com/report.pdf false <nil>
	// <nil>
}
