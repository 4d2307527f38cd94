// SPDX-License-Identifier: Apache-2.0

// Streams is the origin of HLS playlists behind CloudFront. It signs the URLs in them.
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func main() {
	signer, err := sign.Load(os.Getenv("KEY_PAIR_ID"), os.Getenv("KEY_FILE"), sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cache, err := sign.NewCache(signer, 4*time.Hour, sign.CacheOptions{}) // URLs work for 4 to 8 hours: longer than a film
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 {
		link, err := filmLink(context.Background(), cache, os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(link)
		return
	}
	root, err := os.OpenRoot(os.Getenv("FILES")) // has films/7/index.m3u8
	if err != nil {
		log.Fatal(err)
	}
	origin, err := newOrigin(http.FileServerFS(root.FS()), cache, os.Getenv("ORIGIN_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: ":8080", Handler: origin, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe()) // behind a load balancer with TLS
}

// signFilm returns the folder of a film and its signed policy.
func signFilm(ctx context.Context, cache *sign.Cache, film string) (policy.Resource, sign.SignedPolicy, error) {
	folder, err := policy.Under("https://cdn.example.com/films", film)
	if err != nil {
		return policy.Resource{}, sign.SignedPolicy{}, err
	}
	signed, err := cache.SignResource(ctx, folder, policy.Conditions{})
	return folder, signed, err
}

// filmLink returns the URL that a player opens. Give it only to viewers who may watch the film.
func filmLink(ctx context.Context, cache *sign.Cache, film string) (string, error) {
	folder, signed, err := signFilm(ctx, cache, film)
	if err != nil {
		return "", err
	}
	index, err := folder.Child("index.m3u8")
	if err != nil {
		return "", err
	}
	return signed.URL(index)
}

// secretName is the name of the header that CloudFront adds to its requests to this origin.
const secretName = "X-Origin-Secret"

// newOrigin returns the origin of the behavior *.m3u8. It answers CloudFront alone, which has
// checked the signature of the viewer's request.
func newOrigin(files http.Handler, cache *sign.Cache, secret string) (http.Handler, error) {
	if secret == "" {
		return nil, errors.New("the secret is empty: set ORIGIN_SECRET")
	}
	credentials := func(r *http.Request) (string, sign.SignedPolicy, error) {
		_, signed, err := signFilm(r.Context(), cache, r.PathValue("film"))
		return "https://cdn.example.com" + r.URL.EscapedPath(), signed, err // r.Host is the origin's
	}
	mux := http.NewServeMux()
	mux.Handle("GET /films/{film}/{file...}", playlist.Handler(files, credentials, playlist.Options{Observe: warn}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(secretName)), []byte(secret)) != 1 {
			http.Error(w, "this server answers CloudFront only", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// warn logs a playlist that was not sent, or that has URLs without a signature.
func warn(ctx context.Context, e playlist.Event) {
	if e.Err != nil || e.Result.NotPlaylist || e.Result.LeftAlone() > 0 {
		slog.WarnContext(ctx, "playlist", "event", e)
	}
}
