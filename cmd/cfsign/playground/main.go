// SPDX-License-Identifier: Apache-2.0

// Playground builds the page that explains CloudFront's refusals in a browser, as one HTML file:
//
//	go run ./cmd/cfsign/playground -o playground.html
//	go run ./cmd/cfsign/playground -serve localhost:8000
//
// It needs Go and xz.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "playground: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	output := flags.String("o", "", "write the page to this `FILE`")
	address := flags.String("serve", "", "serve the page at this `ADDRESS`, such as localhost:8000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *output == "" && *address == "" {
		return errors.New("write -o playground.html to build the page, or -serve localhost:8000 to try it")
	}
	if host, _, err := net.SplitHostPort(*address); *address != "" && (err != nil || host == "") {
		return fmt.Errorf("-serve: %q is not a host and a port: write localhost:8000, or 0.0.0.0:8000 for other machines, too", *address)
	}
	var listener net.Listener
	if *address != "" { // before the build, which takes a while
		var err error
		if listener, err = net.Listen("tcp", *address); err != nil {
			return fmt.Errorf("-serve: %w: write localhost:0 for any free port", err)
		}
		defer listener.Close()
	}
	html, err := build(ctx)
	if err != nil {
		return err
	}
	if *output != "" {
		if err := os.WriteFile(*output, html, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s has %d bytes.\n", *output, len(html))
	}
	if listener == nil {
		return nil
	}
	return serve(ctx, listener, html, stdout)
}

// serve serves the page until ctx ends.
func serve(ctx context.Context, listener net.Listener, html []byte, stdout io.Writer) error {
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: handler(html)}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		fmt.Fprintln(stdout, "Other machines can open the page, too.")
	}
	fmt.Fprintf(stdout, "Open http://%s/ in a browser. Ctrl-C ends.\n", openable(listener.Addr()))
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

// openable returns an address for a browser on this machine: 0.0.0.0 is not one in every browser.
func openable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return address.String()
}

// handler serves the page, and nothing else.
func handler(html []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html) // An error is one of the connection.
	})
}
