// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/sign"
)

// Run parses the flags and serves an application until the process ends.
func Run(newApp func(*sign.Signer, *Folders) (http.Handler, error)) {
	signer, folders, listener := Start()
	app, err := newApp(signer, folders)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Handler:           app,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	log.Fatal(server.Serve(listener))
}

// Start parses the flags, makes a signer and folders, and listens.
func Start() (*sign.Signer, *Folders, net.Listener) {
	folders := &Folders{}
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Func("share", "OWNER:USER opens the folder of OWNER to USER, and can be repeated", func(text string) error {
		owner, user, ok := strings.Cut(text, ":")
		if !ok {
			return fmt.Errorf("write OWNER:USER")
		}
		folders.Share(owner, user)
		return nil
	})
	flag.Parse()
	signer, err := NewSigner()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := localhost.Listen(context.Background(), *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", localhost.URL(listener.Addr()))
	return signer, folders, listener
}
