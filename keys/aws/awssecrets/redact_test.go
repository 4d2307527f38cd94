// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// careless is a client with a secret that fmt would print.
type careless struct {
	*memory
	password string
}

// TestNothingIsPrinted prints sources, locations and options in every way that there is,
// also from inside other types.
func TestNothingIsPrinted(t *testing.T) {
	client := careless{&memory{values: []string{pairJSON("K1", keyA)}}, "SecretOfTheClient"}
	location := awssecrets.Secret(client, secretName)
	o := awssecrets.Options{KeyPairIDFrom: location}
	source := newSource(t, location, awssecrets.Options{})
	wrong := awssecrets.Secret(client, "a key in place of a name: "+pemOf(keyA))
	type application struct { // unexported fields: fmt cannot call their methods
		source   *awssecrets.Source
		location awssecrets.Location
		options  awssecrets.Options
	}
	var printed bytes.Buffer
	for _, value := range []any{
		source, reflect.ValueOf(source).Elem().Interface(), // a copy, which code should not make
		location, &location, wrong, o, &o,
		application{source, location, o},
		&application{source, wrong, o},
		[]*awssecrets.Source{source},
		map[string]awssecrets.Location{"a": location},
		struct{ Source *awssecrets.Source }{source},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "value", value)
		if data, err := json.Marshal(value); err == nil {
			printed.Write(data)
		}
	}
	scalar, err := keyA.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{client.password, "PRIVATE KEY", new(big.Int).SetBytes(scalar).String()} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			if strings.Contains(printed.String(), form) {
				t.Errorf("%q was printed", secret)
			}
		}
	}
	checkNoSecret(t, printed.String(), keyA)
	if got, want := fmt.Sprintf("%v %+v %#v %d", source, source, source, source), strings.Repeat("awssecrets.Source(secret prod/cdn: K1) ", 4); got+" " != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(location, wrong, awssecrets.Location{}), "secret prod/cdn secret nowhere"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
