// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// maxCommand limits how deep a command can be nested: the shell parser is recursive, and
// a full stack ends the program. CloudFront accepts no longer request, apart from the
// body.
const maxCommand = 32 << 10

// A word is an argument of a command after the shell has processed it.
type word struct {
	text string
	open bool // it contains a variable or another command
}

// A commandLine is a command as the shell runs it.
type commandLine struct {
	words []word
	// cut reports whether the shell ends the command at an unquoted & or ;.
	cut bool
	// broken reports whether the next line begins with an option.
	broken bool
}

// commandPattern matches a line with a curl command after an optional prompt or another
// command.
var commandPattern = regexp.MustCompile(`^(?:[^'"]{0,100}(?:[$%#>❯➜;]|&&) ?)?(?:(?:sudo|time|noglob) )*((?:[^\s'"$%#>?&]*[/\\])?curl(?:\.exe)?[ \t\\^].*)$`)

// findCommand returns the start of the command in line, or -1.
func findCommand(line string) int {
	m := commandPattern.FindStringSubmatchIndex(line)
	if m == nil || strings.Contains(line[:m[2]], "://") || hasScheme(line) {
		return -1
	}
	return m[2]
}

func isCommand(line string) bool { return findCommand(line) >= 0 }

// readCommand reads a curl command, and the output of curl -i below it.
func readCommand(text string) (Request, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	line, _ := cutLine(text)
	command, output := cutOutput(text[findCommand(line):])
	if len(command) > maxCommand {
		return Request{}, errDeep
	}
	parse := parseShell
	if strings.Contains(command, `^"`) || strings.Contains(command, "^\n") {
		parse = parseCmdExe
	}
	parsed, err := parse(command)
	if err != nil {
		return Request{}, err
	}
	r, err := readCurl(parsed.words)
	if err != nil {
		return Request{}, err
	}
	if parsed.cut {
		r.fault(faultAmpersand)
	}
	if parsed.broken {
		r.fault(faultLineBreak)
	}
	r.setResponse(parseResponse(output))
	return r, nil
}

// cutOutput separates a command from the response below it.
func cutOutput(text string) (command, output string) {
	start := findLine(text, func(line string) bool {
		_, ok := parseStatusLine(line)
		return ok
	})
	if start < 0 {
		return text, ""
	}
	return text[:start], text[start:]
}

// parseShell reads the command as bash does.
func parseShell(text string) (commandLine, error) {
	var statements []*syntax.Stmt
	var failure error
	// The loop must not stop early: StmtsSeq panics if an error follows the statement.
	for statement, err := range syntax.NewParser(syntax.Variant(syntax.LangBash)).StmtsSeq(strings.NewReader(text)) {
		if err != nil {
			failure = err
		} else if failure == nil && statement != nil {
			statements = append(statements, statement)
		}
	}
	for i, statement := range statements {
		call := firstCall(statement)
		if call == nil || len(call.Args) == 0 {
			continue
		}
		return newCommandLine(call, statements[i:]), nil
	}
	if failure != nil && syntax.IsIncomplete(failure) {
		return commandLine{}, errQuote
	}
	return commandLine{}, errShell
}

// newCommandLine returns the words of call, which is in the first statement. The second
// statement shows how the first ended.
func newCommandLine(call *syntax.CallExpr, statements []*syntax.Stmt) commandLine {
	var c commandLine
	for _, w := range call.Args {
		c.words = append(c.words, evaluate(w.Parts, false))
	}
	if len(statements) > 1 {
		end, next := statements[0].Semicolon, statements[1]
		c.cut = end.IsValid() && next.Pos().Offset() == end.Offset()+1
		c.broken = !c.cut && beginsWithOption(next)
	}
	return c
}

// firstCall returns the first command of a pipe or a list.
func firstCall(s *syntax.Stmt) *syntax.CallExpr {
	for s != nil {
		switch command := s.Cmd.(type) {
		case *syntax.CallExpr:
			return command
		case *syntax.BinaryCmd:
			s = command.X
		default:
			return nil
		}
	}
	return nil
}

func beginsWithOption(s *syntax.Stmt) bool {
	call := firstCall(s)
	return call != nil && len(call.Args) > 0 && strings.HasPrefix(call.Args[0].Lit(), "-")
}

// evaluate joins parts into a word, as the shell does.
func evaluate(parts []syntax.WordPart, quoted bool) word {
	var w word
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			w.text += unescape(part.Value, quoted)
		case *syntax.SglQuoted:
			w.text += singleQuoted(part)
		case *syntax.DblQuoted:
			inner := evaluate(part.Parts, true)
			w.text += inner.text
			w.open = w.open || inner.open
		default:
			w.open = true
		}
	}
	return w
}

// singleQuoted reads $'…' like bash, which stops at the first zero byte.
func singleQuoted(q *syntax.SglQuoted) string {
	if !q.Dollar {
		return q.Value
	}
	text, _, err := expand.Format(nil, q.Value, nil)
	if err != nil {
		return ""
	}
	text, _, _ = strings.Cut(text, "\x00")
	return text
}

// unescape resolves backslashes. Within double quotes they escape only some characters.
func unescape(text string, quoted bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch next := text[i]; {
		case next == '\n':
		case quoted && !strings.ContainsRune("\\\"$`", rune(next)):
			b.WriteByte('\\')
			b.WriteByte(next)
		default:
			b.WriteByte(next)
		}
	}
	return b.String()
}
