// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// newServer returns a server with limits: on what a request may be, and on the time that a
// client takes.
func newServer(h http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h,
		// OPTIONS * is a request as any other, with its line in the log.
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  10 * time.Second,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  2 * time.Minute, // longer than that of a load balancer in front
		MaxHeaderBytes:               32 << 10,        // tokens with many groups have several kilobytes
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// serve answers requests until ctx ends, and then those that have begun.
func serve(ctx context.Context, listener net.Listener, h http.Handler, logger *slog.Logger) error {
	server := newServer(h, logger)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// Longer than a request may take, and shorter than what platforms allow.
	const longest = 20 * time.Second
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	err := server.Shutdown(end)
	if err != nil {
		server.Close()
	}
	<-served
	return err
}
