// Package strictjson checks JSON that people and other programs send, before anything decodes it: RFC 8259 grammar, valid UTF-8,
// no name twice in an object, bounded size, depth, count of values and length of numbers, and no text that PostgreSQL's jsonb
// refuses (U+0000, half a surrogate pair).
//
// It is pure and imports fault alone. encoding/json accepts most of what is refused here, and answers without a place.
package strictjson

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Limits bound a text; zero values mean the defaults.
type Limits struct {
	Bytes  int // default 1 MiB
	Depth  int // nested arrays and objects, default 64
	Values int // all values and names together, default 200,000
	Number int // characters of a number, default 64
}

// The codes of issues.
const (
	CodeSyntax    = "json.syntax"
	CodeTrailing  = "json.trailing"
	CodeDuplicate = "json.duplicate_name"
	CodeUTF8      = "json.utf8"
	CodeText      = "json.text"
	CodeNumber    = "json.number"
	CodeDepth     = "json.depth"
	CodeSize      = "json.size"
)

// Check returns what is wrong first, nil when nothing is. The issue's path is the JSON pointer of the value it is about.
func Check(raw []byte, limits Limits) *fault.Issue {
	setDefault(&limits.Bytes, 1<<20)
	setDefault(&limits.Depth, 64)
	setDefault(&limits.Values, 200_000)
	setDefault(&limits.Number, 64)
	s := &scanner{raw: raw, limits: limits}
	if len(raw) > limits.Bytes {
		return s.issue(CodeSize, "the text is larger than "+strconv.Itoa(limits.Bytes)+" bytes")
	}
	s.space()
	if issue := s.value(0); issue != nil {
		return issue
	}
	s.space()
	if s.at < len(raw) {
		s.path = nil
		return s.issue(CodeTrailing, "something follows the end of the JSON value")
	}
	return nil
}

func setDefault(limit *int, value int) {
	if *limit <= 0 {
		*limit = value
	}
}

// Pointer joins names and indexes to a JSON pointer (RFC 6901).
func Pointer(parts ...string) string {
	var built strings.Builder
	for _, part := range parts {
		built.WriteByte('/')
		built.WriteString(escape.Replace(part))
	}
	return built.String()
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

type scanner struct {
	raw    []byte
	at     int
	limits Limits
	values int
	path   []string
}

func (s *scanner) issue(code, message string) *fault.Issue {
	return &fault.Issue{Code: code, Path: Pointer(s.path...), Message: message, Params: map[string]any{"offset": s.at}}
}

func (s *scanner) unexpected() *fault.Issue {
	if s.at >= len(s.raw) {
		return s.issue(CodeSyntax, "the JSON text ends too early")
	}
	return s.issue(CodeSyntax, "this is not JSON: unexpected "+strconv.QuoteToASCII(string(s.raw[s.at:s.at+1])))
}

func (s *scanner) space() {
	for s.at < len(s.raw) {
		switch s.raw[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) count() *fault.Issue {
	s.values++
	if s.values > s.limits.Values {
		return s.issue(CodeSize, "the text holds more than "+strconv.Itoa(s.limits.Values)+" values")
	}
	return nil
}

func (s *scanner) value(depth int) *fault.Issue {
	if issue := s.count(); issue != nil {
		return issue
	}
	if s.at >= len(s.raw) {
		return s.unexpected()
	}
	switch c := s.raw[s.at]; {
	case c == '{' || c == '[':
		if depth >= s.limits.Depth {
			return s.issue(CodeDepth, "it nests deeper than "+strconv.Itoa(s.limits.Depth)+" levels")
		}
		if c == '{' {
			return s.object(depth)
		}
		return s.array(depth)
	case c == '"':
		_, issue := s.text()
		return issue
	case c == '-' || (c >= '0' && c <= '9'):
		return s.number()
	default:
		for _, word := range [...]string{"true", "false", "null"} {
			if strings.HasPrefix(string(s.raw[s.at:min(len(s.raw), s.at+5)]), word) {
				s.at += len(word)
				return nil
			}
		}
		return s.unexpected()
	}
}

func (s *scanner) object(depth int) *fault.Issue {
	s.at++
	names := map[string]bool{}
	for first := true; ; first = false {
		s.space()
		if first && s.take('}') {
			return nil
		}
		if s.at >= len(s.raw) || s.raw[s.at] != '"' {
			return s.unexpected()
		}
		if issue := s.count(); issue != nil {
			return issue
		}
		name, issue := s.text()
		if issue != nil {
			return issue
		}
		s.path = append(s.path, name)
		if names[name] {
			return s.issue(CodeDuplicate, "the name "+strconv.Quote(name)+" is in its object twice")
		}
		names[name] = true
		s.space()
		if !s.take(':') {
			return s.unexpected()
		}
		s.space()
		if issue := s.value(depth + 1); issue != nil {
			return issue
		}
		s.path = s.path[:len(s.path)-1]
		s.space()
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.unexpected()
		}
	}
}

func (s *scanner) array(depth int) *fault.Issue {
	s.at++
	for i := 0; ; i++ {
		s.space()
		if i == 0 && s.take(']') {
			return nil
		}
		s.path = append(s.path, strconv.Itoa(i))
		if issue := s.value(depth + 1); issue != nil {
			return issue
		}
		s.path = s.path[:len(s.path)-1]
		s.space()
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.unexpected()
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.raw) && s.raw[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	from := s.at
	for s.at < len(s.raw) && s.raw[s.at] >= '0' && s.raw[s.at] <= '9' {
		s.at++
	}
	return s.at > from
}

// number refuses exponents that make exact arithmetic take unbounded memory.
func (s *scanner) number() *fault.Issue {
	from := s.at
	s.take('-')
	if !s.take('0') && !s.digits() {
		return s.unexpected()
	}
	if s.take('.') && !s.digits() {
		return s.unexpected()
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		exponent := s.at
		if !s.digits() {
			return s.unexpected()
		}
		if n, err := strconv.Atoi(string(s.raw[exponent:s.at])); err != nil || n > 330 {
			return s.issue(CodeNumber, "the number's exponent is larger than 330")
		}
	}
	if s.at-from > s.limits.Number {
		return s.issue(CodeNumber, "the number is longer than "+strconv.Itoa(s.limits.Number)+" characters")
	}
	return nil
}

// text reads a string and returns what it holds.
func (s *scanner) text() (string, *fault.Issue) {
	s.at++
	var built strings.Builder
	for s.at < len(s.raw) {
		c := s.raw[s.at]
		switch {
		case c == '"':
			s.at++
			return built.String(), nil
		case c == '\\':
			if issue := s.escaped(&built); issue != nil {
				return "", issue
			}
		case c < 0x20:
			return "", s.issue(CodeSyntax, "a text holds a control character that is not escaped")
		case c < utf8.RuneSelf:
			built.WriteByte(c)
			s.at++
		default:
			r, size := utf8.DecodeRune(s.raw[s.at:])
			if r == utf8.RuneError && size <= 1 {
				return "", s.issue(CodeUTF8, "a text is not valid UTF-8")
			}
			built.WriteRune(r)
			s.at += size
		}
	}
	return "", s.unexpected()
}

var simpleEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escaped(built *strings.Builder) *fault.Issue {
	s.at++
	if s.at >= len(s.raw) {
		return s.unexpected()
	}
	if plain, ok := simpleEscapes[s.raw[s.at]]; ok {
		built.WriteByte(plain)
		s.at++
		return nil
	}
	if s.raw[s.at] != 'u' {
		return s.unexpected()
	}
	high, issue := s.hex()
	if issue != nil {
		return issue
	}
	switch {
	case high == 0:
		return s.issue(CodeText, "a text holds the character U+0000, which can't be stored")
	case high >= 0xdc00 && high <= 0xdfff:
		return s.issue(CodeText, "a text holds half a surrogate pair")
	case high >= 0xd800 && high <= 0xdbff:
		if s.at+1 >= len(s.raw) || s.raw[s.at] != '\\' || s.raw[s.at+1] != 'u' {
			return s.issue(CodeText, "a text holds half a surrogate pair")
		}
		s.at++
		low, issue := s.hex()
		if issue != nil {
			return issue
		}
		if low < 0xdc00 || low > 0xdfff {
			return s.issue(CodeText, "a text holds half a surrogate pair")
		}
		built.WriteRune((high-0xd800)<<10 + (low - 0xdc00) + 0x10000)
	default:
		built.WriteRune(high)
	}
	return nil
}

// hex reads u and four hexadecimal digits.
func (s *scanner) hex() (rune, *fault.Issue) {
	s.at++
	if s.at+4 > len(s.raw) {
		s.at = len(s.raw)
		return 0, s.unexpected()
	}
	value, err := strconv.ParseUint(string(s.raw[s.at:s.at+4]), 16, 32)
	if err != nil {
		return 0, s.unexpected()
	}
	s.at += 4
	return rune(value), nil
}
