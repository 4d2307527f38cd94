// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/fromconfig"
)

const (
	flagWatch   = "watch"
	flagNoCache = "no-cache"
)

// checkConfigured returns an error for flags that do not fit with --config, or need it.
func (e *edgeCommand) checkConfigured() error {
	if err := e.configurationFlags.check(); err != nil {
		return err
	}
	switch {
	case len(e.files) == 0 && e.watch:
		return fmt.Errorf("--%s is for --%s: add the file, or leave it out", flagWatch, flagConfig)
	case len(e.files) == 0 && e.noCache:
		return fmt.Errorf("--%s is for --%s: without a configuration, nothing is kept anyway", flagNoCache, flagConfig)
	case len(e.files) == 0:
		return nil
	case e.rootObject != "":
		return fmt.Errorf("--%s is for an edge without --%s: set DefaultRootObject in the configuration", flagRootObject, flagConfig)
	case len(e.cors) > 0:
		return fmt.Errorf("--%s is for an edge without --%s: allow the pages in the behavior's response headers policy", flagCORS, flagConfig)
	case e.watch && slices.Contains(e.files, input.Stdin):
		return fmt.Errorf("--%s needs files: save standard input to a file", flagWatch)
	}
	return nil
}

// configured returns the configuration of the files for the edge, and writes notes about it.
func (e *edgeCommand) configured(cmd *cobra.Command) (edge.Config, error) {
	c, err := e.read(cmd.InOrStdin(), e.publicKeys)
	if err != nil {
		return edge.Config{}, err
	}
	origins, err := c.mapOrigins(e.origins, e.opener)
	if err != nil {
		return edge.Config{}, err
	}
	config, err := c.edgeConfig(origins)
	if err != nil {
		return edge.Config{}, err
	}
	config = withHosts(config, e.host(), "localhost", "*.localhost")
	if e.noCache {
		config = withoutCache(config)
	}
	config, hasHSTS := withoutHSTS(config)
	c.writeNotes(cmd.ErrOrStderr(), config)
	if hasHSTS {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: Strict-Transport-Security is left out, because browsers would refuse plain HTTP from every server on localhost")
	}
	if !e.isTLS() && needsTLS(config) {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: the viewer protocol policies refuse or redirect plain HTTP: add --%s\n", flagTLS)
	}
	return config, nil
}

// needsTLS reports whether a behavior does not accept plain HTTP.
func needsTLS(config edge.Config) bool {
	refuses := func(b edge.Behavior) bool { return b.ViewerProtocolPolicy != edge.AllowAll }
	return refuses(config.Default) || slices.ContainsFunc(config.Behaviors, refuses)
}

// An originOpener opens each folder once, so that a changed configuration keeps it.
type originOpener map[string]http.Handler

func (o originOpener) open(target string) (http.Handler, error) {
	if origin, ok := o[target]; ok {
		return origin, nil
	}
	origin, err := newOrigin(target)
	if err == nil {
		o[target] = origin
	}
	return origin, err
}

// mapOrigins returns the handlers of the origins that --origin names.
func (c configuration) mapOrigins(values []string, opener originOpener) (map[string]http.Handler, error) {
	used := slices.DeleteFunc(slices.Clone(c.Origins), func(o fromconfig.Origin) bool { return !o.Used })
	origins := map[string]http.Handler{}
	for _, value := range values {
		id, target, ok := c.splitOrigin(value)
		switch {
		case !ok && len(used) == 1:
			id, target = used[0].ID, value
		case !ok:
			return nil, fmt.Errorf("--%s: %q does not begin with the ID of an origin: add %s", flagOrigin, shown(value), originFlags(used))
		case origins[id] != nil:
			return nil, fmt.Errorf("--%s: the origin %s is given twice: leave out one of them", flagOrigin, id)
		}
		handler, err := opener.open(target)
		if err != nil {
			return nil, err
		}
		origins[id] = handler
	}
	missing := slices.DeleteFunc(used, func(o fromconfig.Origin) bool { return origins[o.ID] != nil })
	if len(missing) > 0 {
		return nil, fmt.Errorf("the configuration has origins that are not mapped: add %s", originFlags(missing))
	}
	return origins, nil
}

// splitOrigin returns the ID and the target in ID=DIR|URL. An ID can contain an equals sign.
func (c configuration) splitOrigin(value string) (id, target string, ok bool) {
	for _, o := range c.Origins {
		if rest, found := strings.CutPrefix(value, o.ID+"="); found && len(o.ID) > len(id) {
			id, target, ok = o.ID, rest, true
		}
	}
	return id, target, ok
}

// originFlags returns the flags to write for origins.
func originFlags(origins []fromconfig.Origin) string {
	var flags []string
	for _, o := range origins {
		target := "http://localhost:9000"
		if o.Bucket {
			target = "FOLDER"
		}
		flags = append(flags, fmt.Sprintf("--%s '%s=%s' (for %s)", flagOrigin, o.ID, target, o.Domain))
	}
	return strings.Join(flags, " and ")
}

// writeNotes says what the user should know about the configuration.
func (c configuration) writeNotes(w io.Writer, config edge.Config) {
	p := newPalette(w)
	fmt.Fprintf(w, "Distribution %s with %s.\n", shown(c.Name), count(len(config.Behaviors)+1, "behavior"))
	if len(config.Aliases) > 0 {
		fmt.Fprintf(w, "Hosts: %s\n", strings.Join(config.Aliases, ", "))
	}
	for _, key := range c.Keys() {
		if key.Assumed {
			fmt.Fprintf(w, "Key pair ID: sign with %s for %s, because %s gets its real ID when it is deployed. To use that, add --%s ID=FILE.\n",
				key.ID, strings.Join(key.Behaviors, ", "), key.Name, flagPublicKey)
		}
	}
	for _, u := range c.Unsupported {
		fmt.Fprintf(w, "%s %s\n", p.yellow("not modeled:"), shown(u.String()))
	}
	for _, f := range c.Findings() {
		fmt.Fprintln(w, shown(f.String()))
	}
}

// count returns a number with a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// watchFiles calls changed when the files have changed, until the context ends. It asks for their
// times and sizes, so it works on every file system.
func watchFiles(ctx context.Context, files []string, interval time.Duration, changed func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for last := stateOf(files); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if state := stateOf(files); state != last {
			last = state
			changed()
		}
	}
}

// stateOf returns a text that changes with the files.
func stateOf(files []string) string {
	var b strings.Builder
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			fmt.Fprintln(&b, errors.Unwrap(err))
			continue
		}
		fmt.Fprintln(&b, info.ModTime().UnixNano(), info.Size())
	}
	return b.String()
}

// update takes the changed files over. If they are not valid, the distribution keeps its
// configuration.
func (e *edgeCommand) update(cmd *cobra.Command, distribution *edge.Distribution, decisions *decisionLog) {
	config, err := e.configured(cmd)
	if err == nil {
		err = distribution.Update(observed(config, decisions))
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "The files have changed, but the earlier configuration stays: %s\n", oneLine(err))
		return
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "The files have changed, and the new configuration is in use.")
}
