// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// parameterScope is the account and the Region of all parameters.
const parameterScope = "arn:aws:ssm:us-east-1:111122223333:parameter"

// longestParameter is the longest name with its ARN.
const longestParameter = 2048

var (
	parameterName  = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
	parameterLabel = regexp.MustCompile(`^[A-Za-z_.-][A-Za-z0-9_.-]{0,99}$`)
)

// splitParameter returns the name or ARN in a request, and the version or label behind
// it.
//
// Source: "GetParameter" in the API reference.
func splitParameter(text string) (name, selector string, err error) {
	text = strings.Trim(text, " ") // as the service does
	if text == "" || len(text) > longestParameter {
		return "", "", invalid("1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length between 1 and 2048")
	}
	local := strings.TrimPrefix(text, parameterScope)
	scope := text[:len(text)-len(local)]
	name, selector, _ = strings.Cut(local, ":")
	if !parameterName.MatchString(name) {
		return "", "", invalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	}
	if selector != "" && !isNumber(selector) && !parameterLabel.MatchString(selector) {
		return "", "", invalid("the label of the parameter is not in the form of one")
	}
	return scope + name, selector, nil
}

// find returns the parameter of a name or an ARN, where names without a path have a slash
// in front; nil if there is none. The lock must be held.
func (p *Parameters) find(name string) *parameter {
	local, isARN := strings.CutPrefix(name, parameterScope)
	if found, ok := p.parameters[local]; ok || !isARN {
		return found
	}
	return p.parameters[strings.TrimPrefix(local, "/")]
}

// version returns the number of the version that a selector stands for: the newest if it
// is empty.
func (p *parameter) version(selector string) (int, error) {
	if selector == "" {
		return len(p.versions), nil
	}
	if !isNumber(selector) {
		version, ok := p.labels[selector]
		if !ok {
			return 0, &Error{Type: "ParameterVersionNotFound", Message: fmt.Sprintf("Systems Manager could not find label %s. Verify the label and try again.", selector)}
		}
		return version, nil
	}
	version, err := strconv.Atoi(selector)
	if err != nil || version < 1 || version > len(p.versions) {
		return 0, &Error{Type: "ParameterVersionNotFound", Message: fmt.Sprintf("Systems Manager could not find version %s. Verify the version and try again.", selector)}
	}
	return version, nil
}

// isNumber reports whether a selector is a version: labels do not begin with a digit.
func isNumber(selector string) bool { return selector[0] >= '0' && selector[0] <= '9' }
