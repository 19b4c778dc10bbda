package cli

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A table is written here and not with text/tabwriter: that counts colours as text and cannot cut a line to a terminal.

type cell struct {
	text string
	tone string // SGR parameters; empty: none
}

type table struct {
	head []string
	rows [][]cell
}

func plain(text string) cell { return cell{text: text} }

// add adds a row. A cell is one line of what can be printed; an empty one is a dash, so that columns can be counted.
func (t *table) add(row ...cell) {
	for i := range row {
		row[i].text = strings.TrimSpace(printable(row[i].text))
		if row[i].text == "" {
			row[i].text = "-"
		}
	}
	t.rows = append(t.rows, row)
}

const gap = 2

// write aligns the columns. On a terminal a line that is too long is cut: wrapped lines cannot be read as a table.
func (t *table) write(s *session) error {
	widths := make([]int, len(t.head))
	head := make([]cell, len(t.head))
	for i, name := range t.head {
		head[i] = plain(name)
	}
	lines := append([][]cell{head}, t.rows...)
	for _, line := range lines {
		for i, c := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	out := bufio.NewWriter(s.Out)
	for _, line := range lines {
		left := s.Width
		for i, c := range line {
			text, pad := c.text, 0
			if i < len(line)-1 {
				pad = widths[i] - utf8.RuneCountInString(text) + gap
			}
			if s.Width > 0 {
				text = cut(text, left)
				left -= utf8.RuneCountInString(text)
				pad = min(pad, left)
				left -= pad
			}
			if s.Colour && c.tone != "" && text != "" {
				text = "\x1b[" + c.tone + "m" + text + "\x1b[0m"
			}
			_, _ = out.WriteString(text + strings.Repeat(" ", pad))
		}
		_ = out.WriteByte('\n')
	}
	return out.Flush() // reports what the writes before it met
}

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	if most < 1 {
		return ""
	}
	return string([]rune(text)[:most-1]) + "…"
}

// printable makes one line of a text that workers and strangers wrote: no line breaks, no control sequences.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// tones tells the states apart that need a look.
var tones = map[string]string{
	"completed": "32", "running": "36", "queued": "36",
	"incident": "31", "failed": "31",
	"retrying": "33", "suspended": "33", "cancelling": "33",
}

func state(name string) cell { return cell{text: name, tone: tones[name]} }
