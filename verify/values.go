// SPDX-License-Identifier: Apache-2.0

package verify

// values are those of the signing parameters, or of the cookies under the
// parameters' names. There are five at most, so a list is faster than a map.
type values []struct{ name, text string }

// lookup returns the value with a name and whether there is one.
func (v values) lookup(name string) (string, bool) {
	for i := range v {
		if v[i].name == name {
			return v[i].text, true
		}
	}
	return "", false
}

// get returns the value with a name, or "".
func (v values) get(name string) string {
	text, _ := v.lookup(name)
	return text
}

// add adds a value, unless there is one with its name.
func (v *values) add(name, text string) bool {
	if _, ok := v.lookup(name); ok {
		return false
	}
	if *v == nil {
		*v = make(values, 0, 4)
	}
	*v = append(*v, struct{ name, text string }{name, text})
	return true
}
