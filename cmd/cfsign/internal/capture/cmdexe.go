// SPDX-License-Identifier: Apache-2.0

package capture

import "strings"

// parseCmdExe reads a command like cmd.exe and then the C library of Windows, for
// "Copy as cURL (cmd)".
func parseCmdExe(text string) (commandLine, error) {
	line, c, ok := uncaret(text)
	if !ok {
		return commandLine{}, errQuote
	}
	c.words = splitArguments(line)
	if len(c.words) == 0 {
		return commandLine{}, errShell
	}
	return c, nil
}

// uncaret resolves the carets of cmd.exe outside quotes, and stops at the end of the
// command.
func uncaret(text string) (line string, c commandLine, ok bool) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch character := text[i]; {
		case character == '"':
			quoted = !quoted
			b.WriteByte(character)
		case character == '\n':
			c.broken = strings.HasPrefix(strings.TrimLeft(text[i:], white), "-")
			return b.String(), c, !quoted
		case quoted:
			b.WriteByte(character)
		case character == '^':
			// A caret at the end of a line joins the next line, and escapes its first
			// character.
			if i++; i < len(text) && text[i] == '\n' {
				i++
			}
			if i < len(text) {
				b.WriteByte(text[i])
			}
		case character == '&' || character == '|':
			c.cut = character == '&' && i+1 < len(text) && !strings.ContainsRune(white+"&", rune(text[i+1]))
			return b.String(), c, true
		default:
			b.WriteByte(character)
		}
	}
	return b.String(), c, !quoted
}

// splitArguments splits a command line into arguments.
func splitArguments(line string) []word {
	var words []word
	var b strings.Builder
	inWord, quoted := false, false
	for i := 0; i < len(line); i++ {
		character := line[i]
		if !quoted && strings.IndexByte(white, character) >= 0 {
			if inWord {
				words = append(words, word{text: b.String()})
			}
			b.Reset()
			inWord = false
			continue
		}
		inWord = true
		switch {
		case character == '\\':
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], `\`))
			i += n - 1
			if i+1 == len(line) || line[i+1] != '"' {
				b.WriteString(strings.Repeat(`\`, n))
				break
			}
			// Before a quotation mark, two backslashes stand for one.
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				i++
				b.WriteByte('"')
			}
		case character == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			i++
			b.WriteByte('"')
		case character == '"':
			quoted = !quoted
		default:
			b.WriteByte(character)
		}
	}
	if inWord {
		words = append(words, word{text: b.String()})
	}
	return words
}
