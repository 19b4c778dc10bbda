package wire

// maxDepth is how deep values are looked into; encoding/json reads deeper ones.
const maxDepth = 200

// skip returns where the JSON value that begins at data[at] ends; false when there is none, or one that is left to
// encoding/json.
func skip(data []byte, at, depth int) (end int, ok bool) {
	if at >= len(data) || depth > maxDepth {
		return at, false
	}
	switch c := data[at]; {
	case c == '{':
		return skipObject(data, at+1, depth+1)
	case c == '[':
		return skipArray(data, at+1, depth+1)
	case c == '"':
		return skipString(data, at+1)
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(data, at)
	case c == 't':
		return skipWord(data, at, "true")
	case c == 'f':
		return skipWord(data, at, "false")
	case c == 'n':
		return skipWord(data, at, "null")
	}
	return at, false
}

func skipSpace(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r' || data[at] == '\n') {
		at++
	}
	return at
}

// skipObject goes on behind the opening brace.
func skipObject(data []byte, at, depth int) (int, bool) {
	if at = skipSpace(data, at); at < len(data) && data[at] == '}' {
		return at + 1, true
	}
	for {
		if at = skipSpace(data, at); at >= len(data) || data[at] != '"' {
			return at, false
		}
		var ok bool
		if at, ok = skipString(data, at+1); !ok {
			return at, false
		}
		if at = skipSpace(data, at); at >= len(data) || data[at] != ':' {
			return at, false
		}
		if at, ok = skip(data, skipSpace(data, at+1), depth); !ok {
			return at, false
		}
		switch at = skipSpace(data, at); {
		case at >= len(data):
			return at, false
		case data[at] == '}':
			return at + 1, true
		case data[at] != ',':
			return at, false
		}
		at++
	}
}

// skipArray goes on behind the opening bracket.
func skipArray(data []byte, at, depth int) (int, bool) {
	if at = skipSpace(data, at); at < len(data) && data[at] == ']' {
		return at + 1, true
	}
	for {
		var ok bool
		if at, ok = skip(data, skipSpace(data, at), depth); !ok {
			return at, false
		}
		switch at = skipSpace(data, at); {
		case at >= len(data):
			return at, false
		case data[at] == ']':
			return at + 1, true
		case data[at] != ',':
			return at, false
		}
		at++
	}
}

// skipString goes on behind the opening quote.
func skipString(data []byte, at int) (int, bool) {
	for at < len(data) {
		switch c := data[at]; {
		case c == '"':
			return at + 1, true
		case c < ' ':
			return at, false
		case c == '\\':
			if at++; at >= len(data) {
				return at, false
			}
			switch data[at] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if at+4 >= len(data) {
					return at, false
				}
				for _, h := range data[at+1 : at+5] {
					if !isHex(h) {
						return at, false
					}
				}
				at += 4
			default:
				return at, false
			}
		}
		at++
	}
	return at, false
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func skipDigits(data []byte, at int) int {
	for at < len(data) && data[at] >= '0' && data[at] <= '9' {
		at++
	}
	return at
}

func skipNumber(data []byte, at int) (int, bool) {
	if data[at] == '-' {
		at++
	}
	whole := at
	at = skipDigits(data, at)
	if at == whole || data[whole] == '0' && at > whole+1 {
		return at, false
	}
	if at < len(data) && data[at] == '.' {
		fraction := at + 1
		if at = skipDigits(data, fraction); at == fraction {
			return at, false
		}
	}
	if at < len(data) && (data[at] == 'e' || data[at] == 'E') {
		if at++; at < len(data) && (data[at] == '+' || data[at] == '-') {
			at++
		}
		exponent := at
		if at = skipDigits(data, at); at == exponent {
			return at, false
		}
	}
	return at, true
}

func skipWord(data []byte, at int, word string) (int, bool) {
	if end := at + len(word); end <= len(data) && string(data[at:end]) == word {
		return end, true
	}
	return at, false
}
