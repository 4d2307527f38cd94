// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ebitengine/purego"
)

// A library is a loaded libcrypto 3 with a context of its own (OSSL_LIB_CTX): neither openssl.cnf,
// unless FIPS needs it, nor other users of OpenSSL in the process change its providers.
type library struct {
	functions
	path     string
	version  string
	provider string // the version of the FIPS provider; empty for the default provider
	context  uintptr
	failed   error         // why the library has no context that can sign; nil if it has one
	query    *byte         // the property query for algorithms; nil for every algorithm
	running  chan struct{} // full when as many calls run as may run at once
}

// loaded has the libraries that this process has loaded. They stay, also without a context:
// threads of the process have data in them until they end.
var loaded struct {
	sync.Mutex
	libraries map[Options]*library
}

// load returns the library for o. It wraps [ErrLibrary] if there is none.
func load(o Options) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if l := loaded.libraries[o]; l != nil {
		return l, l.failed
	}
	path, err := find(o.Library)
	if err != nil {
		return nil, err
	}
	l, err := open(path)
	if err != nil {
		return nil, err
	}
	l.failed = l.newContext(o.FIPS)
	if loaded.libraries == nil {
		loaded.libraries = map[Options]*library{}
	}
	loaded.libraries[o] = l
	return l, l.failed
}

// install is the advice for systems without the library.
const install = "install OpenSSL 3 with apt install libssl3 (Debian, Ubuntu), dnf install openssl-libs (Fedora, RHEL, Amazon Linux), " +
	"apk add libcrypto3 (Alpine) or brew install openssl@3 (macOS), or set Options.Library"

// wellKnown are the paths where distributions install the library. All are absolute, and
// dlopen reads neither LD_LIBRARY_PATH nor the current folder for an absolute path.
func wellKnown() []string {
	if runtime.GOOS == "darwin" {
		return []string{
			"/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", // Homebrew, Apple silicon
			"/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",    // Homebrew, Intel
			"/opt/local/libexec/openssl3/lib/libcrypto.3.dylib", // MacPorts
		}
	}
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	return []string{
		"/usr/lib/" + triplet + "/libcrypto.so.3", // Debian, Ubuntu
		"/usr/lib64/libcrypto.so.3",               // Fedora, RHEL, Amazon Linux, SUSE
		"/usr/lib/libcrypto.so.3",                 // Alpine, Arch
		"/lib/libcrypto.so.3",                     // Alpine before 3.22
	}
}

// find returns the path of the library. path is what the user has set, or empty.
func find(path string) (string, error) {
	if path != "" {
		return path, checkFile(path)
	}
	paths := wellKnown()
	for _, path := range paths {
		if checkFile(path) == nil {
			return path, nil
		}
	}
	return "", refuse(ErrLibrary, "there is no %s: %s", strings.Join(paths, ", "), install)
}

// checkFile returns an error unless path is absolute and a file. To open a pipe could take
// forever.
func checkFile(path string) error {
	if !filepath.IsAbs(path) {
		return refuse(ErrLibrary, "Options.Library is %q: write an absolute path, because a relative one depends on the current folder", path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return refuse(ErrLibrary, "there is no %s: %s", path, install)
	case err != nil:
		return refuse(ErrLibrary, "%v", err)
	case !info.Mode().IsRegular():
		return refuse(ErrLibrary, "%s is not a file: %s", path, install)
	}
	return nil
}

// open loads a library, and refuses it unless it is OpenSSL 3.
func open(path string) (*library, error) {
	runtime.LockOSThread() // dlerror belongs to a thread
	defer runtime.UnlockOSThread()
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, refuse(ErrLibrary, "%s cannot be loaded (%v): %s", path, err, install)
	}
	if err := checkVersion(handle, path); err != nil {
		return nil, err
	}
	l := &library{path: path, running: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	if name := l.functions.register(handle); name != "" {
		return nil, refuse(ErrLibrary, "%s does not have the function %s: %s", path, name, install)
	}
	l.version = l.OpenSSLVersion(fullVersion)
	// Without this, exit would free the data that other threads still sign with.
	const noAtExit = 0x80000
	if l.initCrypto(noAtExit, 0) != 1 {
		return nil, refuse(ErrLibrary, "%s cannot be initialized", l)
	}
	return l, nil
}

// fullVersion asks OpenSSL_version for its name, version and date.
const fullVersion = 0

// checkVersion refuses OpenSSL 1.1, which names its version in another way, its forks
// (LibreSSL, BoringSSL, AWS-LC), and later versions, whose functions may be others.
func checkVersion(handle uintptr, path string) error {
	name := "a library of another kind"
	if address, err := purego.Dlsym(handle, "OpenSSL_version"); err == nil {
		var version func(kind int32) string
		purego.RegisterFunc(&version, address)
		name = version(fullVersion)
	}
	if address, err := purego.Dlsym(handle, "OPENSSL_version_major"); err == nil && strings.HasPrefix(name, "OpenSSL ") {
		var major func() uint32
		purego.RegisterFunc(&major, address)
		if major() == 3 {
			return nil
		}
	}
	return refuse(ErrLibrary, "%s is %s: %s", path, name, install)
}

// newContext creates the library's context, with the provider that signs.
func (l *library) newContext(fips bool) error {
	if fips {
		return l.newFIPSContext()
	}
	err := l.call(func() bool {
		l.context = l.newLibCtx()
		return l.context != 0
	})
	if err != nil {
		return refuse(ErrLibrary, "%v has no context: %v", l, err)
	}
	return nil
}

// fipsAdvice says how to get the FIPS provider.
const fipsAdvice = "install it (Debian: apt install openssl-provider-fips), run openssl fipsinstall, and include the file that it writes in openssl.cnf, " +
	"as the manual page fips_module says; then restart the process"

// newFIPSContext creates a context in which only algorithms of the FIPS provider are found. It
// reads openssl.cnf, because the provider of most systems needs the checksum that openssl
// fipsinstall has written for it. The provider of RHEL needs none, so an openssl.cnf without it
// is no error. A second attempt would be useless, because a provider that fails once stays in
// error, so load keeps the error.
func (l *library) newFIPSContext() error {
	var provider uintptr
	err := l.call(func() bool {
		if l.context = l.newLibCtx(); l.context == 0 {
			return false
		}
		_ = l.loadConfig(l.context, nil)
		provider = l.loadProvider(l.context, "fips")
		return provider != 0
	})
	if err != nil {
		return fmt.Errorf("libcrypto: %v does not load its FIPS provider (%w): %s", l, err, fipsAdvice)
	}
	l.query = cString("fips=yes\x00")
	l.provider = l.providerVersion(provider)
	return nil
}

// String names the version and the path, and the FIPS provider.
func (l *library) String() string {
	if l.provider != "" {
		return fmt.Sprintf("%s (%s), FIPS provider %s", l.version, l.path, l.provider)
	}
	return fmt.Sprintf("%s (%s)", l.version, l.path)
}

// call calls OpenSSL on one thread, because the queue of errors belongs to a thread. If run
// returns false, call returns an error with OpenSSL's reasons.
//
// A call that runs keeps a thread of the system, and Go ends the process at 10,000 threads. So
// call waits, without a thread, while two calls for each processor run.
func (l *library) call(run func() bool) error {
	l.running <- struct{}{}
	defer func() { <-l.running }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.clearErrors()
	if run() {
		return nil
	}
	return fmt.Errorf("OpenSSL says %s", l.reasons())
}

// reasons empties the queue of errors, and returns its first reasons, the first one first. They
// are constants of OpenSSL: the data that comes with them is left out.
func (l *library) reasons() string {
	const most = 3
	var reasons []string
	for code := l.nextError(); code != 0; code = l.nextError() {
		reason := l.reasonOf(code)
		if reason != "" && len(reasons) < most && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return "nothing"
	}
	return `"` + strings.Join(reasons, `", "`) + `"`
}
